#!/bin/sh
# Looks at the system calls of a `tjob COMMAND` on a store: at most one sync, and no read of the file but in its header
# in the register, the progress and the two buckets of the name.
#
#   calls_of_a_stop.sh PROGRAM stop|submit|list
#
# A submit takes room for a bucket that nobody has used, with a sync of its own, and a list reads all buckets: either is seen.
#
# Exit code 0 if it is so, 1 if not, 77 if the system does not let anybody look.
set -eu
program=$1
command=$2
arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/strace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "skipped: $1"
    exit 77
}
command -v strace >/dev/null || skip "there is no strace"
strace -o "$work/trace" true 2>/dev/null || skip "the system does not permit ptrace"

# A sanitizer that looks for leaks cannot work while it is traced itself.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
"$program" store create "$work/store" --capacity 1000
if [ "$command" = stop ]; then
    "$program" submit --store "$work/store" "$arn" >/dev/null
    "$program" start --store "$work/store" "$arn" --trainer-token 1 >/dev/null
fi
strace -f -y -o "$work/trace" -e trace=pread64,read,readv,preadv,preadv2,mmap,pwritev2,fdatasync,fsync,sync,sync_file_range,msync \
    "$program" "$command" --store "$work/store" $(if [ "$command" != list ]; then echo "$arn"; fi) >/dev/null

syncs=$(grep -Ec '(pwritev2|fdatasync|fsync|sync|sync_file_range|msync)\(' "$work/trace" || true)

# Of the file: pread64(3<path>, ..., count, offset) = done. The header and the state stand in the first 12 KiB, register and
# progress in the second, a bucket is 12 KiB, and they begin at multiples of that. The first 12 KiB are mapped, to sleep on.
grep "<$work/store>" "$work/trace" >"$work/calls" || true
awk -v bucket=12288 '
    /pwritev2|fdatasync|fsync/ { next }
    /mmap\(NULL, 12288, PROT_READ, MAP_SHARED, .*, 0\) =/ { next }
    !/pread64/ { print "another way to read: " $0; bad = 1; next }
    {
        reads++
        line = $0
        sub(/\) *= *[0-9]+$/, "", line)
        count = line; sub(/, [0-9]+$/, "", count); sub(/.*, /, "", count)
        offset = line; sub(/.*, /, "", offset)
        first = int(offset / bucket); last = int((offset + count - 1) / bucket)
        if (first == 1 && count != 8 && count != 16) { print "reads more than an entry: " $0; bad = 1 }
        if (first == 1 && !(offset in entry)) { entry[offset] = 1; entries++ }
        if (first < 2) { if (last > first) { print "reads beyond the header: " $0; bad = 1 } next }
        if (first != last) { print "reads beyond a bucket: " $0; bad = 1 }
        if (!(first in seen)) { seen[first] = 1; buckets++ }
    }
    END {
        if (reads == 0 || buckets == 0) { print "no reads of the store were seen"; bad = 1 }
        if (buckets > 2) { print "reads " buckets " buckets"; bad = 1 }
        if (entries > 4) { print "reads " entries " entries"; bad = 1 }
        print reads + 0 " reads of the file, in its header, " entries + 0 " entries and " buckets + 0 " buckets"
        exit bad
    }' "$work/calls" || sound=no
echo "$syncs syncs"
if [ "$syncs" -gt 1 ]; then
    echo "more than one sync"
    exit 1
fi
[ "${sound:-yes}" = yes ]
