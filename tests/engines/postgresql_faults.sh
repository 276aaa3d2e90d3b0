#!/bin/bash
# postgresql_faults.sh PROGRAM TJOB SECONDS: runs postgresql_faults, and checks its log.
set -u
log=$TJOB_PG_DIR/calls.jsonl
"$1" "$log" "$3" || { tail -30 "$TJOB_PG_DIR"/*.log; exit 1; }
"$2" history check "$log" > "$TJOB_PG_DIR/verdicts"
code=$?
grep -v ': linearizable$' "$TJOB_PG_DIR/verdicts" | head -60
[ $code -eq 0 ] || cp "$log" /tmp/tjob_postgresql_calls.jsonl
exit $code
