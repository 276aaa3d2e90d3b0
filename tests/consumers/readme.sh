#!/bin/sh
# Does what the README tells a stranger to do, to the letter.
#
#   readme.sh install SOURCE WORK    "In a program of your own", the first block of commands, in a copy of the checkout
#                                    WORK/checkout
#   readme.sh use SOURCE WORK        the others, in a folder with the README's own flowers.c and CMakeLists.txt
#   readme.sh demo SOURCE WORK       "Two commands", the first, but for the packages, in that copy; of the second, which is
#                                    what runs these tests, that it is what .ci/run does on a fresh machine
#
# The home folder is WORK/home.
set -eu
source=$2
work=$3
block=$3/$1.block # of its own, for others run at the same time
output=$3/$1.output
mkdir -p "$work/home"
export HOME="$work/home"

# block LANGUAGE N [SECTION]: the N-th block of a language in a section, that on programs if none is named.
block() {
    awk -v language="$1" -v wanted="$2" -v title="${3-In a program of your own}" '
        /^## / { section = ($0 == "## " title) }
        /^```$/ { on = 0 }
        on { print }
        section && $0 == "```" language { on = (++count == wanted) }' "$source/README.md" >"$block"
    if ! [ -s "$block" ]; then
        echo "README.md: no block $2 of $1" >&2
        exit 1
    fi
    cat "$block"
}

# said PATTERN: the one part of the README that a pattern of sed marks.
said() {
    sed -n "s/.*$1.*/\\1/p" "$source/README.md" | grep .
}

# stopped OUTPUT: its last line is what the README says that it is.
stopped() {
    said=$(said 'it prints `\(.*\)`')
    [ "$(tail -1 "$1")" = "$said" ] || { echo "README.md says: $said" >&2; exit 1; }
}

run() {
    printf '%s\n' "$1"
    eval "$1"
}

case $1 in
install)
    mkdir -p "$work/checkout"
    cd "$work/checkout"
    # Files keep their times, so that what was built before is built again only where it changed.
    rm -rf CMakeLists.txt CMakePresets.json LICENSE CHANGELOG.md README.md include src docs
    for part in CMakeLists.txt CMakePresets.json LICENSE CHANGELOG.md README.md include src docs; do
        cp -Rp "$source/$part" .
    done
    rm -rf "$HOME/.local"
    run "$(block sh 1)"
    ;;
use)
    rm -rf "$work/flowers"
    mkdir -p "$work/flowers"
    cd "$work/flowers"
    block c 1 >flowers.c
    block cmake 1 >CMakeLists.txt
    run "$(block sh 2)" | tee "$output"
    stopped "$output"
    run "$(block sh 3)" | tee "$output"
    stopped "$output"
    ;;
demo)
    cd "$work/checkout"
    demo=$(block sh 1 "Two commands")
    run "cmake${demo##*&& cmake}" | tee "$output"
    grep -qx '10\. .*' "$output" && ! grep -qx '11\. .*' "$output"
    [ -x "$(said 'the program is `\([^`]*\)`')" ]
    second=$(block sh 2 "Two commands")
    grep -qx "cmake${second##*&& cmake}" "$source/.ci/run"
    ;;
esac
