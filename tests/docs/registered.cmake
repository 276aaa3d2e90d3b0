# Fails unless every page that there is belongs to those whose links and snippets are tested, and every one that shows
# commands to those whose commands are run.
#
#   ROOT           the checkout
#   DOCUMENTS      the pages whose links and snippets are tested, joined by commas
#   TRANSCRIPTS    those whose blocks of console are run
#   WALKED         those whose blocks of sh are run
cmake_minimum_required(VERSION 3.25)
foreach(list IN ITEMS DOCUMENTS TRANSCRIPTS WALKED)
    string(REPLACE "," ";" ${list} "${${list}}")
endforeach()
file(GLOB_RECURSE pages RELATIVE ${ROOT} ${ROOT}/docs/*.md)
list(APPEND pages README.md)
set(failures "")
foreach(page IN LISTS pages)
    if(NOT page IN_LIST DOCUMENTS)
        list(APPEND failures "${page}: nobody tests its links and snippets")
    endif()
    file(STRINGS ${ROOT}/${page} blocks REGEX "^```[a-z]+$")
    if("```console" IN_LIST blocks AND NOT page IN_LIST TRANSCRIPTS)
        list(APPEND failures "${page}: nobody runs its console")
    endif()
    if("```sh" IN_LIST blocks AND NOT page IN_LIST WALKED)
        list(APPEND failures "${page}: nobody runs its sh")
    endif()
endforeach()
if(failures)
    list(JOIN failures "\n  " failures)
    message(FATAL_ERROR "${failures}")
endif()
