# Fails unless a page is right about the sizes of searches: where it says "`tjob check ...` explores N states" or
# "`tjob check ...`: N states", and in a table of clients, faults, states, transitions and depth for one trainer, one retry
# and one incarnation.
#
#   PROGRAM DOCUMENT
#   LIMIT     searches of more states are left out
cmake_minimum_required(VERSION 3.25)
file(READ ${DOCUMENT} document)
string(REGEX REPLACE "[ \n]+" " " document "${document}")
string(REGEX REPLACE "([0-9]),([0-9])" "\\1\\2" document "${document}")
string(REGEX REPLACE "([0-9]),([0-9])" "\\1\\2" document "${document}")
set(searched 0)

# search(SAID ARGUMENT...): what the program finds begins with what is said, a number of states and perhaps more.
function(search said)
    string(REGEX MATCH "^[0-9]+" states ${said})
    if(states LESS_EQUAL LIMIT)
        execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_VARIABLE output)
        string(FIND "${output}" "${said}" at)
        if(NOT at EQUAL 0)
            list(JOIN ARGN " " arguments)
            message(FATAL_ERROR "${DOCUMENT} says of tjob ${arguments}: ${said}, but it finds:\n${output}")
        endif()
        math(EXPR searched "${searched} + 1")
        set(searched ${searched} PARENT_SCOPE)
    endif()
endfunction()

string(REGEX MATCHALL "`tjob check[^`]*`\\)?( explores|:) [0-9]+ states" sentences "${document}")
foreach(sentence IN LISTS sentences)
    string(REGEX MATCH "`tjob ([^`]*)`.* ([0-9]+ states)" whole "${sentence}")
    string(REPLACE " " ";" arguments "${CMAKE_MATCH_1}")
    search("${CMAKE_MATCH_2}" ${arguments})
endforeach()
string(REGEX MATCHALL "[|] [0-9]+ [|] [0-9]+ [|] [0-9]+ [|] [0-9]+ [|] [0-9]+ [|]" rows "${document}")
foreach(row IN LISTS rows)
    string(REGEX MATCHALL "[0-9]+" row "${row}")
    list(POP_FRONT row clients faults states transitions depth)
    search("${states} states, ${transitions} transitions, depth ${depth}" check --clients ${clients} --faults ${faults}
           --trainers 1 --incarnations 1 --memory 1G)
endforeach()
if(searched EQUAL 0)
    message(FATAL_ERROR "${DOCUMENT}: no search of at most ${LIMIT} states")
endif()
