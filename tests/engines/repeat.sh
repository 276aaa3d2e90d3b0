#!/bin/bash
# repeat.sh SECONDS COMMAND ARGUMENT...: repeats a command until the time is over, which counts from the beginning of the
# first; at once if one fails. TJOB_ENGINES_SECONDS is the time of both engines together, if it is set. The command finds
# in TJOB_REPETITION which one it is.
set -u
seconds=$1
shift
[ -n "${TJOB_ENGINES_SECONDS:-}" ] && seconds=$((TJOB_ENGINES_SECONDS / 2))
SECONDS=0
TJOB_REPETITION=0
while [ "$TJOB_REPETITION" -eq 0 ] || [ $SECONDS -lt "$seconds" ]; do
    TJOB_REPETITION=$((TJOB_REPETITION + 1))
    export TJOB_REPETITION
    "$@" || exit
done
echo "$TJOB_REPETITION repetitions in $SECONDS s"
