# tjob_shared, tjob_verify_shared, and those of the engines: the objects of the static libraries, as shared ones that export what the
# public headers declare, and nothing else.
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
# Once installed it finds the other library beside it, also for a program that links this one alone.
if(APPLE)
    set_target_properties(tjob_verify_shared PROPERTIES INSTALL_RPATH "@loader_path;${CMAKE_INSTALL_RPATH}")
else()
    set_target_properties(tjob_verify_shared PROPERTIES INSTALL_RPATH "$ORIGIN;${CMAKE_INSTALL_RPATH}")
endif()

foreach(engine IN LISTS TJOB_ENGINES)
    set_target_properties(tjob_${engine} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    add_library(tjob_${engine}_shared SHARED $<TARGET_OBJECTS:tjob_${engine}>)
    target_link_libraries(tjob_${engine}_shared PUBLIC tjob_shared PRIVATE ${TJOB_${engine}_CLIENT}
                                                $<BUILD_INTERFACE:tjob_flags>)
    get_target_property(rpath tjob_verify_shared INSTALL_RPATH)
    set_target_properties(tjob_${engine}_shared PROPERTIES INSTALL_RPATH "${rpath}")
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
list(TRANSFORM TJOB_ENGINES PREPEND tjob_ OUTPUT_VARIABLE engine_libraries)
foreach(library IN ITEMS tjob tjob_verify ${engine_libraries})
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
