#!/bin/sh
# Compares the commands, the options and the exit codes of a manual page with those of the program's help: names,
# arguments and summaries.
#
#   manual.sh PROGRAM PAGE
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" help | awk '/^  tjob / { sub(/^ +/, ""); print; getline; sub(/^ +/, ""); print }
                 /^  --/ { sub(/^ +/, ""); match($0, /  +/);
                           option = substr($0, 1, RSTART - 1); text = substr($0, RSTART + RLENGTH);
                           print option; print text }
                 /^  [0-9]  / { print $1; sub(/^  [0-9]  /, ""); print }' >"$work/help"
awk '/^[0-9]$/ { print; getline; gsub(/\\-/, "-"); print; next }
     /^\.B (tjob [a-z\\-]|\\-)/ { sub(/^\.B /, ""); gsub(/\\-/, "-"); print; getline; gsub(/\\-/, "-"); print }' "$2" >"$work/page"
diff -u "$work/help" "$work/page"
