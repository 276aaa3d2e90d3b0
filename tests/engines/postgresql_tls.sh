#!/bin/bash
# postgresql_server.sh postgresql_tls.sh PROGRAM: the store with sslmode=verify-full at a server that asks for a certificate:
# with the right one, without one, with another authority, under another name, and without TLS.
set -u
program=$1
if ! command -v openssl >/dev/null; then
    echo "skipped: there is no openssl"
    exit 77
fi
cd "$TJOB_PG_DIR" || exit 1
for name in authority other; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout $name.key -out $name.pem 2>/dev/null || exit 1
done
echo subjectAltName=IP:127.0.0.1 >extensions
for name in server tjob; do # tjob is the role, too
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout $name.key -out $name.csr 2>/dev/null &&
        openssl x509 -req -in $name.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile extensions \
            -out $name.pem 2>/dev/null || exit 1
done
chmod 600 ./*.key
cp server.key server.pem authority.pem primary/
chown --reference=primary primary/server.key primary/server.pem primary/authority.pem
cat >>primary/postgresql.conf <<'END'
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
ssl_ca_file = 'authority.pem'
END
printf 'local all all trust\nhostssl all tjob 127.0.0.1/32 cert\nhostssl all tjob ::1/128 cert\n' >primary/pg_hba.conf
"$TJOB_PG_CTL" stop primary && "$TJOB_PG_CTL" start primary || exit 1

failed=0
# expect CODE PATTERN HOST OPTION...: what `tjob store create` says.
expect() {
    local code=$1 pattern=$2 url="postgresql://tjob@$3:$TJOB_PG_PORT/postgres?sslmode=verify-full" seen actual
    shift 3
    seen=$("$program" store create "$url$(printf '&%s' "$@")" 2>&1)
    actual=$?
    if [ $actual -ne "$code" ] || ! grep -qiE -- "$pattern" <<<"$seen"; then
        echo "with $url $*: exit code $actual in place of $code, or not as expected ($pattern): $seen"
        failed=1
    fi
}

own="sslcert=$TJOB_PG_DIR/tjob.pem&sslkey=$TJOB_PG_DIR/tjob.key"
expect 3 'does not match host name "localhost"' localhost "sslrootcert=$TJOB_PG_DIR/authority.pem" "$own"
expect 3 'certificate verify failed' 127.0.0.1 "sslrootcert=$TJOB_PG_DIR/other.pem" "$own"
expect 3 'requires a valid client certificate' 127.0.0.1 "sslrootcert=$TJOB_PG_DIR/authority.pem" sslcert=none sslkey=none
expect 3 'no encryption' 127.0.0.1 sslmode=disable
expect 0 ': a store$' 127.0.0.1 "sslrootcert=$TJOB_PG_DIR/authority.pem" "$own"
exit $failed
