#!/bin/bash
# Runs a scenario of a real client against a real web server that runs the CGI example.
#
#   real_clients.sh CGI_PROGRAM FOLDER_OF_TJOB boto3|awscli
#
# The scenario finds in its environment: ENDPOINT, the service; ENDPOINT/throttled, the same with a rate limit; ENDPOINT/broken,
# the same without a store; STORE, the file; THROTTLE, the file that keeps the rate limit; and tjob on its path. Exits with 77
# where a package is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cgi=$1
scenario=$3
PATH=$(cd "$2" && pwd):$PATH:/usr/sbin

skip() {
    echo "SKIPPED: $1 is not installed"
    exit 77
}
command -v lighttpd >/dev/null || skip lighttpd
case $scenario in
boto3) python3=/usr/bin/python3 && $python3 -c 'import boto3' 2>/dev/null || skip python3-boto3 ;;
awscli) PATH=/usr/bin:$PATH && command -v aws >/dev/null || skip awscli ;;
*) echo "no scenario '$scenario'" && exit 2 ;;
esac

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

export STORE=$work/jobs THROTTLE=$work/throttle
mkdir "$work/root"
for name in tjob throttled broken; do
    cp "$cgi" "$work/root/$name.cgi"
done

# start PORT: false if the server does not come up there.
start() {
    cat >"$work/lighttpd.conf" <<CONF
server.document-root = "$work/root"
server.bind = "127.0.0.1"
server.port = $1
server.errorlog = "$work/errors"
server.modules = ( "mod_rewrite", "mod_setenv", "mod_cgi" )
url.rewrite-once = ( "^/throttled" => "/throttled.cgi", "^/broken" => "/broken.cgi", "" => "/tjob.cgi" )
cgi.assign = ( ".cgi" => "" )
\$HTTP["url"] == "/tjob.cgi" { setenv.add-environment = ( "TJOB_STORE" => "$STORE" ) }
\$HTTP["url"] == "/throttled.cgi" {
    setenv.add-environment = ( "TJOB_STORE" => "$STORE", "TJOB_THROTTLE" => "$THROTTLE" )
}
\$HTTP["url"] == "/broken.cgi" { setenv.add-environment = ( "TJOB_STORE" => "$work/missing" ) }
CONF
    lighttpd -D -f "$work/lighttpd.conf" 2>>"$work/start" &
    server=$!
    for _ in $(seq 50); do
        kill -0 "$server" 2>/dev/null || return 1
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

port=
for _ in $(seq 10); do
    port=$((20000 + RANDOM % 10000))
    start $port && break
    server=
done
if [ -z "$server" ]; then
    echo "the web server does not start:"
    cat "$work/start" "$work/errors" 2>/dev/null
    exit 1
fi

export ENDPOINT=http://127.0.0.1:$port
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION=us-west-2 AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=$work/none AWS_SHARED_CREDENTIALS_FILE=$work/none AWS_PAGER= HOME=$work NO_PROXY=127.0.0.1
tjob store create "$STORE" --capacity 100 >/dev/null || exit 1
for name in scenario busy; do
    arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/$name
    tjob submit --store "$STORE" $arn >/dev/null && tjob start --store "$STORE" $arn --trainer-token 7 >/dev/null || exit 1
done

case $scenario in
boto3) $python3 "$here/scenario_boto3.py" ;;
awscli) bash "$here/scenario_awscli.sh" ;;
esac
code=$?
[ $code = 0 ] || cat "$work/errors"
exit $code
