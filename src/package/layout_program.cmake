# The program layout, and the target tjob_layout_json: layout.json in the folder of the build, for this machine.
set(layout_work ${CMAKE_CURRENT_BINARY_DIR}/layout_of_headers)
file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/include/tjob/*.h)
add_custom_command(OUTPUT ${layout_work}/layout_list.h
                   COMMAND ${CMAKE_COMMAND} -D HEADERS=${CMAKE_CURRENT_SOURCE_DIR}/include/tjob
                           -D OUT=${layout_work}/layout_list.h -P ${CMAKE_CURRENT_SOURCE_DIR}/src/package/layout.cmake
                   DEPENDS ${headers} src/package/layout.cmake src/package/exports.cmake VERBATIM)
add_executable(tjob_layout src/package/layout.c ${layout_work}/layout_list.h)
set_target_properties(tjob_layout PROPERTIES OUTPUT_NAME layout RUNTIME_OUTPUT_DIRECTORY ${layout_work})
target_include_directories(tjob_layout PRIVATE ${layout_work} ${CMAKE_CURRENT_SOURCE_DIR}/include)
add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/layout.json
                   COMMAND tjob_layout --json > ${CMAKE_CURRENT_BINARY_DIR}/layout.json DEPENDS tjob_layout VERBATIM
                   COMMENT "The layout of the public structs")
add_custom_target(tjob_layout_json ALL DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/layout.json)
