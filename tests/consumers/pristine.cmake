# A project that takes tjob in as a part of itself finds everything as it was. pristine_note() notes what there is;
# pristine_check() fails if a variable, an option of the compiler or a test has come or changed since. What tjob and CMake's
# modules keep in the cache is theirs.
macro(pristine_note)
    get_cmake_property(PRISTINE_NAMES VARIABLES)
    foreach(name IN LISTS PRISTINE_NAMES)
        set(PRISTINE_WAS_${name} "${${name}}")
    endforeach()
    get_directory_property(PRISTINE_OPTIONS COMPILE_OPTIONS)
endmacro()

set(PRISTINE_THEIRS "^(PRISTINE_|CMAKE_MATCH_|TJOB_|tjob_|CMAKE_HAVE_|CMAKE_INSTALL_|FETCHCONTENT_|FIND_PACKAGE_|ARG[CNV]|name$|_)")

macro(pristine_check)
    get_cmake_property(PRISTINE_NOW VARIABLES)
    foreach(name IN LISTS PRISTINE_NOW)
        if(NOT name MATCHES "${PRISTINE_THEIRS}" AND NOT (name IN_LIST PRISTINE_NAMES AND "${${name}}" STREQUAL "${PRISTINE_WAS_${name}}"))
            message(FATAL_ERROR "changed: ${name} is \"${${name}}\", was \"${PRISTINE_WAS_${name}}\"")
        endif()
    endforeach()
    get_directory_property(PRISTINE_OPTIONS_NOW COMPILE_OPTIONS)
    if(NOT "${PRISTINE_OPTIONS_NOW}" STREQUAL "${PRISTINE_OPTIONS}")
        message(FATAL_ERROR "changed: the options are ${PRISTINE_OPTIONS_NOW}")
    endif()
endmacro()
