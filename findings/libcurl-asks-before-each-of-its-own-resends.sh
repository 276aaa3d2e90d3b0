#!/bin/sh
# Subject    libcurl 7.88.1 (Debian 7.88.1-10+deb12u15)
# Guess      CURLOPT_PREREQFUNCTION is called once for a transfer. To keep libcurl from sending a POST again by itself when
#            a kept connection ends without an answer, connections must not be kept: CURLOPT_FRESH_CONNECT.
# Behaviour  The function is called before each send, libcurl's own further ones too. If it refuses the second call, the
#            POST is sent once, and connections may be kept.
# Seen       at most 9 sends: the server counts 2, the result is "No error"; at most 1: the server counts 1, and the result
#            is "Operation was aborted by an application callback".
# So         Count the calls of a transfer, and refuse all but the first: cheaper than a new connection for each write.
#
# Exit code 0: seen again. 1: otherwise. 77: the packages are not to be had.
set -eu
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
command -v cc >/dev/null && command -v python3 >/dev/null || exit 77
apt-get download -qq libcurl4=7.88.1-10+deb12u15 libcurl4-openssl-dev=7.88.1-10+deb12u15 >/dev/null 2>&1 ||
    { echo "skipped: no libcurl4 7.88.1-10+deb12u15"; exit 77; }
for package in *.deb; do dpkg -x "$package" root; done
cat >server.py <<'END'
# Answers the first request of each connection. Closes it, unanswered, at the second. Counts the requests "swap".
import socket, threading
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(50)
swaps = 0

def serve(connection):
    global swaps
    first = True
    while True:
        data = b""
        while b"\r\n\r\n" not in data or len(data.split(b"\r\n\r\n", 1)[1]) < 4:
            piece = connection.recv(4096)
            if not piece:
                return
            data += piece
        is_swap = data.endswith(b"swap")
        swaps += is_swap
        if is_swap and not first:
            connection.close()
            return
        first = False
        body = b"%d\n" % swaps
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

with open("port.new", "w") as file:
    file.write(str(listener.getsockname()[1]))
import os
os.rename("port.new", "port")
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
END
cat >client.c <<'END'
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned sends, most;

static int before(void *context, char *peer, char *own, int peer_port, int own_port)
{
    (void)context, (void)peer, (void)own, (void)peer_port, (void)own_port;
    return sends++ < most ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

static CURLcode post(CURL *easy, const char *body)
{
    sends = 0;
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, body);
    return curl_easy_perform(easy);
}

int main(int argc, char **argv)
{
    most = argc == 3 ? (unsigned)atoi(argv[2]) : 9;
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before);
    post(easy, "load"); /* the server's count before */
    const CURLcode code = post(easy, "swap");
    fprintf(stderr, "at most %u sends: asked for %u, %s\n", most, sends, curl_easy_strerror(code));
    curl_easy_cleanup(easy);
    return 0;
}
END
library=$(dirname "$(find root -name 'libcurl.so.4' | head -1)")
cc client.c -I "$(dirname "$(find root -name curl.h | head -1)")/.." -o client "$library/libcurl.so.4"
python3 server.py & server=$!
while [ ! -s port ]; do sleep 0.1; done
url=http://127.0.0.1:$(cat port)/
run() { LD_LIBRARY_PATH=$PWD/$library timeout 20 ./client "$url" "$1" | head -1; }
before=$(run 9)
between=$(run 1)
after=$(run 1)
echo "swaps that the server has counted: $before, then $between, then $after"
[ "$before $between $after" = "0 2 3" ]
