#!/bin/sh
# Compiles and links with one command, that of $2 and on, into the program $1, and runs it.
set -eu
program=$1
shift
"$@" -pthread -o "$program"
"$program"
