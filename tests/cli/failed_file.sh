#!/bin/sh
# Lets a read of one of two files fail while `store copy` and `store restore` make one from the other: the program names the file
# that failed.
#
#   failed_file.sh PROGRAM
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

# last FILE COMMAND...: how often it reads a file
last() {
    file=$1
    shift
    strace -f -o trace -P "$file" -e trace=pread64 "$program" "$@" >/dev/null
    rm new
    grep -c pread64 trace
}

# fail FILE NUMBER COMMAND...: what it prints if this read of a file fails, counted from 1
fail() {
    file=$1
    number=$2
    shift 2
    strace -f -o trace -P "$file" -e inject=pread64:error=EIO:when="$number" "$program" "$@" || true
}
"$program" store create jobs --capacity 10 >/dev/null
"$program" submit --store jobs arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a --token 1 >/dev/null
"$program" store copy jobs backup >/dev/null
{
    fail "$work/jobs" "$(last "$work/jobs" store copy jobs new)" store copy jobs new
    fail "$work/new" 1 store copy jobs new
    fail "$work/backup" "$(last "$work/backup" store restore backup new)" store restore backup new
    fail "$work/new" 1 store restore backup new
} >reported 2>&1
cat >expected <<END
tjob store copy: jobs: input/output error
tjob store copy: new: input/output error
tjob store restore: backup: input/output error
tjob store restore: new: input/output error
END
diff -u expected reported
