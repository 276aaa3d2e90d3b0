#!/bin/bash
# postgresql_server.sh postgresql_program.sh PROGRAM: program.sh on a database of that server.
set -u
bash "$(dirname "$0")/program.sh" "$1" "postgresql://tjob@127.0.0.1:$TJOB_PG_PORT/postgres" || exit 1
"$1" store renew "postgresql://tjob@127.0.0.1:$TJOB_PG_PORT/postgres" 2>&1 | grep -q 'not for PostgreSQL: docs/postgresql.md has the statements'
