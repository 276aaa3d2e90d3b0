#!/bin/sh
# Runs the example that logs itself, and checks its log: it is linearizable, and with stops made descriptions it is not.
#
#   call_log.sh PROGRAM FOLDER_OF_TJOB
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
PATH=$(cd "$2" && pwd):$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# check LOG EXIT_CODE SUMMARY
check() {
    code=0
    tjob history check "$1" --no-explain >verdicts 2>&1 || code=$?
    if [ $code -ne "$2" ] || ! grep -qx "$3" verdicts; then
        cat verdicts
        echo "$1: exit code $code, expected $2 and: $3" >&2
        exit 1
    fi
}

"$program" log
[ "$(grep -c '"event":' log)" -eq "$(grep -c '"status":' log)" ]
lost=$(grep -c '"changed":"unknown"' log)
[ "$lost" -gt 0 ] # answers of the store were lost, and the operations found out
check log 0 '4000 calls of 3 jobs: 3 linearizable, 0 not linearizable, 0 inconclusive, 0 malformed'
sed 's/"event":"stop"/"event":"describe"/' log >falsified
check falsified 1 '4000 calls of 3 jobs: 0 linearizable, 3 not linearizable, 0 inconclusive, 0 malformed'

# A log that cannot be written is an error of the program.
if "$program" "$work/no/log"; then
    exit 1
fi
