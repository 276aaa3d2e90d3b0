#!/bin/sh
# Runs the commands of a transcript, see commands.sh, and compares what they print with what stands below each. Of a
# Markdown file the blocks "```console" are one transcript. Times do not count.
#
#   transcript.sh [--rewrite] FOLDER_OF_THE_PROGRAM FILE        (rewrites a file of its own, not a Markdown file)
set -eu
. "$(dirname "$0")/commands.sh"
rewrite=no
if [ "$1" = --rewrite ]; then
    rewrite=yes
    shift
fi
PATH=$(cd "$1" && pwd):$PATH
file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/folder"

case $file in
*.md) awk '/^```console$/ { on = 1; next } /^```$/ { on = 0 } on' "$file" >"$work/given" ;;
*) cp "$file" "$work/given" ;;
esac
without_times "$work/given" >"$work/expected"

cd "$work/folder"
run_commands "$work/expected" "$work/run" >"$work/actual"
if [ "$rewrite" = yes ]; then
    cp "$work/actual" "$file"
else
    diff -u "$work/expected" "$work/actual"
fi
