#!/bin/sh
# Subject    PostgreSQL 15.20 (Debian 15.20-0+deb12u1), synchronous replication
# Guess      client_min_messages is about chatter. What a client must know of its statement does not depend on it.
# Behaviour  When the wait for a synchronous standby is cancelled, the statement succeeds, and only a warning says that the
#            commit is on no standby. With client_min_messages = error, which a role or a database may have as its default,
#            the warning is not sent: the commit looks like any other.
# Seen       default: "WARNING:  canceling wait for synchronous replication due to user request", "INSERT 0 1"; with
#            client_min_messages = error: "INSERT 0 1" alone.
# So         A client that relies on standbys sets client_min_messages itself in the statements whose success counts.
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

# insert LEVEL: an insert that waits for a standby, and whose wait is cancelled by another session. Prints what it is told.
insert() {
    sql -c "SET client_min_messages = $1" -c "INSERT INTO t VALUES (1)" >"out_$1" 2>&1 &
    client=$!
    until [ -n "$(sql -Atc "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")" ]; do sleep 0.1; done
    sql -Atqc "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'" >/dev/null
    wait $client
    echo "client_min_messages = $1: $(grep -v '^SET$' "out_$1" | tr '\n' ' ')"
}
insert notice
insert error
grep -q '^WARNING: .*synchronous replication' out_notice && grep -q '^INSERT 0 1$' out_notice &&
    ! grep -q WARNING out_error && grep -q '^INSERT 0 1$' out_error
