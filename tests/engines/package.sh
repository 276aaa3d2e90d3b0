#!/bin/sh
# A program of somebody else's, which takes tjob::etcd or tjob::postgresql from an installed tjob: by CMake and by
# pkg-config, static and shared; and what an installation without them says.
#
#   package.sh SOURCE WORK ENGINE...    each is etcd or postgresql
set -eu
source=$1
work=$2
shift 2
rm -rf "$work"
mkdir -p "$work/consumer"
cd "$work"
quiet() { "$@" >log 2>&1 || { cat log; exit 1; }; }

install() { # FOLDER OPTION...
    folder=$1
    shift
    quiet cmake -G Ninja -S "$source" -B "build_$folder" -D CMAKE_BUILD_TYPE=Release -D TJOB_BUILD_PROGRAM=OFF \
        -D CMAKE_INSTALL_PREFIX="$work/$folder" "$@"
    quiet cmake --build "build_$folder"
    quiet cmake --install "build_$folder"
}

options=
for engine in "$@"; do
    options="$options -D TJOB_$(echo "$engine" | tr '[:lower:]' '[:upper:]')=ON"
done
install with $options
install without

expect() { # EXPECTED COMMAND
    seen=$("$2")
    [ "$seen" = "$1" ] || { echo "$2: $seen in place of $1"; exit 1; }
}

# What each says of a server that is not there.
program_etcd() {
    expected=UNREACHABLE
    cat >consumer/main.c <<'END'
#include <stdio.h>
#include <tjob/etcd_store.h>
int main(void)
{
    static tjob_etcd_connection connections[1];
    static tjob_etcd_store store;
    const tjob_etcd_config config = {.endpoints = "http://127.0.0.1:1"};
    if (tjob_etcd_store_init(&store, connections, 1, &config) != TJOB_ETCD_OK) {
        return 1;
    }
    puts(tjob_etcd_problem_name(tjob_etcd_store_check(&store)));
    tjob_etcd_store_close(&store);
    return 0;
}
END
}

program_postgresql() {
    expected=NO_CONNECTION
    cat >consumer/main.c <<'END'
#include <stdio.h>
#include <tjob/postgresql_store.h>
int main(void)
{
    static tjob_postgresql_connection connections[1];
    static tjob_postgresql_store store;
    const tjob_postgresql_config config = {
        .conninfo = "host=127.0.0.1 port=1", .connections = connections, .connection_count = 1};
    if (tjob_postgresql_store_init(&store, &config) != TJOB_POSTGRESQL_OK) {
        return 1;
    }
    puts(tjob_postgresql_problem_name(tjob_postgresql_store_check(&store)));
    tjob_postgresql_store_close(&store);
    return 0;
}
END
}

try_engine() { # ENGINE
    for file in "include/tjob/$1_store.h" "share/man/man3/tjob_$1_store.3"; do
        [ -e "with/$file" ]
        [ ! -e "without/$file" ]
    done
    "program_$1"
    cat >consumer/CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(tjob REQUIRED COMPONENTS tjob $1)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE tjob::$1)
END
    for shared in OFF ON; do
        quiet cmake -G Ninja -S consumer -B "consumer_$1_$shared" -D CMAKE_PREFIX_PATH="$work/with" -D BUILD_SHARED_LIBS=$shared
        quiet cmake --build "consumer_$1_$shared"
        expect "$expected" "consumer_$1_$shared/consumer"
    done
    if cmake -G Ninja -S consumer -B "consumer_$1_without" -D CMAKE_PREFIX_PATH="$work/without" >log 2>&1; then
        echo "an installation without $1 is taken for one with it"
        exit 1
    fi
    tr '\n' ' ' <log | grep -q "tjob was built without its *component $1"

    ${CC:-cc} consumer/main.c $(pkg-config --cflags "tjob_$1") -o "pkg_config_$1" $(pkg-config --libs "tjob_$1")
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir "tjob_$1") expect "$expected" "./pkg_config_$1"
    echo "$1: taken by CMake and by pkg-config"
}

PKG_CONFIG_PATH=$(dirname "$(find "$work/with" -name tjob.pc)")
export PKG_CONFIG_PATH
for engine in "$@"; do
    try_engine "$engine"
done
