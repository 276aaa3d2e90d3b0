#!/bin/bash
# postgresql_server.sh COMMAND ARGUMENT...: runs a command beside a PostgreSQL server of its own, and removes the server
# afterwards. Exits with 77 where PostgreSQL is missing. The command finds in its environment:
#
#   TJOB_PG_DIR   the folder with the sockets and logs
#   TJOB_PG_PORT  the port of the primary, on 127.0.0.1 and as a socket in TJOB_PG_DIR
#   TJOB_PG_CTL   this script as a control of its servers:
#                    $TJOB_PG_CTL start|stop|immediate|kill NODE    NODE is primary or standby; kill is -9 of all of it
#                    $TJOB_PG_CTL kill_postmaster NODE              kill -9 of the postmaster alone
#                    $TJOB_PG_CTL standby PORT                      makes and starts a synchronous standby
#                    $TJOB_PG_CTL async PORT                        makes and starts an asynchronous one
#                    $TJOB_PG_CTL promote                           the standby becomes a primary of its own
#                    $TJOB_PG_CTL pgbouncer PORT                    starts one in transaction mode
#                    $TJOB_PG_CTL small_disk                        mounts $TJOB_PG_DIR/small/t, of 1 MiB, if it may
#                    $TJOB_PG_CTL pause|continue NODE               SIGSTOP and SIGCONT to all of it
#                    $TJOB_PG_CTL free_port                         prints a port that nobody uses
set -u
if [ -z "${TJOB_PG_BIN:-}" ]; then
    TJOB_PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
    if ! [ -x "${TJOB_PG_BIN:-}/initdb" ]; then
        TJOB_PG_BIN=$(dirname "$(command -v initdb)" 2>/dev/null)
    fi
    if ! [ -x "${TJOB_PG_BIN:-}/initdb" ] || [ "$("$TJOB_PG_BIN/postgres" --version | grep -oE '[0-9]+' | head -1)" -lt 15 ]; then
        echo "skipped: there is no PostgreSQL 15 or later here"
        exit 77
    fi
    export TJOB_PG_BIN
fi

# A server refuses to run as root.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups --no-new-privs "$@"
    else
        "$@"
    fi
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if ! (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; then
            echo $port
            return
        fi
    done
}

pg_ctl() { # NODE ARGUMENT...
    local node=$1
    shift
    as_user "$TJOB_PG_BIN/pg_ctl" -D "$TJOB_PG_DIR/$node" -s -w -t 30 -l "$TJOB_PG_DIR/$node.log" "$@" < /dev/null
}

# The WAL writer sleeps so long that it does not come to the aid of a crash, and from the beginning: after fifty idle rounds, ten
# seconds by default, an asynchronous commit would wake it.
configure() { # NODE PORT
    cat >> "$TJOB_PG_DIR/$1/postgresql.conf" << EOF
port = $2
listen_addresses = '127.0.0.1'
unix_socket_directories = '$TJOB_PG_DIR'
max_connections = 60
shared_buffers = 16MB
dynamic_shared_memory_type = mmap
min_wal_size = 32MB
max_wal_size = 128MB
log_min_messages = log
wal_writer_delay = 10s
cluster_name = '$1'
EOF
}

port_of() { # NODE: the last one counts
    sed -n 's/^port = //p' "$TJOB_PG_DIR/$1/postgresql.conf" | tail -1
}

# Also those that started while the others were listed or killed: each works in the folder of its node. If one of them lived on beside
# a server that starts there, both would write the same files.
processes() { # NODE: the postmaster first
    local postmaster
    postmaster=$(head -1 "$TJOB_PG_DIR/$1/postmaster.pid" 2>/dev/null)
    echo $postmaster $(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$(readlink -f "$TJOB_PG_DIR/$1")" 2>/dev/null | cut -d/ -f3 |
                       grep -vx "$postmaster")
}

bury() { # NODE [SIGNAL]: waits until all its processes have ended; those that are left get the signal
    local left
    rm -f "$TJOB_PG_DIR/$1/postmaster.pid"
    while left=$(processes "$1") && [ -n "$left" ]; do
        [ -z "${2:-}" ] || kill -"$2" $left 2>/dev/null
        sleep 0.02
    done
    rm -f "$TJOB_PG_DIR"/.s.PGSQL."$(port_of "$1")"*
}

# All are halted before any of them is killed. Otherwise a backend that notices the death of the postmaster ends its wait for the
# standby, and others see a commit that the standby does not have, which a failover takes back: no crash of a machine does that.
kill_all() { # SIGNAL NODE: the whole tree at once, as a crash of the machine does but for what the kernel has already
    local pids
    pids=$(processes "$2")
    [ -n "$pids" ] || return 0
    [ "$1" != KILL ] || kill -STOP $pids 2>/dev/null
    kill -"$1" $pids 2>/dev/null
    [ "$1" = KILL ] && bury "$2" KILL
    return 0
}

kill_postmaster() { # NODE: the backends go on until they notice
    kill -KILL "$(head -1 "$TJOB_PG_DIR/$1/postmaster.pid")"
    bury "$1"
}

