#!/bin/sh
# Links programs in the folder $1 by hand with what is installed in $2, and runs them.
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
rm -rf "$1"
mkdir -p "$1"
cp -R "$2" "$1/moved"
libraries=$(dirname "$(find "$1/moved" -name libtjob.a)")

# linked NAME SOURCE OPTION...: a program, and what it prints.
linked() {
    program=$1/$2
    source=$folder/$3
    shift 3
    "$CC" -Wall -Wextra -Werror -I"$libraries/../include" "$source" -L"$libraries" -Wl,-rpath,"$libraries" "$@" -o "$program"
    "$program"
}

# The shared library of verify finds the other one by itself, for a program that does not ask for it.
linked "$1" alone verify_alone.c -Wl,--as-needed -ltjob_verify -ltjob
if readelf -d "$1/alone" | grep 'NEEDED.*libtjob\.so'; then
    echo "alone links libtjob itself" >&2
    exit 1
fi

# The archive of verify beside the shared library of tjob, and beside its archive, which comes before or after.
linked "$1" mixed check_log.c -l:libtjob_verify.a -ltjob
readelf -d "$1/mixed" | grep -q 'NEEDED.*libtjob\.so'
linked "$1" after check_log.c -l:libtjob_verify.a -l:libtjob.a -pthread
linked "$1" before check_log.c -Wl,--start-group -l:libtjob.a -l:libtjob_verify.a -Wl,--end-group -pthread
