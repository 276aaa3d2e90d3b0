#!/bin/bash
# program.sh PROGRAM URL: the commands on a store in a database, which is empty; and copies from a file to it, and back.
set -u
PATH=$(cd "$(dirname "$1")" && pwd):$PATH
url=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0
A=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer

# expect CODE PATTERN COMMAND...: the exit code of a command, and a pattern of all that it prints.
expect() {
    local code=$1 pattern=$2 seen
    shift 2
    seen=$("$@" 2>&1)
    local actual=$?
    if [ $actual -ne "$code" ] || ! grep -qE -- "$pattern" <<<"$seen"; then
        printf '%s: exit code %s in place of %s, or not as expected (%s):\n%s\n' "$*" $actual "$code" "$pattern" "$seen"
        failed=1
    fi
}

expect 3 'tjob list: ' tjob list --store "$url"
expect 3 'tjob store check: ' tjob store check "$url"
expect 0 ': a store$' tjob store create "$url"
expect 0 '^{"engine":"' tjob store create "$url" --json
expect 0 '^sound: 0 jobs$' tjob store check "$url"
expect 0 'ABSENT -> SUBMITTED' tjob submit $A/roses --store "$url" --token 1
expect 0 'SUBMITTED -> TRAINING' tjob start $A/roses --store "$url" --trainer-token 7
expect 0 'TRAINING -> STOP_REQUESTED' tjob stop $A/roses --store "$url"
expect 0 '"state":"STOP_REQUESTED"' tjob describe $A/roses --store "$url" --json
expect 1 'ResourceNotFoundException' tjob stop $A/none --store "$url"
expect 0 "^$A/roses	STOP_REQUESTED$" tjob list --store "$url" --state STOP_REQUESTED
expect 0 '^$' tjob list --store "$url" --state TRAINED
expect 0 '^HTTP/1.1 200 OK' tjob handle --store "$url" <<<"{\"EntityRecognizerArn\":\"$A/roses\"}"
sleep 0.1
expect 0 '^1 of 1 requests to stop would expire$' tjob expire --store "$url" --stop-timeout-ms 1 --dry-run
expect 0 '^1 of 1 requests to stop have expired$' tjob expire --store "$url" --stop-timeout-ms 1
expect 0 '^STOPPED +1$' tjob store stat "$url"
expect 0 '^{"jobs":"1","STOPPED":"1"}$' tjob store stat "$url" --json
expect 0 'STOPPED -> DELETING' tjob delete $A/roses --store "$url"
expect 0 'DELETING -> ABSENT' tjob remove $A/roses --store "$url"
incarnation=$(tjob describe $A/roses --store "$url" --json | grep -o '"next_incarnation":"[0-9]*"' | tr -dc 0-9)
[ "$incarnation" -gt 1 ] || failed=1
expect 0 ': 1 removed jobs purged$' tjob store purge "$url"
after=$(tjob describe $A/roses --store "$url" --json | grep -o '"next_incarnation":"[0-9]*"' | tr -dc 0-9)
[ "$after" -ge "$incarnation" ] || { echo "incarnation $after after $incarnation"; failed=1; }
expect 2 'this command works on a store in a file only' tjob store grow "$url" --capacity 5
expect 2 'this command works on a store in a file only' tjob store import "$url"

# From a file, and again after more changes there: incarnations and tokens are kept, and versions go on above.
tjob store create jobs --capacity 1000 >/dev/null
for i in $(seq 100); do tjob submit $A/job$i --store jobs --token "$i" >/dev/null; done
tjob start $A/job1 --store jobs --trainer-token 9 >/dev/null
timeout -s KILL 0.2 tjob store copy jobs "$url" >/dev/null 2>&1 # as an interrupted one goes
expect 0 '100 jobs, [0-9]+ of them copied now; all are as in the source$' tjob store copy jobs "$url"
expect 0 '100 jobs, 0 of them copied now; all are as in the source$' tjob store copy jobs "$url"
tjob stop $A/job1 --store jobs >/dev/null
expect 0 '^{"jobs":"100","copied":"1","different":"0"}$' tjob store copy jobs "$url" --json
diff <(tjob list --store jobs --json | sed 's/"version":"[0-9]*"//' | sort) \
    <(tjob list --store "$url" --json | sed 's/"version":"[0-9]*"//' | sort) || failed=1
# A job that was made again in the source replaces the one before; one that is gone there is reported.
tjob report $A/job2 failed --store jobs >/dev/null
tjob delete $A/job2 --store jobs >/dev/null
tjob remove $A/job2 --store jobs >/dev/null
expect 3 '1 of 100 jobs are not as in the source' tjob store copy jobs "$url"
tjob submit $A/job2 --store jobs --token 200 >/dev/null
expect 0 '100 jobs, 1 of them copied now; all are as in the source$' tjob store copy jobs "$url"
expect 0 'STOP_REQUESTED -> STOPPED' tjob report $A/job1 halted --store "$url" --trainer-token 9
expect 0 'ABSENT -> SUBMITTED' tjob submit $A/new --store "$url" --token 5

# What the target has acknowledged is not taken back, even if somebody copies again.
expect 3 '/job1: the target has changed this job by itself; nothing was copied$' tjob store copy jobs "$url"
expect 0 '"state":"STOPPED"' tjob describe $A/job1 --store "$url" --json

# And back, into a new file.
expect 0 ': a store for 1000 jobs, with 101$' tjob store copy "$url" back --capacity 1000
diff <(tjob list --store back --json | sed 's/"version":"[0-9]*"//' | sort) \
    <(tjob list --store "$url" --json | sed 's/"version":"[0-9]*"//' | sort) || failed=1
expect 3 'the file already exists' tjob store copy "$url" back
expect 0 '^sound: ' tjob store check back
highest=$(tjob list --store "$url" --json | grep -o '"version":"[0-9]*"' | tr -dc '0-9\n' | sort -n | tail -1)
next=$(tjob describe $A/other --store back --json | grep -o '"next_incarnation":"[0-9]*"' | tr -dc 0-9)
[ "$next" -gt "$highest" ] || { echo "incarnation $next after version $highest"; failed=1; }

# An export of one is the import of another.
tjob store export "$url" >lines
expect 0 'with 101$' tjob store import imported --capacity 1000 <lines
exit $failed
