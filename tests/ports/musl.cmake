# Linux with musl in place of glibc; its programs run here.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER musl-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR env)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
