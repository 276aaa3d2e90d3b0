# WebAssembly: clang and lld. The libraries are for a machine without a system, wasm32-unknown-unknown; the tests link a libc
# of their own, wasi-libc, and run under Node.js.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_SYSROOT /usr)
set(CMAKE_CROSSCOMPILING_EMULATOR node ${CMAKE_CURRENT_LIST_DIR}/wasm/run.js)
set(CMAKE_C_FLAGS_INIT "-mbulk-memory -mmutable-globals -isystem ${CMAKE_CURRENT_LIST_DIR}/wasm")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,--export-table -Wl,--export=__stack_pointer -Wl,--allow-undefined-file=${CMAKE_CURRENT_LIST_DIR}/wasm/imports.txt -Wl,-z,stack-size=8388608 -Wl,--stack-first")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
