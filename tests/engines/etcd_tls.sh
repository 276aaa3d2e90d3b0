#!/bin/sh
# The store at an https endpoint, which asks for a certificate: with the right one, without one, with another authority, and
# under another name than that of the server's certificate.
#
#   etcd_tls.sh PROGRAM
set -eu
program=$1
if ! command -v etcd >/dev/null || ! command -v openssl >/dev/null; then
    echo "skipped: there is no etcd or no openssl"
    exit 77
fi
work=$(mktemp -d)
pid=
trap 'if [ -n "$pid" ]; then kill -9 $pid; fi; rm -rf "$work"' EXIT
cd "$work"
for name in authority other; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem 2>/dev/null
done
printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n' >extensions
openssl req -newkey rsa:2048 -nodes -subj "/CN=tjob" -keyout tjob.key -out tjob.csr 2>/dev/null
openssl x509 -req -in tjob.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile extensions \
    -out tjob.pem 2>/dev/null

port=$(( 20000 + $$ % 20000 ))
peer=http://127.0.0.1:$(( port + 1 ))
etcd --data-dir data --listen-client-urls https://127.0.0.1:$port --advertise-client-urls https://127.0.0.1:$port \
    --listen-peer-urls $peer --initial-advertise-peer-urls $peer --initial-cluster default=$peer --cert-file tjob.pem \
    --key-file tjob.key --client-cert-auth --trusted-ca-file authority.pem >etcd.log 2>&1 &
pid=$!

# expect WORD ARGUMENT...: of `create`, for at most 20 seconds.
expect() {
    word=$1
    endpoint=https://$2:$port
    shift 2
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        got=$("$program" "$endpoint" "$@")
        if [ "$got" = "$word" ]; then
            return
        fi
        sleep 1
    done
    echo "with $*: expected $word, saw $got"
    exit 1
}

expect OK 127.0.0.1 authority.pem tjob.pem tjob.key
expect UNREACHABLE 127.0.0.1 other.pem tjob.pem tjob.key
expect UNREACHABLE localhost authority.pem tjob.pem tjob.key
got=$("$program" "https://127.0.0.1:$port" authority.pem)
if [ "$got" = ok ]; then
    echo "without a certificate: $got"
    exit 1
fi
echo "https: $got without a certificate"
