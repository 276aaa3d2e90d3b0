#!/bin/bash
# postgresql_mistake.sh PROGRAM TJOB NAME right|wrong: runs one course, and expects nothing wrong, or something, in its log.
set -u
log=$TJOB_PG_DIR/calls.jsonl
"$1" "$3" "$4" "$log" || exit 1
"$2" history check "$log"
code=$?
if [ "$4" = wrong ]; then
    [ $code -eq 1 ]
else
    [ $code -eq 0 ]
fi
