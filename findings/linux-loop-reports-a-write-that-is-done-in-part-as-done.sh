#!/bin/sh
# Subject    Linux 6.18.44, the loop driver over a file in a tmpfs that is full. Needs root; no package is installed.
# Guess      A write to a block device is stored whole, or fails: a block device knows no short write. So a disk image
#            with holes on a full file system fails with ENOSPC, or EIO, where it cannot store a write.
# Behaviour  A write of which nothing can be stored fails with ENOSPC. One of which the first part can be stored is
#            reported as done, and the rest is lost: the driver takes the file's short write for a success.
# Seen       8192 bytes over a block that is there and a hole: written without an error, 4096 of them are there.
# So         Allocate a disk image as a whole before a test of full disks; a sync on such a device proves nothing.
#
# Exit code 0: seen again. 1: not seen. 77: no root, tmpfs or loop device to be had.
set -eu
work=$(mktemp -d)
device=
trap '[ -z "$device" ] || losetup -d "$device"; umount "$work/full" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/full"
mount -t tmpfs -o size=64k tmpfs "$work/full" 2>/dev/null || { echo "skipped: no tmpfs"; exit 77; }
truncate -s 1M "$work/full/image"
dd if=/dev/zero of="$work/full/image" bs=4096 count=1 conv=notrunc status=none
dd if=/dev/zero of="$work/full/rest" bs=4096 status=none 2>/dev/null || true # until it is full
device=$(losetup -f --show "$work/full/image" 2>/dev/null) || { device=; echo "skipped: no loop device"; exit 77; }
head -c 8192 /dev/zero | tr '\0' x >"$work/written"
uname -sr
if dd if="$work/written" of="$device" bs=4096 count=1 seek=8 oflag=direct status=none 2>/dev/null; then
    echo "4096 bytes into a hole: no error"
    exit 1
fi
echo "4096 bytes into a hole: an error"
dd if="$work/written" of="$device" bs=8192 count=1 oflag=direct status=none || { echo "8192 bytes: an error"; exit 1; }
there=$(dd if="$device" bs=8192 count=1 iflag=direct status=none | tr -cd x | wc -c)
echo "8192 bytes over a block and a hole: no error, $there of them are there"
[ "$there" = 4096 ]
