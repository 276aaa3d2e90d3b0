#!/bin/sh
# Subject    etcd-server 3.4.23 (Debian 3.4.23-4+b4), JSON gateway
# Guess      A transaction that is answered with 429, "etcdserver: mvcc: database space exceeded", was not applied: the
#            quota is checked before the write.
# Behaviour  The quota is checked twice: before the transaction is proposed, and again when it is applied. The second check
#            applies the transaction and only replaces its answer. So some of the writes that are refused so are there.
# Seen       51 of 456 refused writes had been applied, in six runs of 76 each (0 to 15 of them in each run).
# So         Read the key after such an answer. It is final: nothing is applied later.
#
# Exit code 0: seen again. 1: not seen in ten runs. 77: the package is not to be had.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v python3 >/dev/null || exit 77
apt-get download -qq etcd-server=3.4.23-4+b4 >/dev/null 2>&1 || { echo "skipped: no etcd-server 3.4.23-4+b4"; exit 77; }
dpkg -x etcd-server_*.deb root
cat >run.py <<'END'
import base64, http.client, json, os, shutil, socket, subprocess, sys, tempfile, threading, time

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]

def run():
    client, peer, folder = free_port(), free_port(), tempfile.mkdtemp(dir=".")
    url, peer_url = "http://127.0.0.1:%d" % client, "http://127.0.0.1:%d" % peer
    server = subprocess.Popen(
        ["root/usr/bin/etcd", "--data-dir", folder, "--listen-client-urls", url, "--advertise-client-urls", url,
         "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url, "--initial-cluster",
         "default=" + peer_url, "--quota-backend-bytes", str(8 << 20)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    refused = []

    def post(connection, path, body):
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    def write(thread):
        value = base64.b64encode(b"x" * 60000).decode()
        connection = http.client.HTTPConnection("127.0.0.1", client)
        for i in range(200):
            key = base64.b64encode(b"k%d-%d" % (thread, i)).decode()
            status, body = post(connection, "/v3/kv/txn", {
                "compare": [{"key": key, "target": "MOD", "mod_revision": "0"}],
                "success": [{"request_put": {"key": key, "value": value}}]})
            if status == 429 and "space exceeded" in body["message"]:
                refused.append(key)
                if len(refused) > 60:
                    return

    try:
        time.sleep(2)
        threads = [threading.Thread(target=write, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        connection = http.client.HTTPConnection("127.0.0.1", client)
        applied = sum("kvs" in post(connection, "/v3/kv/range", {"key": key})[1] for key in refused)
        print("%d writes refused for lack of space, %d of them applied" % (len(refused), applied), flush=True)
        return applied
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder)

sys.exit(0 if any(run() > 0 for _ in range(10)) else 1)
END
timeout 300 python3 run.py
