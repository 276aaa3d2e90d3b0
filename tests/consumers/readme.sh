#!/bin/sh
# Does what the README tells a stranger to do, to the letter, under "In a program of your own".
#
#   readme.sh install SOURCE WORK    the first block of commands, in a copy of the checkout WORK/checkout
#   readme.sh use SOURCE WORK        the others, in a folder with the README's own flowers.c and CMakeLists.txt
#
# The home folder is WORK/home.
set -eu
source=$2
work=$3
mkdir -p "$work/home"
export HOME="$work/home"

# block LANGUAGE N: the N-th block of a language in that section.
block() {
    awk -v language="$1" -v wanted="$2" '
        /^## / { section = ($0 == "## In a program of your own") }
        /^```$/ { on = 0 }
        on { print }
        section && $0 == "```" language { on = (++count == wanted) }' "$source/README.md" >"$work/block"
    if ! [ -s "$work/block" ]; then
        echo "README.md: no block $2 of $1" >&2
        exit 1
    fi
    cat "$work/block"
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
    run "$(block sh 2)" | tee "$work/output"
    tail -1 "$work/output" | grep -Eqx 'tjob [0-9.]+: STOPPED'
    run "$(block sh 3)" | tee "$work/output"
    tail -1 "$work/output" | grep -Eqx 'tjob [0-9.]+: STOPPED'
    ;;
esac
