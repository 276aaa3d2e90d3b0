#!/bin/sh
# Builds the consumer of freestanding/ in the folder $2 from the sources of $1 in the folders that follow, and runs it.
set -eu
source=$1
work=$2
shift 2
mkdir -p "$work"
cd "$source"
files=""
for folder in "$@"; do
    files="$files $folder/*.c"
done
# $files is split, and its patterns are expanded.
${CC:-cc} -std=c11 -O2 -Wall -Wextra -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector \
    -Iinclude -Isrc tests/consumers/freestanding/flowers.c $files -o "$work/flowers"
"$work/flowers"
