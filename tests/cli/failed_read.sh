#!/bin/sh
# Lets a read fail. Where a file is made from another, the program names the file that failed. Where it is one of a bucket, a list
# and a salvage go on, and the salvage exits as one that has left out a bucket.
#
#   failed_read.sh PROGRAM
#
# Exit code 0 if it is so, 1 if not, 77 if the system does not let anybody make a read fail.
set -eu
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

skip() {
    echo "skipped: $1"
    exit 77
}
command -v strace >/dev/null || skip "there is no strace"
strace -o trace -e inject=fdatasync:error=EIO:when=1 true 2>/dev/null || skip "the system does not permit ptrace"
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS

# last FILE PATTERN COMMAND...: which read of a file is the last one like this, counted from 1
last() {
    file=$1
    pattern=$2
    shift 2
    strace -f -o trace -P "$file" -e trace=pread64 "$program" "$@" >/dev/null
    rm -f new
    grep pread64 trace | grep -n "$pattern" | tail -1 | cut -d: -f1
}

# fail FILE READS COMMAND...: what it prints if these reads of a file fail, and its exit code
fail() {
    file=$1
    reads=$2
    shift 2
    code=0
    strace -f -o trace -P "$file" -e inject=pread64:error=EIO:when="$reads" "$program" "$@" || code=$?
    echo "exit $code"
}
"$program" store create jobs --capacity 10 >/dev/null
"$program" submit --store jobs arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a --token 1 >/dev/null
"$program" store copy jobs backup >/dev/null
{
    fail "$work/jobs" "$(last "$work/jobs" . store copy jobs new)+" store copy jobs new
    fail "$work/new" 1 store copy jobs new
    fail "$work/backup" "$(last "$work/backup" . store restore backup new)" store restore backup new
    fail "$work/new" 1 store restore backup new
    # A bucket is read without a lock; if that fails, its lock is taken, the state is read, and then the bucket again.
    bucket=$(last "$work/jobs" ' 12288, ' list --store jobs)
    bucket=$bucket..$((bucket + 2))+2
    fail "$work/jobs" "$bucket" list --store jobs
    fail "$work/jobs" "$bucket" store stat jobs
    fail "$work/jobs" "$bucket" store export jobs
    fail "$work/jobs" "$bucket" store export jobs --salvage
} >reported 2>&1
cat >expected <<END
tjob store copy: jobs: input/output error
exit 3
tjob store copy: new: input/output error
exit 3
tjob store restore: backup: input/output error
exit 3
tjob store restore: new: input/output error
exit 3
tjob list: jobs: bucket N: input/output error
exit 3
tjob store stat: jobs: bucket N: input/output error
exit 3
tjob store export: jobs: bucket N: input/output error
exit 3
tjob store export: jobs: bucket N: input/output error
{"jobs":"0","base":"3"}
exit 4
END
sed 's/bucket [01]:/bucket N:/' reported | diff -u expected -
