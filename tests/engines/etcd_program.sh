#!/bin/bash
# etcd_program.sh PROGRAM: program.sh beside an etcd of its own. Exits with 77 where etcd is missing.
set -u
if ! command -v etcd >/dev/null; then
    echo "skipped: there is no etcd here"
    exit 77
fi
folder=$(mktemp -d)
port=$((20000 + RANDOM % 12000))
ETCD_UNSUPPORTED_ARCH=$(uname -m) etcd --data-dir "$folder/data" --listen-client-urls http://127.0.0.1:$port \
    --advertise-client-urls http://127.0.0.1:$port --listen-peer-urls http://127.0.0.1:$((port + 1)) >"$folder/log" 2>&1 &
etcd=$!
trap 'kill -9 $etcd; wait $etcd 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
    (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null && break
    sleep 0.1
done
url=etcd://127.0.0.1:$port/jobs
bash "$(dirname "$0")/program.sh" "$1" $url || exit 1
"$1" store renew $url || exit 1
