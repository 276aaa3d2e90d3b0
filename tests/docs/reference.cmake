# Fails unless each public header has a page of the reference that names every function, type, object and constant which the
# header declares, links to the header, and is linked by the reference's first page; and unless every name of tjob's that a
# page mentions is in some header.
#
#   HEADERS   the folder of the headers
#   PAGES     the folder of the reference
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/plain.cmake)

# names(TEXT PATTERN RESULT): what a pattern finds, less everything but the name at the end of each find.
function(names text pattern result)
    string(REGEX MATCHALL "${pattern}" found "${text}")
    list(TRANSFORM found REPLACE ".*[^A-Za-z0-9_]([Tt][Jj][Oo][Bb]_[A-Za-z0-9_]+)[^A-Za-z0-9_]*$" "\\1")
    set(${result} ${found} PARENT_SCOPE)
endfunction()

# read(FILE RESULT): its text, without the characters that lists of CMake's have a use for.
function(read file result)
    file(READ ${file} text)
    plain("${text}" text)
    string(REPLACE "\\" "" text "${text}")
    set(${result} "\n${text}" PARENT_SCOPE)
endfunction()

# read_page(FILE RESULT): a page without its examples: they explain no name, and their names are the compiler's affair.
function(read_page file result)
    read(${file} text)
    string(REGEX REPLACE "\n```[^`]*\n```" "" text "${text}")
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

# declared(TEXT RESULT): the public names of a header.
function(declared text result)
    without_comments("${text}" text)
    set(all "")
    foreach(pattern IN ITEMS
            "\n[a-z][a-z0-9_ ]*[ *]+tjob_[a-z0-9_]+\\("          # functions
            "\nextern [a-z_ ]+[ *]tjob_[a-z0-9_]+@"              # objects
            "\n(typedef )?(struct|enum) tjob_[a-z0-9_]+ {"       # types
            "\ntypedef struct [a-z0-9_]+ tjob_[a-z0-9_]+@"
            "\ntypedef [a-z0-9_ ]+\\(\\*tjob_[a-z0-9_]+\\)\\(" # of functions
            "\n} tjob_[a-z0-9_]+@"
            "\n#define TJOB_[A-Z0-9_]+")                         # constants
        names("${text}" "${pattern}" found)
        list(APPEND all ${found})
    endforeach()
    string(REGEX MATCHALL "\n(typedef )?enum [a-z0-9_ ]*{[^}]*}" enums "${text}")
    foreach(enum IN LISTS enums)
        names("${enum}" "[{,][ \n]*TJOB_[A-Z0-9_]+" found)
        list(APPEND all ${found})
    endforeach()
    list(FILTER all EXCLUDE REGEX "^TJOB_[A-Z_]*_H$") # guards
    list(REMOVE_DUPLICATES all)
    set(${result} ${all} PARENT_SCOPE)
endfunction()

set(failures "")
set(every "")
set(count 0)
file(GLOB headers RELATIVE ${HEADERS} ${HEADERS}/*.h)
file(READ ${PAGES}/README.md first_page)
foreach(header IN LISTS headers)
    read(${HEADERS}/${header} text)
    declared("${text}" wanted)
    list(APPEND every ${wanted})
    string(REGEX REPLACE "\\.h$" ".md" name ${header})
    if(NOT EXISTS ${PAGES}/${name})
        list(APPEND failures "${header} has no page")
        continue()
    endif()
    read_page(${PAGES}/${name} page)
    string(FIND "${page}" "../../include/tjob/${header})" at)
    if(at EQUAL -1)
        list(APPEND failures "${name} does not link to ${header}")
    endif()
    string(FIND "${first_page}" "(${name})" at)
    if(at EQUAL -1)
        list(APPEND failures "README.md does not link to ${name}")
    endif()
    foreach(wanted_name IN LISTS wanted)
        if(NOT page MATCHES "[^A-Za-z0-9_]${wanted_name}[^A-Za-z0-9_]")
            list(APPEND failures "${name} does not name ${wanted_name}")
        endif()
        math(EXPR count "${count} + 1")
    endforeach()
endforeach()

file(GLOB pages RELATIVE ${PAGES} ${PAGES}/*.md)
foreach(name IN LISTS pages)
    read_page(${PAGES}/${name} page)
    string(REGEX MATCHALL "[^A-Za-z0-9_](tjob_[a-z0-9_]+|TJOB_[A-Z0-9_]+)" mentioned "${page}")
    list(TRANSFORM mentioned REPLACE "^[^A-Za-z0-9_]" "")
    list(REMOVE_DUPLICATES mentioned)
    list(REMOVE_ITEM mentioned ${every} tjob_verify tjob_postgresql TJOB_POSTGRESQL) # libraries, and an option
    foreach(stranger IN LISTS mentioned)
        list(APPEND failures "${name} mentions ${stranger}, which no header declares")
    endforeach()
endforeach()

if(count LESS 300)
    list(APPEND failures "the headers declare ${count} names only")
endif()
if(failures)
    list(JOIN failures "\n  " failures)
    message(FATAL_ERROR "${failures}")
endif()
