#!/bin/sh
# Ends simulations over a file by a signal each, and looks whether they leave anything in the folder for temporary files.
#
#   signals.sh PROGRAM FOLDER
set -eu
program=$1
folder=$2
rm -rf "$folder"
mkdir -p "$folder"
export TMPDIR="$folder"

# Ended by signal $2, of the number $3, the exit code must say so, and the folder be empty.
ended() {
    if [ "$1" -ne $((128 + $3)) ]; then
        echo "ended by SIG$2, its exit code is $1"
        exit 1
    fi
    if [ -n "$(ls "$folder")" ]; then
        echo "ended by SIG$2, it leaves $(ls "$folder")"
        exit 1
    fi
}

for signal in TERM:15 HUP:1; do
    "$program" simulate --store file --jobs 500 --seeds 1000 --threads 2 >"$folder.out" 2>&1 &
    process=$!
    while [ -z "$(ls "$folder")" ] && kill -0 "$process"; do
        sleep 0.01
    done
    sleep 0.2
    kill -s "${signal%:*}" "$process"
    code=0
    wait "$process" || code=$?
    ended "$code" "${signal%:*}" "${signal#*:}"
done

# What a shell runs in the background ignores SIGINT.
code=0
timeout --preserve-status --signal INT 1 "$program" simulate --store file --jobs 500 --seeds 1000 >"$folder.out" 2>&1 || code=$?
ended "$code" INT 2

# One whose output nobody reads.
"$program" simulate --store file --jobs 5 --minutes 60 --bug stop-answered-early --shrink --seeds 20 --format json | :
if [ -n "$(ls "$folder")" ]; then
    echo "it leaves $(ls "$folder")"
    exit 1
fi
