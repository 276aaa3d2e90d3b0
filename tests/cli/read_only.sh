#!/bin/sh
# Lets somebody who may only read a store read it: list, check, stat and a dry run of expire say what they say to its owner,
# and a change is refused.
#
#   read_only.sh PROGRAM
#
# Exit code 77 if nobody can be found who may not write.
set -eu
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a
"$program" store create "$work/jobs" --capacity 10 >/dev/null
"$program" submit --store "$work/jobs" $arn >/dev/null
chmod 444 "$work/jobs"
reader=""
if [ "$(id -u)" = 0 ]; then
    reader="setpriv --reuid 65534 --clear-groups"
    $reader "$program" --version >/dev/null 2>&1 || { echo "skipped: nobody else can be asked"; exit 77; }
fi
failed=0
for command in "list --store" "store check" "store stat"; do
    "$program" $command "$work/jobs" >"$work/owner"
    $reader "$program" $command "$work/jobs" >"$work/reader" || failed=1
    diff "$work/owner" "$work/reader" || failed=1
done
$reader "$program" expire --store "$work/jobs" --stop-timeout-ms 1 --dry-run >"$work/told" || failed=1
grep -q '^0 of 0 requests to stop would expire$' "$work/told" || failed=1
code=0
$reader "$program" stop --store "$work/jobs" $arn 2>"$work/told" || code=$?
[ $code = 3 ] && grep -q 'permission denied$' "$work/told" || { cat "$work/told"; failed=1; }
exit $failed
