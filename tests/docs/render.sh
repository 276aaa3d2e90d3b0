#!/bin/sh
# Sets manual pages with all warnings on, which must be none.
#
#   render.sh GROFF PAGE...
groff=$1
shift
status=0
for page in "$@"; do
    warnings=$("$groff" -man -ww -Tutf8 "$page" 2>&1 >/dev/null)
    if [ "$warnings" != "" ]; then
        printf '%s\n' "$warnings"
        status=1
    fi
done
exit $status
