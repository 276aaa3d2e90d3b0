#!/bin/sh
# The memory of `tjob serve` under many requests, with wrk: 64 connections, kept alive and opened anew every few seconds;
# stops, descriptions, requests that are refused and ones that are malformed. Before, each connection that there may be is
# used once, since its memory stays. Prints the resident memory then and after each million. It must stay within a
# twentieth of the first.
#
#   serve_memory.sh BUILD [REQUESTS]     BUILD: a folder of a Release build with TJOB_SERVE; REQUESTS: 10000000
set -eu
tjob=$(cd "$1" && pwd)/src/cli/tjob
wanted=${2-10000000}
command -v wrk >/dev/null || { echo "skipped: there is no wrk"; exit 77; }
work=$(mktemp -d)
pid=""
trap 'if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a
"$tjob" store create "$work/jobs" --capacity 100 >/dev/null
"$tjob" submit --store "$work/jobs" $arn >/dev/null
"$tjob" start --store "$work/jobs" $arn --trainer-token 7 >/dev/null

cat >"$work/mix.lua" <<'END'
local at = 0
local function post(operation, name)
    return wrk.format("POST", "/", {["X-Amz-Target"] = "Comprehend_20171127." .. operation .. "EntityRecognizer",
                                    ["Content-Type"] = "application/x-amz-json-1.1"},
                      '{"EntityRecognizerArn":"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/' .. name .. '"}')
end
local kinds = {}
function init()
    kinds = {post("StopTraining", "a"), post("Describe", "a"), post("Describe", "b"), post("StopTraining", '"'),
             wrk.format("GET", "/healthz"), wrk.format("GET", "/none")}
end
function request()
    at = at % #kinds + 1
    return kinds[at]
end
END

"$tjob" serve --store "$work/jobs" --listen 127.0.0.1:0 --log /dev/null >"$work/out" &
pid=$!
while [ ! -s "$work/out" ]; do sleep 0.1; done
url=$(sed 's/listening on //' "$work/out")
# The memory once all connections are closed: those of wrk are, but the server may be behind.
memory() {
    for _ in $(seq 100); do
        [ "$(ls "/proc/$pid/task" | wc -l)" -gt 2 ] || break
        sleep 0.1
    done
    awk '/^VmRSS/ { print $2 }' "/proc/$pid/status"
}
done=0 next=0 first=0
wrk -t2 -c250 -d10s -s "$work/mix.lua" "$url" >"$work/wrk"
while [ "$done" -lt "$wanted" ]; do
    wrk -t2 -c64 -d5s -s "$work/mix.lua" "$url" >"$work/wrk"
    done=$((done + $(awk '/requests in/ { print $1 }' "$work/wrk")))
    if [ "$done" -ge "$next" ]; then
        last=$(memory)
        [ "$first" != 0 ] || first=$last
        echo "after $done requests: $last KiB, $(ls "/proc/$pid/fd" | wc -l) descriptors, $(ls "/proc/$pid/task" | wc -l) threads"
        next=$(((done / 1000000 + 1) * 1000000))
    fi
done
kill "$pid"
wait "$pid"
pid=""
if [ $((last * 20)) -gt $((first * 21)) ]; then
    echo "the memory grew from $first to $last KiB"
    exit 1
fi
