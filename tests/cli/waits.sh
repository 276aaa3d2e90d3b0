#!/bin/sh
# Lets the commands that go through a whole store meet buckets that somebody holds: `--wait-ms` bounds all of it, and they report
# the problem once, with its exit code, and what it has printed before stays printed.
#
#   waits.sh FOLDER_OF_THE_PROGRAM FOLDER_OF_HOLD_LOCK
set -eu
PATH=$(cd "$1" && pwd):$(cd "$2" && pwd):$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
wait_ms=300
failed=0

tjob store create jobs --capacity 1000 >/dev/null
for i in 1 2 3 4 5 6 7 8; do
    arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job$i
    tjob submit --store jobs $arn >/dev/null
    tjob start --store jobs $arn --trainer-token 7 >/dev/null
    tjob stop --store jobs $arn >/dev/null
done

# A restored store has progress and no marks. Without its progress, as after a power cut that tore it, each bucket has to be held.
tjob store copy jobs backup >/dev/null
rm jobs
tjob store restore backup jobs >/dev/null
rm backup
dd if=/dev/zero of=jobs bs=16 seek=1024 count=167 conv=notrunc 2>/dev/null
cp jobs jobs.sound

# hold FIRST_BYTE [BYTES]; let_go
hold() {
    mkfifo hand lever
    hold_lock jobs "$@" <lever >hand &
    holder=$!
    exec 3>lever
    read -r said <hand
    [ "$said" = held ]
}
let_go() {
    exec 3>&-
    wait $holder
    rm hand lever
}

# expect WHAT COMMAND...: it is over in time, with exit code 5, one line of a problem, and one more for each stop whose other bucket
# is the one that is held.
expect() {
    what=$1
    shift
    code=0
    begin=$(date +%s%N)
    tjob "$@" --wait-ms $wait_ms >out 2>err || code=$?
    took=$((($(date +%s%N) - begin) / 1000000))
    cat out err >reported
    stops=$(sed -n 's/.* have expired, \([0-9]*\) failed$/\1/p' out)
    if [ $code != 5 ] || [ "$(grep -c "$what" reported)" != $((1 + ${stops:-0})) ] || [ $took -gt 3000 ]; then
        echo "$*: exit code $code after $took ms"
        cat reported
        failed=1
    fi
}

busy='timed out waiting for a lock'
hold 0
for json in '' --json; do
    expect "$busy" store check jobs $json
    expect "$busy" store stat jobs $json
done

# Who has the locks is reported, where the system shows it.
tjob store stat jobs --wait-ms $wait_ms >out 2>err && failed=1
if ! grep -q "open in    process $holder, hold_lock; its locks: buckets 0 to 166" err; then
    cat err
    failed=1
fi
tjob store stat jobs --wait-ms $wait_ms --json >out 2>err && failed=1
grep -q '^{"problem":"BUSY","text":"[a-z ]*","bucket":[0-9]*,"processes":\[{"process":'$holder',.*\["buckets 0 to 166"\]}\]}$' out || failed=1
let_go

# A growth that waits for a bucket keeps all others: the problem is that of the whole file.
half=$(($(wc -c <jobs) / 2))
hold $half
tjob store grow jobs --capacity 2000 --wait-ms 60000 >/dev/null 3>&- &
growth=$!
while cmp -s -i 4096 -n 8 jobs jobs.sound; do sleep 0.1; done
for json in '' --json; do
    expect "$busy" list --store jobs $json
    expect "$busy" expire --store jobs --stop-timeout-ms 1 $json
done
let_go
wait $growth || failed=1
cp jobs.sound jobs

# A bucket that a halted process has is reported, and what is in the others is printed, and expires.
bucket=12288
first=$(($(wc -c <jobs) % bucket))
job=$(LC_ALL=C grep -obUa entity-recognizer/job jobs | head -1 | cut -d: -f1)
hold $(((job - first) / bucket * bucket + first)) $bucket
for command in list 'expire --stop-timeout-ms 1'; do
    expect "$busy" $command --store jobs
    lines=$(grep -c entity-recognizer out || true)
    if [ "$lines" -lt 1 ] || [ "$lines" -ge 8 ]; then
        echo "$command: $lines lines of 8 were printed"
        failed=1
    fi
done
number=$(((job - $(wc -c <jobs) + 167 * bucket) / bucket))
for command in check stat; do
    expect "bucket $number: $busy" store $command jobs
    expect "\"text\":\"$busy\",\"bucket\":$number[,}]" store $command jobs --json
done
let_go
[ "$(tjob list --store jobs --state STOP_REQUESTED | wc -l)" = $((8 - lines)) ] || failed=1
cp jobs.sound jobs

# Each of these names has two of four buckets, and the first is withheld: the others expire, whatever failed before them.
rm jobs
tjob store create jobs --capacity 19 >/dev/null
for i in $(seq 18); do
    arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job$i
    tjob submit --store jobs $arn >/dev/null
    tjob start --store jobs $arn --trainer-token 7 >/dev/null
    tjob stop --store jobs $arn >/dev/null
done
hold $(($(wc -c <jobs) - 4 * bucket)) $bucket
tjob expire --store jobs --stop-timeout-ms 1 --wait-ms $wait_ms >out 2>err && failed=1
ended=$(grep -c "STOP_REQUESTED -> STOPPED" out || true)
if [ "$ended" -lt 1 ] || ! grep -q "^$ended of 18 requests to stop have expired, $((18 - ended)) failed" out; then
    cat out err
    failed=1
fi
let_go

# The exit code is that of the first problem, of a job or of a bucket: the second one is damaged here, and the last two are withheld.
begin=$(($(wc -c <jobs) - 4 * bucket))
head -c $bucket /dev/zero | tr '\0' X | dd of=jobs bs=4096 seek=$(((begin + bucket) / 4096)) conv=notrunc 2>/dev/null
hold $((begin + 2 * bucket)) $((2 * bucket))
code=0
tjob expire --store jobs --stop-timeout-ms 1 --wait-ms $wait_ms >out 2>err || code=$?
case $(head -1 err) in
*"$busy") wanted=5 ;;
*) wanted=4 ;;
esac
if [ $code != $wanted ] || ! grep -q 'bucket 1: the file is damaged' err; then
    echo "expire: exit code $code"
    cat out err
    failed=1
fi
let_go
cp jobs.sound jobs

# A salvage that cannot reach the end prints no last line, whatever it has left out before; nor does it end as one that has.
head -c $bucket /dev/zero | tr '\0' X | dd of=jobs bs=4096 seek=$(((job - first) / bucket * 3 + first / 4096)) conv=notrunc 2>/dev/null
hold $half
expect "$busy" store export jobs --salvage
if ! grep -q 'the file is damaged' err || grep -q '"jobs"' out; then
    cat out err
    failed=1
fi
let_go

# A copy that has waited leaves no file.
cp jobs.sound jobs
hold 0
expect "$busy" store copy jobs backup
[ ! -e backup ] || failed=1
let_go

# Who has the time goes on once it may.
hold 0
tjob list --store jobs --wait-ms 20000 >out 3>&- &
list=$!
sleep 0.2
let_go
wait $list || failed=1
[ "$(wc -l <out)" = 8 ] || failed=1
exit $failed
