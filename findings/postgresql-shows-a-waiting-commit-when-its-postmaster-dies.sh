#!/bin/sh
# Subject    PostgreSQL 15.20 (Debian 15.20-0+deb12u1), synchronous replication
# Guess      A commit that waits for its synchronous standby is seen by nobody. If the server crashes meanwhile, all of its sessions
#            end, and so nobody sees it before the server has started again.
# Behaviour  When the postmaster alone is killed, the session that waits notices that, ends its wait, and makes its commit visible
#            before it exits. A session that is busy at that moment lives on, and sees a commit that no standby has. So does any
#            other session in the moment between the death of the postmaster and its own.
# Seen       one session inserts and waits, another counts rows for three seconds; then kill -9 of the postmaster: "before the
#            postmaster died: 0 rows; then: psql:count.sql:12: NOTICE:  1 row after 3.0 s".
# So         What was read before a failover may be gone after it, though every commit was to wait for the standby, also if nobody
#            cancelled or terminated a session. A test of a crash halts all processes before it kills any.
#
# Exit code 0: seen again. 1: otherwise. 77: the packages are not to be had, or nobody else can run the server for root.
set -eu
work=$(mktemp -d)
stop() { as_user "$bin/pg_ctl" -D "$work/data" -m immediate -s stop >/dev/null 2>&1 || true; rm -rf "$work"; }
as_user() {
    if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"; else "$@"; fi
}
cd "$work"
for package in postgresql-15 postgresql-client-15 libpq5; do
    apt-get download -qq $package=15.20-0+deb12u1 >/dev/null 2>&1 || { echo "skipped: no $package 15.20-0+deb12u1"; exit 77; }
done
for package in *.deb; do dpkg -x "$package" root; done
bin=$work/root/usr/lib/postgresql/15/bin
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libpq.so.5' | head -1)")
export LD_LIBRARY_PATH
trap stop EXIT
chmod 755 "$work"
mkdir data
[ "$(id -u)" -ne 0 ] || chown nobody data
as_user "$bin/initdb" -D "$work/data" -U tester -A trust >/dev/null
cat >>data/postgresql.conf <<END
listen_addresses = ''
unix_socket_directories = '$work/data'
synchronous_standby_names = 'nobody'
END
as_user "$bin/pg_ctl" -D "$work/data" -w -s -l "$work/data/log" start
sql() { as_user env PGHOST="$work/data" PGUSER=tester PGDATABASE=postgres "$bin/psql" -X "$@"; }
sql -q -c "SET synchronous_commit = local; CREATE TABLE t (a int)"

sql -c "INSERT INTO t VALUES (1)" >insert 2>&1 &
until [ -n "$(sql -Atc "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")" ]; do sleep 0.1; done
cat >count.sql <<'END'
DO $$
DECLARE
    begun timestamptz := clock_timestamp();
BEGIN
    LOOP
        IF (SELECT count(*) FROM t) <> 0 THEN
            RAISE NOTICE '1 row after % s', round(extract(epoch FROM clock_timestamp() - begun), 1);
            EXIT;
        END IF;
        EXIT WHEN clock_timestamp() > begun + interval '20 s';
    END LOOP;
END $$
END
sql -f count.sql >counted 2>&1 &
counter=$!
sleep 3
before=$(grep -c 'NOTICE' counted || true)
kill -KILL "$(head -1 data/postmaster.pid)"
wait $counter || true
echo "before the postmaster died: $before rows; then: $(grep NOTICE counted || echo nothing)"
[ "$before" = 0 ] && grep -q 'NOTICE:  1 row after' counted
