# A microcontroller without an operating system: core, wire and the memory store. The emulator is of a whole board; programs
# write to it and end in it as they would by a debugger.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -monitor none -serial none
                                  -semihosting-config enable=on,target=native -kernel)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m4 -mthumb")
set(CMAKE_EXE_LINKER_FLAGS_INIT "--specs=rdimon.specs -Wl,--section-start=.vectors=0x0")
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
