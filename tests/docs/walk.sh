#!/bin/sh
# Does what a page tells a reader to do, from its beginning to its end, in one shell, and begins in a checkout of tjob:
#
#   a block of sh                            is run, and each of its commands must succeed
#   a block of console                       is a transcript, as tests/cli/commands.sh describes
#   a block below "<!-- file NAME -->"       becomes the file NAME in the folder of that moment
#
#   walk.sh PAGE CHECKOUT HOME [SECTION]     HOME is made anew, and the checkout is HOME/tjob, too; of a page with a
#                                            SECTION, "## SECTION" alone counts
set -eu
. "$(cd "$(dirname "$0")/../cli" && pwd)/commands.sh"
page=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
checkout=$(cd "$2" && pwd)
section=${4-}
rm -rf "$3"
mkdir -p "$3/walk"
HOME=$(cd "$3" && pwd)
export HOME
blocks=$HOME/walk
ln -s "$checkout" "$HOME/tjob"

# Each block becomes a file, numbered, whose ending says what is to be done with it; what it is to be called, one beside it.
awk -v blocks="$blocks" -v section="$section" '
    /^## / { inside = ($0 == "## " section) }
    section != "" && !inside { next }
    /^```$/ && part != "" { close(part); part = ""; next }
    part != "" { print > part; next }
    /^<!-- file .* -->$/ { name = $3; next }
    /^```[a-z]+$/ {
        kind = name != "" ? "file" : substr($0, 4)
        number = sprintf("%s/%03d", blocks, ++count)
        part = number "." kind
        if (name != "") { print name > (number ".name") }
        name = ""
    }' "$page"

# run_line LINE: one command of a block of sh.
run_line() {
    printf '%s\n' "$1"
    eval "$1" || { echo "$page: failed, with exit code $?: $1" >&2; exit 1; }
}

cd "$checkout"
count=0
for part in "$blocks"/*; do
    case $part in
    *.file) cp "$part" "$(cat "${part%.file}.name")" ;;
    *.sh)
        command=""
        while IFS= read -r line; do
            command="$command$line"
            case $line in
            *\\) command="${command%\\} " ;;
            *) run_line "$command" </dev/null; command="" ;;
            esac
        done <"$part"
        count=$((count + 1))
        ;;
    *.console)
        without_times "$part" >"$part.expected"
        run_commands "$part.expected" "$part" >"$part.actual"
        diff -u "$part.expected" "$part.actual"
        count=$((count + 1))
        ;;
    esac
done
if [ $count = 0 ]; then
    echo "$page: nothing to do" >&2
    exit 1
fi
