# Fails unless a page says each of SENTENCES, joined by "|": what they mention is taken from where it is decided, so that a
# page which was left behind is noticed.
cmake_minimum_required(VERSION 3.25)
file(READ ${DOCUMENT} document)
string(REGEX REPLACE "[ \n]+" " " document "${document}")
string(REPLACE "|" ";" sentences "${SENTENCES}")
foreach(sentence IN LISTS sentences)
    string(FIND "${document}" "${sentence}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "${DOCUMENT} does not say: ${sentence}")
    endif()
endforeach()
