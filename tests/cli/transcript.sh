#!/bin/sh
# Runs the commands of a transcript, the lines that begin with "$ ", and compares what they print with what stands below
# each: standard output and standard error together, then "[exit N]" where that is not 0. Of a Markdown file the blocks
# "```console" are one transcript. Times are replaced by TIME on both sides, for they differ. What a command sets, as in
# "$ A=1", later ones find.
#
#   transcript.sh [--rewrite] FOLDER_OF_THE_PROGRAM FILE        (rewrites a file of its own, not a Markdown file)
set -eu
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

without_times() {
    sed -E -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/(_ms"|Time"):[0-9.]+/\1:TIME/g' \
        -e 's/[0-9.]+ seconds/TIME seconds/' -e 's/"seconds":[0-9.]+/"seconds":TIME/' -e 's/\r$//' "$1"
}

case $file in
*.md) awk '/^```console$/ { on = 1; next } /^```$/ { on = 0 } on' "$file" >"$work/given" ;;
*) cp "$file" "$work/given" ;;
esac
without_times "$work/given" >"$work/expected"
if ! grep -q '^\$ ' "$work/expected"; then
    echo "$file: no command" >&2
    exit 1
fi

cd "$work/folder"
grep '^\$ ' "$work/expected" >"$work/commands"
while IFS= read -r line; do
    printf '%s\n' "$line"
    code=0
    eval "${line#\$ }" >"$work/output" 2>&1 </dev/null || code=$?
    without_times "$work/output"
    [ "$code" = 0 ] || echo "[exit $code]"
done <"$work/commands" >"$work/actual"

if [ "$rewrite" = yes ]; then
    cp "$work/actual" "$file"
else
    diff -u "$work/expected" "$work/actual"
fi