make_standby() { # PORT NAME: NAME is what the primary waits for, or "" if it waits for none
    as_user "$TJOB_PG_BIN/pg_basebackup" -h "$TJOB_PG_DIR" -p "$TJOB_PG_PORT" -U tjob -D "$TJOB_PG_DIR/standby" -R -X stream \
        -c fast --no-sync || exit 1
    printf "port = %s\ncluster_name = 'standby'\nwal_receiver_status_interval = 1s\n" "$1" >> "$TJOB_PG_DIR/standby/postgresql.conf"
    echo "primary_conninfo = 'host=$TJOB_PG_DIR port=$TJOB_PG_PORT user=tjob application_name=standby'" \
        >> "$TJOB_PG_DIR/standby/postgresql.auto.conf"
    pg_ctl standby start || exit 1
    if [ -n "$2" ]; then
        echo "synchronous_standby_names = '$2'" >> "$TJOB_PG_DIR/primary/postgresql.conf"
        pg_ctl primary reload
        for _ in $(seq 100); do
            [ "$("$TJOB_PG_BIN/psql" -h "$TJOB_PG_DIR" -p "$TJOB_PG_PORT" -U tjob -Atc \
                "SELECT sync_state FROM pg_stat_replication" postgres)" = sync ] && return
            sleep 0.1
        done
        exit 1
    fi
}

start_pgbouncer() { # PORT
    command -v pgbouncer > /dev/null || { echo "skipped: there is no pgbouncer here"; exit 77; }
    cat > "$TJOB_PG_DIR/pgbouncer.ini" << EOF
[databases]
postgres = host=$TJOB_PG_DIR port=$TJOB_PG_PORT user=tjob dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $1
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
logfile = $TJOB_PG_DIR/pgbouncer.log
pidfile = $TJOB_PG_DIR/pgbouncer.pid
EOF
    chmod a+r "$TJOB_PG_DIR/pgbouncer.ini"
    as_user pgbouncer -d -q "$TJOB_PG_DIR/pgbouncer.ini" || exit 1
    for _ in $(seq 50); do
        (exec 3<>/dev/tcp/127.0.0.1/"$1") 2>/dev/null && return
        sleep 0.1
    done
    exit 1
}

if [ -n "${TJOB_PG_DIR:-}" ]; then
    case $1 in
    start) pg_ctl "$2" start ;;
    stop) pg_ctl "$2" -m fast stop ;;
    immediate) pg_ctl "$2" -m immediate stop ;;
    kill) kill_all KILL "$2" ;;
    kill_postmaster) kill_postmaster "$2" ;;
    pause) kill_all STOP "$2" ;;
    continue) kill_all CONT "$2" ;;
    standby) make_standby "$2" standby ;;
    async) make_standby "$2" "" ;;
    promote) pg_ctl standby promote ;;
    pgbouncer) start_pgbouncer "$2" ;;
    free_port) free_port ;;
    small_disk) mkdir "$TJOB_PG_DIR/small" && mount -t tmpfs -o size=1m,mode=777 tmpfs "$TJOB_PG_DIR/small" && mkdir "$TJOB_PG_DIR/small/t" &&
        chown --reference="$TJOB_PG_DIR/primary" "$TJOB_PG_DIR/small/t" && chmod 700 "$TJOB_PG_DIR/small/t" ;;
    *) exit 2 ;;
    esac
    exit
fi

# In TJOB_PG_PARENT, else in memory where that is possible: the servers sync as always, and a killed process loses what it has not written.
TJOB_PG_DIR=$(mktemp -d "${TJOB_PG_PARENT:-/dev/shm}/tjob_pg.XXXXXX" 2>/dev/null || mktemp -d /tmp/tjob_pg.XXXXXX)
TJOB_PG_PORT=$(free_port)
TJOB_PG_CTL=$(realpath "$0")
export TJOB_PG_DIR TJOB_PG_PORT TJOB_PG_CTL
cleanup() {
    trap '' INT TERM HUP # timeout(1) sends its signal twice
    [ -n "${command:-}" ] && kill "$command" 2>/dev/null
    [ -f "$TJOB_PG_DIR/pgbouncer.pid" ] && kill "$(cat "$TJOB_PG_DIR/pgbouncer.pid")" 2>/dev/null
    for node in standby primary; do
        kill_all CONT $node
        [ -f "$TJOB_PG_DIR/$node/postmaster.pid" ] && pg_ctl $node -m immediate stop > /dev/null 2>&1
    done
    [ -d "$TJOB_PG_DIR/small" ] && umount "$TJOB_PG_DIR/small"
    [ "${TJOB_PG_KEEP:-}" = 1 ] || rm -rf "$TJOB_PG_DIR"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP
chmod 755 "$TJOB_PG_DIR"
[ "$(id -u)" -eq 0 ] && chown nobody "$TJOB_PG_DIR"
cd "$TJOB_PG_DIR" || exit 1
as_user "$TJOB_PG_BIN/initdb" -D "$TJOB_PG_DIR/primary" -A trust -U tjob -E UTF8 --locale=C --no-sync > /dev/null || exit 1
configure primary "$TJOB_PG_PORT"
pg_ctl primary start || { cat "$TJOB_PG_DIR/primary.log"; exit 1; }
"$@" &
command=$!
wait $command
