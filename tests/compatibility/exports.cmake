# Fails unless a shared library exports exactly the names that its headers declare, and has the name that it should have.
#
#   LIBRARY   tjob, tjob_verify, or an optional one
#   FILE      the shared library
#   SONAME    its name, as READELF finds it
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../../src/package/exports.cmake)
tjob_exports(${LIBRARY} declared)
list(LENGTH declared count)
if(count LESS 5)
    message(FATAL_ERROR "the headers of ${LIBRARY} declare ${count} names only")
endif()
execute_process(COMMAND ${NM} --defined-only --extern-only -D ${FILE} OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " [BDRTVW] [^\n@]+" exported "${listing}")
list(TRANSFORM exported REPLACE "^ [A-Z] " "")
list(FILTER exported EXCLUDE REGEX "^__(asan|odr|sanitizer|ubsan|gcov|llvm|start|stop)|^(_init|_fini|__bss_start|_edata|_end)$")
set(missing ${declared})
list(REMOVE_ITEM missing ${exported})
list(REMOVE_ITEM exported ${declared})
execute_process(COMMAND ${READELF} -d ${FILE} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(FIND "${dynamic}" "[${SONAME}]" at)
if(missing OR exported OR at EQUAL -1)
    message(FATAL_ERROR "${FILE}: not ${SONAME}; or declared, but not exported: ${missing}; or exported, but not declared: ${exported}")
endif()
