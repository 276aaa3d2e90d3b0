#!/bin/sh
# Subject    apache2-bin 2.4.71-1~deb12u1 (Debian), mod_cgid; the same with mod_proxy_http
# Guess      KeepAlive is on, the program read the whole request and gave a length: the connection is kept, whatever the
#            status. A 400 is an answer like a 404.
# Behaviour  After a status of 400, 500 or 503 the server ends the connection, also where the status is the program's own:
#            "Connection: close" is added to the answer. After a 200, 403, 404, 429 or 502 it is kept.
# Seen       200 kept, 400 closed, 403 kept, 404 kept, 429 kept, 500 closed, 502 kept, 503 closed
# So         In a protocol whose errors are 400 (AWS JSON), each throttled or refused request costs its client a new connection.
#
# Exit code 0: seen again. 1: otherwise. 77: the packages are not to be had.
set -eu
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server"; wait "$server" || true; } 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
command -v python3 >/dev/null || exit 77
for package in apache2-bin=2.4.71-1~deb12u1 libapr1 libaprutil1; do
    apt-get download -qq "$package" >/dev/null 2>&1 || { echo "skipped: no $package"; exit 77; }
done
for package in *.deb; do dpkg -x "$package" root; done
LD_LIBRARY_PATH=$(dirname "$(find "$work/root" -name 'libapr-1.so.0' | head -1)")
export LD_LIBRARY_PATH
cat >program <<'END'
#!/bin/sh
cat >/dev/null
printf 'Status: %s\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nyes' "$QUERY_STRING"
END
chmod 755 program
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >conf <<END
ServerRoot $work/root/usr/lib/apache2
ServerName 127.0.0.1
Listen 127.0.0.1:$port
PidFile $work/pid
ErrorLog $work/errors
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule alias_module modules/mod_alias.so
LoadModule cgid_module modules/mod_cgid.so
User nobody
Group nogroup
ScriptSock $work/cgid
KeepAlive On
ScriptAliasMatch ^ $work/program
END
root/usr/sbin/apache2 -D FOREGROUND -f "$work/conf" & server=$!
cat >client.py <<'END'
import http.client, sys, time
seen = []
for status in (200, 400, 403, 404, 429, 500, 502, 503):
    for _ in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
        try:
            connection.request("POST", "/?%d" % status, b"body")
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    answer = connection.getresponse()
    assert answer.status == status and answer.read() == b"yes"
    seen.append("%d %s" % (status, "closed" if answer.getheader("Connection") == "close" else "kept"))
print(", ".join(seen))
END
seen=$(timeout 60 python3 client.py "$port")
echo "$seen"
[ "$seen" = "200 kept, 400 closed, 403 kept, 404 kept, 429 kept, 500 closed, 502 kept, 503 closed" ]
