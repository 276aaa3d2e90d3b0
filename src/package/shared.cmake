# tjob_shared and tjob_verify_shared: the objects of the static libraries, as shared ones that export what the
# public headers declare, and nothing else. Those of the optional stores, which their own folders make, are like them.
set_target_properties(tjob tjob_verify PROPERTIES POSITION_INDEPENDENT_CODE ON)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # Nobody replaces a function of the library from outside, so it may be inlined within it: clang takes that for granted.
    target_compile_options(tjob PRIVATE -fno-semantic-interposition)
    target_compile_options(tjob_verify PRIVATE -fno-semantic-interposition)
endif()

add_library(tjob_shared SHARED $<TARGET_OBJECTS:tjob>)
target_link_libraries(tjob_shared PUBLIC Threads::Threads PRIVATE $<BUILD_INTERFACE:tjob_flags>)

add_library(tjob_verify_shared SHARED $<TARGET_OBJECTS:tjob_verify>)
target_link_libraries(tjob_verify_shared PUBLIC tjob_shared PRIVATE $<BUILD_INTERFACE:tjob_flags>)
# Once installed they find the other library beside them, also for a program that links one of them alone.
set(beside "$ORIGIN")
if(APPLE)
    set(beside "@loader_path")
endif()
foreach(library IN ITEMS tjob_verify ${TJOB_OPTIONAL_LIBRARIES})
    set_target_properties(${library}_shared PROPERTIES INSTALL_RPATH "${beside};${CMAKE_INSTALL_RPATH}")
endforeach()

# Before 1.0.0 each minor version may break what was linked with another; docs/compatibility.md has the rules.
set(soversion ${PROJECT_VERSION_MAJOR})
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(soversion 0.${PROJECT_VERSION_MINOR})
endif()
include(src/package/exports.cmake)
file(GLOB headers CONFIGURE_DEPENDS include/tjob/*.h)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${headers})
include(CheckLinkerFlag)
check_linker_flag(C "-Wl,--version-script=${CMAKE_CURRENT_SOURCE_DIR}/src/package/none.map" TJOB_LINKER_TAKES_MAPS)
foreach(library IN ITEMS tjob tjob_verify ${TJOB_OPTIONAL_LIBRARIES})
    target_include_directories(${library}_shared PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
    set_target_properties(${library}_shared PROPERTIES OUTPUT_NAME ${library} LINKER_LANGUAGE C
                                                       VERSION ${PROJECT_VERSION} SOVERSION ${soversion})
    tjob_exports(${library} names)
    list(JOIN names "; " names)
    set(map ${CMAKE_CURRENT_BINARY_DIR}/${library}.map)
    file(CONFIGURE OUTPUT ${map} CONTENT "TJOB_${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} { global: @names@; local: *; };\n" @ONLY)
    set_target_properties(${library}_shared PROPERTIES LINK_DEPENDS ${map})
    if(TJOB_LINKER_TAKES_MAPS)
        target_link_options(${library}_shared PRIVATE -Wl,--version-script=${map} -Wl,-Bsymbolic-functions)
    endif()
endforeach()
