# Fails unless PROGRAM is hardened: loaded anywhere, all its symbols bound before it begins, its tables of them read-only from
# then on, no stack that can be executed, and canaries on it; and if CHECKED, with the checked calls of libc.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${READELF} --wide --file-header --program-headers --dynamic --dyn-syms ${PROGRAM} OUTPUT_VARIABLE elf
                COMMAND_ERROR_IS_FATAL ANY)
set(problems "")

# must_match(REGEX PROBLEM): what is reported of the program shows that it has not this problem.
function(must_match regex problem)
    if(NOT elf MATCHES "${regex}")
        set(problems ${problems} "${problem}" PARENT_SCOPE)
    endif()
endfunction()

set(number "[0-9a-fx]+")
must_match("Type: +DYN" "stands at a fixed address")
must_match("FLAGS[^\n]*NOW" "binds symbols when they are first used")
must_match("GNU_RELRO" "leaves its tables of symbols to be written")
must_match("GNU_STACK +${number} ${number} ${number} ${number} ${number} RW " "has a stack that can be executed")
must_match("__stack_chk_fail" "has no canaries on its stack")
if(CHECKED)
    must_match("__printf_chk" "calls libc unchecked")
endif()
if(problems)
    list(JOIN problems "; " problems)
    message(FATAL_ERROR "${problems}")
endif()
