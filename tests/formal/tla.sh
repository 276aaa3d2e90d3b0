#!/bin/sh
# A module of TLA+ keeps the rules of tla_rules.c, and each mistake of a list is seen.
#   tla.sh RULES MODULE MISTAKES
set -u
rules=$1 module=$2 mistakes=$3 failed=0
work=$(mktemp)
trap 'rm -f "$work"' EXIT
"$rules" tjob <"$module" || exit 1

# Each line: an expression for sed, and what is said of the result.
while IFS= read -r line; do
    edit=${line%% => *}
    expected=${line#* => }
    sed "$edit" "$module" >"$work"
    said=$("$rules" tjob <"$work")
    case $said in
    "line "*": $expected") ;;
    *) echo "FAILED: $edit: expected '$expected', not '$said'"; failed=1 ;;
    esac
done <"$mistakes"
exit $failed
