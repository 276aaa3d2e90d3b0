#!/bin/sh
# Loses the answer of a store, by a sync that fails once: the program tells what is known, and no change from a state to itself.
#
#   lost_answer.sh PROGRAM
#
# Exit code 0 if it is so, 1 if not, 77 if the system does not let anybody make a sync fail.
set -eu
program=$1
arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

skip() {
    echo "skipped: $1"
    exit 77
}
command -v strace >/dev/null || skip "there is no strace"
strace -o trace -e inject=pwritev2:error=EIO:when=1 true 2>/dev/null || skip "the system does not permit ptrace"
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

# lose COMMAND...: what it prints if its first sync fails
lose() {
    strace -f -o trace -e inject=pwritev2:error=EIO:when=1 "$program" "$@"
}
"$program" store create jobs --capacity 10 >/dev/null
"$program" submit --store jobs $arn --token 1 >/dev/null
{
    lose start --store jobs $arn --trainer-token 7
    lose stop --store jobs $arn --json | sed 's/,"job".*//'
    lose report --store jobs $arn halted --trainer-token 7
} >reported
cat >expected <<END
$arn: TRAINING, by this request or an earlier one: an answer of the store was lost
{"arn":"$arn","changed":"unknown","after":"STOP_REQUESTED"
$arn: STOPPED, by this request or an earlier one: an answer of the store was lost
END
diff -u expected reported
