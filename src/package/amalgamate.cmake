# Makes the library in one file: tjob.h and tjob.c, tjob_verify.h and tjob_verify.c.
#
#   cmake -D ROOT=<checkout> -D OUT=<folder> -D SOURCES=<of tjob> -D VERIFY_SOURCES=<of tjob_verify> -P amalgamate.cmake
#
# tjob_verify.c needs tjob.c. SOURCES and VERIFY_SOURCES are joined by commas, relative to ROOT; their order is that of the output. The sources are
# concatenated as they are, for no two of them have a name at file scope in common. Each header is placed where it is first
# included. The file store needs POSIX, so it comes last, under the condition under which tjob.h has it.
cmake_minimum_required(VERSION 3.25)
set(FILE_STORE "/file_store/")
set(POSIX "#if defined(__unix__) || defined(__APPLE__)")
set(FEATURES "#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n#ifndef _FILE_OFFSET_BITS\n#define _FILE_OFFSET_BITS 64\n#endif\n")

# add(PATH): appends a file to TEXT, with the headers of the project that it includes for the first time (SEEN has the others).
function(add path)
    file(READ ${ROOT}/${path} rest)
    string(REGEX REPLACE "#define (_GNU_SOURCE|_FILE_OFFSET_BITS)[^\n]*\n" "" rest "${rest}")
    while(rest MATCHES "#include \"([a-z0-9_/]+\\.h)\"[^\n]*\n")
        set(line "${CMAKE_MATCH_0}")
        set(header src/${CMAKE_MATCH_1})
        string(REGEX REPLACE "^src/tjob/" "include/tjob/" header "${header}")
        string(FIND "${rest}" "${line}" at)
        string(LENGTH "${line}" length)
        string(SUBSTRING "${rest}" 0 ${at} before)
        string(APPEND TEXT "${before}")
        if(NOT header IN_LIST SEEN)
            list(APPEND SEEN ${header})
            add(${header})
        endif()
        math(EXPR at "${at} + ${length}")
        string(SUBSTRING "${rest}" ${at} -1 rest)
    endwhile()
    set(TEXT "${TEXT}${rest}" PARENT_SCOPE)
    set(SEEN "${SEEN}" PARENT_SCOPE)
endfunction()

# What a header defines inline for several sources need not be of use to each file.
set(UNUSED "#ifdef __clang__\n#pragma clang diagnostic ignored \"-Wunused-function\"\n#endif\n")

# write(FILE TOP PATH...): the files, one after the other, below the notice and TOP.
function(write file top)
    set(TEXT "")
    foreach(path IN LISTS ARGN)
        add(${path})
    endforeach()
    file(WRITE ${OUT}/${file} "${NOTICE}${top}${TEXT}")
    set(SEEN "${SEEN}" PARENT_SCOPE)
endfunction()

file(STRINGS ${ROOT}/include/tjob/version.h version REGEX "TJOB_VERSION \"")
string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" version "${version}")
file(READ ${ROOT}/LICENSE license)
string(STRIP "${license}" license)
string(REPLACE "\n" "\n * " license "${license}")
string(REPLACE " * \n" " *\n" license " * ${license}")
set(NOTICE "/*\n * tjob ${version} in one file, made of the sources by the target amalgamation: change those.\n *\n${license}\n */\n")

string(REPLACE "," ";" sources "${SOURCES}")
string(REPLACE "," ";" verify_sources "${VERIFY_SOURCES}")
set(file_store ${sources})
list(FILTER file_store INCLUDE REGEX "${FILE_STORE}")
list(FILTER sources EXCLUDE REGEX "${FILE_STORE}")
file(WRITE ${OUT}/posix_begin.h "\n${POSIX}\n")
file(WRITE ${OUT}/posix_end.h "\n#endif\n")
file(RELATIVE_PATH out ${ROOT} ${OUT})

set(SEEN include/tjob/tjob.h)
write(tjob.h "" include/tjob/tjob.h)
list(APPEND SEEN include/tjob/verify.h)
write(tjob_verify.h "#include \"tjob.h\"\n\n" include/tjob/verify.h)
set(public ${SEEN})
if(file_store)
    set(file_store ${out}/posix_begin.h ${file_store} ${out}/posix_end.h)
endif()
write(tjob.c "${FEATURES}${UNUSED}\n#include \"tjob.h\"\n\n" src/package/tinyc.h ${sources} ${file_store})
set(SEEN ${public})
write(tjob_verify.c "${FEATURES}${UNUSED}\n#include \"tjob_verify.h\"\n\n" src/package/tinyc.h ${verify_sources})
file(REMOVE ${OUT}/posix_begin.h ${OUT}/posix_end.h)
