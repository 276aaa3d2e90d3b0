# Fails unless a library exports exactly the names that its list has, and the list has exactly those that its headers declare.
#
#   LIBRARY   tjob or tjob_verify
#   MAP       its list, which the linker goes by
#   HEADERS   the folder of the headers
#   FILE      the shared library, or objects, joined by commas, of which that of ${LIBRARY}.c is looked at
#   SONAME    of the shared library, if it is to be checked, by READELF
cmake_minimum_required(VERSION 3.25)
set(failures "")

# compare(THESE "BUT NOT" THOSE): names in one list and not in the other.
function(compare these what those)
    set(more ${${these}})
    list(REMOVE_ITEM more ${${those}})
    if(more)
        list(SORT more)
        list(JOIN more " " more)
        list(APPEND failures "${what}: ${more}")
        set(failures "${failures}" PARENT_SCOPE)
    endif()
endfunction()

# ---- Declared

file(STRINGS ${HEADERS}/verify.h includes REGEX "^#include")
list(TRANSFORM includes REPLACE ".*tjob/(.*)\".*" "\\1" OUTPUT_VARIABLE verify_headers)
file(GLOB headers RELATIVE ${HEADERS} ${HEADERS}/*.h)
if(LIBRARY STREQUAL "tjob")
    list(REMOVE_ITEM headers ${verify_headers})
else()
    set(headers ${verify_headers})
endif()
set(declared "")
foreach(header IN LISTS headers)
    file(READ ${HEADERS}/${header} text)
    string(REPLACE ";" "," text "${text}")
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
    string(REGEX MATCHALL "\n[a-z][a-z0-9_ ]*[ *]+tjob_[a-z0-9_]+\\(|\nextern [a-z_ ]+[ *]tjob_[a-z0-9_]+," found "${text}")
    list(TRANSFORM found REPLACE ".*[ *](tjob_[a-z0-9_]+).$" "\\1")
    list(APPEND declared ${found})
endforeach()

# ---- Listed and exported

file(STRINGS ${MAP} listed REGEX "^ *tjob_")
list(TRANSFORM listed REPLACE "^ *(tjob_[a-z0-9_]+).*" "\\1")
list(LENGTH listed listed_count)
if(listed_count LESS 20)
    message(FATAL_ERROR "${MAP} lists ${listed_count} names only")
endif()

string(REPLACE "," ";" files "${FILE}")
set(options --defined-only --extern-only)
if(FILE MATCHES "\\.so")
    list(APPEND options -D)
endif()
if(NOT FILE MATCHES "\\.(so|a)")
    list(FILTER files INCLUDE REGEX "/${LIBRARY}\\.c")
endif()
execute_process(COMMAND ${NM} ${options} ${files} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " [BDRTVW] [^\n@]+" exported "${listing}")
list(TRANSFORM exported REPLACE "^ [A-Z] " "")
list(FILTER exported EXCLUDE REGEX "^__(asan|odr|sanitizer|ubsan|gcov|llvm|start|stop)|^(_init|_fini|__bss_start|_edata|_end)$")

compare(declared "declared, but not listed" listed)
compare(listed "listed, but not declared" declared)
compare(exported "exported, but not listed" listed)
compare(listed "listed, but not exported" exported)
if(SONAME)
    execute_process(COMMAND ${READELF} -d ${FILE} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
    string(FIND "${dynamic}" "[${SONAME}]" at)
    if(at EQUAL -1)
        list(APPEND failures "its name is not ${SONAME}")
    endif()
endif()
if(failures)
    list(JOIN failures "\n  " failures)
    message(FATAL_ERROR "${FILE}:\n  ${failures}")
endif()
