#!/bin/sh
# A program of somebody else's, which takes tjob::server from an installed tjob: by CMake and by pkg-config, static and
# shared; and what an installation without it says.
#
#   serve_package.sh SOURCE WORK
set -eu
source=$1
work=$2
rm -rf "$work"
mkdir -p "$work/consumer"
cd "$work"
quiet() { "$@" >log 2>&1 || { cat log; exit 1; }; }

for serve in ON OFF; do
    quiet cmake -G Ninja -S "$source" -B "build_$serve" -D CMAKE_BUILD_TYPE=Release -D TJOB_SERVE=$serve -D TJOB_BUILD_PROGRAM=OFF \
        -D CMAKE_INSTALL_PREFIX="$work/installed_$serve"
    quiet cmake --build "build_$serve"
    quiet cmake --install "build_$serve"
done
[ -e installed_ON/include/tjob/server.h ]
[ ! -e installed_OFF/include/tjob/server.h ]
[ -e installed_ON/share/man/man3/tjob_server.3 ]
[ ! -e installed_OFF/share/man/man3/tjob_server.3 ]

cat >consumer/main.c <<'END'
#include <stdio.h>
#include <tjob/server.h>
int main(void)
{
    static tjob_server server;
    static uint64_t memory[1];
    const tjob_server_config config = {.service = NULL};
    puts(tjob_server_problem_text(tjob_server_start(&server, &config, memory, sizeof memory)));
    return 0;
}
END
cat >consumer/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(tjob REQUIRED COMPONENTS tjob server)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE tjob::server)
END
for shared in OFF ON; do
    quiet cmake -G Ninja -S consumer -B "consumer_$shared" -D CMAKE_PREFIX_PATH="$work/installed_ON" -D BUILD_SHARED_LIBS=$shared
    quiet cmake --build "consumer_$shared"
    [ "$("consumer_$shared/consumer")" = "an argument is invalid" ]
done
if cmake -G Ninja -S consumer -B consumer_without -D CMAKE_PREFIX_PATH="$work/installed_OFF" >log 2>&1; then
    echo "an installation without the server is taken for one with it"
    exit 1
fi
tr '\n' ' ' <log | grep -q "tjob was built without its *component server"

PKG_CONFIG_PATH=$(dirname "$(find "$work/installed_ON" -name tjob_server.pc)")
export PKG_CONFIG_PATH
${CC:-cc} consumer/main.c $(pkg-config --cflags tjob_server) -o by_pkg_config $(pkg-config --libs tjob_server)
[ "$(LD_LIBRARY_PATH=$(pkg-config --variable=libdir tjob_server) ./by_pkg_config)" = "an argument is invalid" ]
echo "taken by CMake and by pkg-config"
