#!/bin/sh
# Looks each name up in the manual pages of the folder $1, by man(1), as who programs does: the names of all the files that
# are there, and those that follow $1. The page must tell of the name.
set -eu
pages=$1
shift
names=$(find "$pages/man3" -name '*.3' | sed -e 's:.*/::' -e 's:\.3$::')
status=0
for name in $names "$@"; do
    if ! MANWIDTH=1000 man -M "$pages" 3 "$name" 2>/dev/null | grep -q "\<$name\>"; then
        echo "man finds no page that tells of $name"
        status=1
    fi
done
if [ "$(echo "$names" | wc -l)" -lt 100 ]; then
    echo "these are not all of tjob's pages"
    status=1
fi
exit $status
