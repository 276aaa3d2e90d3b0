# Fails unless the table of a page has words of the README on its left, to the letter but for line breaks, and on its right
# at least one name of a test that there is.
#
#   ROOT   the checkout
#   PAGE   the page; the table is in its section "What the README says"
#   BUILD  the folder of the build whose tests are meant
cmake_minimum_required(VERSION 3.25)

# plain(FILE RESULT): a page in which line breaks do not count, nor what lists of CMake's have a use for.
function(plain file result)
    file(READ ${file} text)
    string(REGEX REPLACE "[][;]" "" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

plain(${ROOT}/README.md readme)
string(REGEX REPLACE "[ \n]+" " " readme "${readme}")
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${BUILD} --show-only OUTPUT_VARIABLE tests
                COMMAND_ERROR_IS_FATAL ANY)
plain(${PAGE} page)
if(NOT page MATCHES "\n## What the README says\n(.*)\n## ")
    message(FATAL_ERROR "${PAGE}: no section on what the README says")
endif()
string(REGEX MATCHALL "\n[|] [^\n]+ [|]" rows "${CMAKE_MATCH_1}")
list(POP_FRONT rows) # the heads of the columns
list(FILTER rows EXCLUDE REGEX "^\n[|] ---")
set(failures "")
foreach(row IN LISTS rows)
    string(REGEX MATCH "^\n[|] (.*) [|] (.*) [|]$" row "${row}")
    set(words "${CMAKE_MATCH_1}")
    set(right "${CMAKE_MATCH_2}")
    string(FIND "${readme}" "${words}" at)
    if(at EQUAL -1)
        list(APPEND failures "the README does not say: ${words}")
    endif()
    string(REGEX MATCHALL "`[A-Za-z][A-Za-z0-9_-]*`" names "${right}")
    if(NOT names)
        list(APPEND failures "no test would notice: ${words}")
    endif()
    foreach(name IN LISTS names)
        string(REPLACE "`" "" name "${name}")
        if(NOT tests MATCHES ": ${name}\n")
            list(APPEND failures "there is no test ${name}")
        endif()
    endforeach()
endforeach()
list(LENGTH rows count)
if(count LESS ROWS_MIN)
    list(APPEND failures "${count} statements only")
endif()
if(failures)
    list(JOIN failures "\n  " failures)
    message(FATAL_ERROR "${PAGE}:\n  ${failures}")
endif()
