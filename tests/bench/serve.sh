#!/bin/sh
# The server under load, with wrk: stops over a store in memory beside the same server answering a constant, and beside the CGI
# example where there is lighttpd; and durable stops over a store in a file beside the bare loop of pwrite and fdatasync. 64
# connections, keep-alive; each case takes turns with its baseline, and the medians are compared. Also the memory of the server
# before and after.
#
#   serve.sh BUILD [SECONDS [ROUNDS]]    BUILD: a folder of a Release build with TJOB_SERVE, TJOB_BUILD_TESTS and
#                                        TJOB_BUILD_BENCH; SECONDS of each measurement, 5; ROUNDS, 3. TMPDIR: the disk
set -eu
build=$(cd "$1" && pwd)
seconds=${2-5}
rounds=${3-3}
jobs=${TJOB_SERVE_JOBS-600000}
for program in src/cli/tjob tests/docs/example_server tests/bench/tjob_bench_sync; do
    [ -x "$build/$program" ] || { echo "$build has no $program" >&2; exit 2; }
done
command -v wrk >/dev/null || { echo "skipped: there is no wrk"; exit 77; }
work=$(mktemp -d)
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
pids=""
tjob=$build/src/cli/tjob

cat >"$work/stop.lua" <<'END'
local path = os.getenv("LOAD_PATH")
local fixed = os.getenv("LOAD_NAME")
local first, last = tonumber(os.getenv("LOAD_FIRST") or "0"), tonumber(os.getenv("LOAD_LAST") or "0")
local threads = 0
function setup(thread) thread:set("which", threads); threads = threads + 1 end
function init() at = first + which end
local headers = {["X-Amz-Target"] = "Comprehend_20171127.StopTrainingEntityRecognizer", ["Content-Type"] = "application/x-amz-json-1.1"}
function request()
    local name = fixed or ("n" .. at)
    if at + 2 <= last then at = at + 2 end
    return wrk.format("POST", path, headers, '{"EntityRecognizerArn":"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/' .. name .. '"}')
end
local bad = 0
function response(status) if status ~= tonumber(os.getenv("LOAD_STATUS")) then wrk.thread:stop() print("status " .. status) end end
END
load() { # load URL PATH STATUS: requests per second
    LOAD_PATH=$2 LOAD_STATUS=$3 wrk -t2 -c64 -d"${seconds}s" -s "$work/stop.lua" "$1" >"$work/out"
    grep -q "^status" "$work/out" && { cat "$work/out" >&2; exit 1; }
    awk '/^Requests\/sec/ { printf "%.0f\n", $2 }' "$work/out"
}
median() { sort -n "$1" | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }
memory() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
url_of() { while [ ! -s "$1" ]; do sleep 0.1; done; sed 's/listening on //;s:/$::' "$1"; }

# ---- In memory
"$build/tests/docs/example_server" >"$work/memory" &
pids=$!
url=$(url_of "$work/memory")
export LOAD_NAME=flowers
load "$url/" / 200 >/dev/null
before=$(memory "$pids")
i=0
while [ $i -lt "$rounds" ]; do
    load "$url/" /constant 404 >>"$work/constant"
    load "$url/" / 200 >>"$work/stops"
    i=$((i + 1))
done
after=$(memory "$pids")
constant=$(median "$work/constant") stops=$(median "$work/stops")
echo "a constant: $constant/s; stops in memory: $stops/s; ratio $(awk "BEGIN { printf \"%.2f\", $stops / $constant }")"
echo "memory of the server: $before KiB before, $after KiB after"
kill "$pids"
pids=""

# ---- The CGI example behind lighttpd, where it is installed: a process for each request
if command -v lighttpd >/dev/null; then
    arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/$LOAD_NAME
    "$tjob" store create "$work/cgi_jobs" >/dev/null
    "$tjob" submit "$arn" --token 1 --store "$work/cgi_jobs" >/dev/null
    "$tjob" start "$arn" --trainer-token 1 --store "$work/cgi_jobs" >/dev/null
    mkdir "$work/cgi"
    cp "$build/tests/docs/example_cgi" "$work/cgi/tjob.cgi"
    cat >"$work/lighttpd.conf" <<END
server.document-root = "$work/cgi"
server.bind = "127.0.0.1"
server.port = ${TJOB_SERVE_CGI_PORT-8099}
server.errorlog = "$work/errors"
server.modules = ( "mod_rewrite", "mod_setenv", "mod_cgi" )
url.rewrite-once = ( "" => "/tjob.cgi" )
cgi.assign = ( ".cgi" => "" )
setenv.set-environment = ( "TJOB_STORE" => "$work/cgi_jobs" )
END
    lighttpd -D -f "$work/lighttpd.conf" &
    pids=$!
    sleep 1
    i=0
    while [ $i -lt "$rounds" ]; do
        load "http://127.0.0.1:${TJOB_SERVE_CGI_PORT-8099}/" / 200 >>"$work/cgis"
        i=$((i + 1))
    done
    cgi=$(median "$work/cgis")
    echo "stops by the CGI example behind lighttpd: $cgi/s; those in memory are $(awk "BEGIN { printf \"%.0f\", $stops / $cgi }") times as many"
    kill "$pids"
    pids=""
fi
unset LOAD_NAME

# ---- In a file: each stop is another job's
awk -v jobs="$jobs" 'BEGIN {
    for (i = 0; i < jobs; i++)
        printf "{\"arn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/n%d\",\"version\":\"2\",\"job\":{\"state\":\"TRAINING\",\"incarnation\":\"1\",\"submit_token\":\"5\",\"trainer_token\":\"7\",\"submitted_ms\":\"1\",\"training_started_ms\":\"2\"}}\n", i
    printf "{\"jobs\":\"%d\",\"base\":\"2\"}\n", jobs }' | "$tjob" store import "$work/jobs" >/dev/null
"$tjob" serve --store "$work/jobs" --listen 127.0.0.1:0 >"$work/file" &
pids=$!
url=$(url_of "$work/file")
i=0
each=$((jobs / rounds))
while [ $i -lt "$rounds" ]; do
    "$build/tests/bench/tjob_bench_sync" "$work/bare" "$seconds" >>"$work/bares"
    LOAD_FIRST=$((i * each)) LOAD_LAST=$(((i + 1) * each - 1)) load "$url/" / 200 >>"$work/durable"
    i=$((i + 1))
done
stopped=$(curl -s "$url/metrics" | awk -F'[ ]' '/operation="stop",status="ok"/ { print $NF }')
bare=$(median "$work/bares") durable=$(median "$work/durable")
echo "bare pwrite and fdatasync: $bare/s; durable stops: $durable/s; ratio $(awk "BEGIN { printf \"%.2f\", $durable / $bare }")"
echo "stops answered with 200: $stopped; jobs stopped: $("$tjob" store stat "$work/jobs" 2>/dev/null | awk '/STOP_REQUESTED/ { print $2 }')"
