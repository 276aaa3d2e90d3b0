# The target amalgamation: the library in one file, in the folder amalgamation of the build.
set(TJOB_AMALGAMATION ${CMAKE_CURRENT_BINARY_DIR}/amalgamation)
set(sources ${TJOB_CORE_SOURCES} ${TJOB_WIRE_SOURCES} ${TJOB_HOST_SOURCES})
set(verify_sources ${TJOB_VERIFY_SOURCES})
list(FILTER verify_sources INCLUDE REGEX "/src/verify/") # the others are in tjob.c
file(GLOB headers CONFIGURE_DEPENDS include/tjob/*.h src/core/*.h src/wire/*.h src/host/*.h src/host/*/*.h src/verify/*/*.h)
set(TJOB_AMALGAMATE ${CMAKE_COMMAND} -D ROOT=${CMAKE_CURRENT_SOURCE_DIR})
foreach(list IN ITEMS sources verify_sources)
    set(relative ${${list}})
    list(TRANSFORM relative REPLACE "^${CMAKE_CURRENT_SOURCE_DIR}/" "")
    list(JOIN relative "," relative)
    string(TOUPPER ${list} name)
    list(APPEND TJOB_AMALGAMATE -D ${name}=${relative})
endforeach()
set(TJOB_AMALGAMATION_FILES tjob.h tjob.c tjob_verify.h tjob_verify.c)
list(TRANSFORM TJOB_AMALGAMATION_FILES PREPEND ${TJOB_AMALGAMATION}/ OUTPUT_VARIABLE outputs)
add_custom_command(OUTPUT ${outputs}
                   COMMAND ${TJOB_AMALGAMATE} -D OUT=${TJOB_AMALGAMATION}
                           -P ${CMAKE_CURRENT_SOURCE_DIR}/src/package/amalgamate.cmake
                   DEPENDS ${sources} ${verify_sources} ${headers} LICENSE src/package/amalgamate.cmake src/package/tinyc.h
                   VERBATIM COMMENT "The library in one file")
add_custom_target(amalgamation DEPENDS ${outputs})
