#!/bin/sh
# Subject    libmicrohttpd 0.9.75 (Debian 0.9.75-6)
# Guess      What libmicrohttpd refuses by itself gets one answer, so a client or a proxy sees a 400.
# Behaviour  To a Content-Length that is no number (a blank behind the digits is enough) it sends the head of its answer twice,
#            and then one body: who reads the first answer takes the second head for its body. The handler is not called.
# Seen       "HTTP/1.1 400 Bad Request" twice, one body, and the end of the connection.
# So         Tests of such requests read up to the end. A server whose answers must be its own cannot leave lengths to it.
#
# Exit code 0: seen again. 1: otherwise. 77: the packages are not to be had.
set -eu
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
command -v cc >/dev/null && command -v python3 >/dev/null || exit 77
version=0.9.75-6
apt-get download -qq libmicrohttpd12=$version libmicrohttpd-dev=$version >/dev/null 2>&1 ||
    { echo "skipped: no libmicrohttpd12 $version"; exit 77; }
for package in *.deb; do dpkg -x "$package" root; done
cat >server.c <<'END'
#include <microhttpd.h>
#include <stdio.h>
#include <unistd.h>

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *bytes, void **request)
{
    (void)context, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)bytes, (void)request;
    return MHD_NO;
}

int main(void)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, answer, NULL, MHD_OPTION_END);
    if (daemon == NULL) {
        return 1;
    }
    printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    pause();
    return 0;
}
END
library=$(find root -name 'libmicrohttpd.so.12' | head -1)
cc server.c -I "$(dirname "$(find root -name microhttpd.h)")" "$library" -o server || exit 77
LD_LIBRARY_PATH=$(dirname "$library") ./server >port &
server=$!
while [ ! -s port ]; do sleep 0.1; done
python3 - "$(cat port)" <<'END'
import socket, sys
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5 \r\n\r\nhello")
answer = b""
while True:
    piece = client.recv(65536)
    if not piece:
        break
    answer += piece
print(answer.decode())
sys.exit(0 if answer.count(b"HTTP/1.1 400 ") == 2 and answer.count(b"</html>") == 1 else 1)
END
