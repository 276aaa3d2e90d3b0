#!/bin/sh
# A program of somebody else's, which takes tjob::etcd from an installed tjob: by CMake and by pkg-config, static and
# shared; and what an installation without it says.
#
#   etcd_package.sh SOURCE WORK
set -eu
source=$1
work=$2
rm -rf "$work"
mkdir -p "$work/consumer"
cd "$work"
quiet() { "$@" >log 2>&1 || { cat log; exit 1; }; }

for etcd in ON OFF; do
    quiet cmake -G Ninja -S "$source" -B "build_$etcd" -D CMAKE_BUILD_TYPE=Release -D TJOB_ETCD=$etcd -D TJOB_BUILD_PROGRAM=OFF \
        -D CMAKE_INSTALL_PREFIX="$work/installed_$etcd"
    quiet cmake --build "build_$etcd"
    quiet cmake --install "build_$etcd"
done
[ -e installed_ON/include/tjob/etcd_store.h ]
[ ! -e installed_OFF/include/tjob/etcd_store.h ]
[ -e installed_ON/share/man/man3/tjob_etcd_store.3 ]
[ ! -e installed_OFF/share/man/man3/tjob_etcd_store.3 ]

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
cat >consumer/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(tjob REQUIRED COMPONENTS tjob etcd)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE tjob::etcd)
END
for shared in OFF ON; do
    quiet cmake -G Ninja -S consumer -B "consumer_$shared" -D CMAKE_PREFIX_PATH="$work/installed_ON" -D BUILD_SHARED_LIBS=$shared
    quiet cmake --build "consumer_$shared"
    [ "$("consumer_$shared/consumer")" = unreachable ]
done
if cmake -G Ninja -S consumer -B consumer_without -D CMAKE_PREFIX_PATH="$work/installed_OFF" >log 2>&1; then
    echo "an installation without etcd is taken for one with it"
    exit 1
fi
tr '\n' ' ' <log | grep -q "tjob was built without its *component etcd"

PKG_CONFIG_PATH=$(dirname "$(find "$work/installed_ON" -name tjob_etcd.pc)")
export PKG_CONFIG_PATH
${CC:-cc} consumer/main.c $(pkg-config --cflags tjob_etcd) -o by_pkg_config $(pkg-config --libs tjob_etcd)
[ "$(LD_LIBRARY_PATH=$(pkg-config --variable=libdir tjob_etcd) ./by_pkg_config)" = unreachable ]
echo "taken by CMake and by pkg-config"
