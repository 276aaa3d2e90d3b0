#!/bin/sh
# Builds the consumers of pkg_config/ with make in the folder $1 against what is installed in $2, and runs them. A copy
# of the installation is used, which proves that it may be moved.
set -eu
folder=$(cd "$(dirname "$0")/pkg_config" && pwd)
rm -rf "$1"
mkdir -p "$1"
cp -R "$2" "$1/moved"
PKG_CONFIG_PATH=$(dirname "$(find "$1/moved" -name tjob.pc)")
export PKG_CONFIG_PATH
make -C "$folder" OUT="$1" CFLAGS="-Wall -Wextra -Werror"
for program in flowers check_log flowers_static check_log_static; do
    "$1/$program"
done
readelf -d "$1/flowers" "$1/check_log" | grep -q 'NEEDED.*libtjob_verify\.so\.'
if readelf -d "$1/flowers_static" | grep NEEDED; then
    echo "flowers_static is not" >&2
    exit 1
fi
