# Fails unless every line and every branch of the libraries (src/core, src/wire, src/host, src/verify) and of
# the engine behind the page (src/page) was reached.
#
# A line or branch that cannot be reached is left out where it stands, by a comment LCOV_EXCL_LINE or LCOV_EXCL_BR_LINE
# that gives its reason.
set(info ${BUILD}/coverage.info)
execute_process(COMMAND lcov --capture --directory ${BUILD} --output-file ${info}.all --rc lcov_branch_coverage=1 --quiet
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND lcov --extract ${info}.all ${SOURCE}/src/core/* ${SOURCE}/src/wire/* ${SOURCE}/src/host/*
                        ${SOURCE}/src/verify/* ${SOURCE}/src/page/*
                        --output-file ${info} --rc lcov_branch_coverage=1 --quiet
                COMMAND_ERROR_IS_FATAL ANY)

set(lines 0)
set(branches 0)
set(missed "")
file(STRINGS ${info} records)
foreach(record IN LISTS records)
    if(record MATCHES "^SF:${SOURCE}/(.*)$")
        set(file ${CMAKE_MATCH_1})
    elseif(record MATCHES "^DA:([0-9]+),([0-9]+)")
        math(EXPR lines "${lines} + 1")
        if(CMAKE_MATCH_2 EQUAL 0)
            list(APPEND missed "${file}:${CMAKE_MATCH_1}: line not reached")
        endif()
    elseif(record MATCHES "^BRDA:([0-9]+),([0-9]+),([0-9]+),(.*)$")
        math(EXPR branches "${branches} + 1")
        if(CMAKE_MATCH_4 STREQUAL "-" OR CMAKE_MATCH_4 STREQUAL "0")
            list(APPEND missed "${file}:${CMAKE_MATCH_1}: branch ${CMAKE_MATCH_3} not taken")
        endif()
    endif()
endforeach()

list(LENGTH missed missed_count)
message(NOTICE "${lines} lines and ${branches} branches of the libraries, ${missed_count} not reached")
if(lines LESS 500)
    message(FATAL_ERROR "that is not the library")
endif()
if(missed)
    list(JOIN missed "\n  " missed)
    message(FATAL_ERROR "not reached:\n  ${missed}")
endif()
