# What `cmake --install` puts where: headers, both libraries of both kinds and the optional ones that were built, the CMake package, pkg-config files, manual pages,
# the layout of the public structs, the program and its completion.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tjob)

# ---- Libraries and headers, and the CMake package

set_target_properties(tjob PROPERTIES EXPORT_NAME tjob_static)
set_target_properties(tjob_shared PROPERTIES EXPORT_NAME tjob_shared)
set_target_properties(tjob_verify PROPERTIES EXPORT_NAME verify_static)
set_target_properties(tjob_verify_shared PROPERTIES EXPORT_NAME verify_shared)
install(TARGETS tjob tjob_shared tjob_verify tjob_verify_shared EXPORT tjobTargets
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(not_built ${TJOB_OPTIONAL_HEADERS})
foreach(library IN LISTS TJOB_OPTIONAL_LIBRARIES)
    string(REPLACE tjob_ "" store ${library})
    list(REMOVE_ITEM not_built ${TJOB_HEADERS_OF_${library}})
    set_target_properties(${library} PROPERTIES EXPORT_NAME ${store}_static)
    set_target_properties(${library}_shared PROPERTIES EXPORT_NAME ${store}_shared)
    install(TARGETS ${library} ${library}_shared EXPORT ${library}Targets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
    install(EXPORT ${library}Targets NAMESPACE tjob:: DESTINATION ${package})
endforeach()
list(TRANSFORM not_built REPLACE "(.+)\\.h" "tjob_\\1" OUTPUT_VARIABLE TJOB_PAGES_LEFT_OUT) # of the manual
list(TRANSFORM not_built REPLACE "(.+)" "PATTERN;\\1;EXCLUDE")
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/tjob DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${not_built})
install(EXPORT tjobTargets NAMESPACE tjob:: DESTINATION ${package})

set(compatibility SameMajorVersion)
if(PROJECT_VERSION_MAJOR EQUAL 0)
    set(compatibility SameMinorVersion)
endif()
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/tjobConfigVersion.cmake COMPATIBILITY ${compatibility})
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/src/package/tjobConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/tjobConfigVersion.cmake DESTINATION ${package})

# ---- pkg-config: found from where the file stands, so that the whole may be installed, or moved, anywhere

file(RELATIVE_PATH TJOB_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    set(TJOB_PREFIX_FROM_PC ${CMAKE_INSTALL_PREFIX})
else()
    set(TJOB_PREFIX_FROM_PC "\${pcfiledir}/${TJOB_PREFIX_FROM_PC}")
endif()
cmake_path(APPEND TJOB_PC_LIBDIR "\${prefix}" ${CMAKE_INSTALL_LIBDIR})
cmake_path(APPEND TJOB_PC_INCLUDEDIR "\${prefix}" ${CMAKE_INSTALL_INCLUDEDIR})
foreach(library IN ITEMS tjob tjob_verify ${TJOB_OPTIONAL_LIBRARIES})
    configure_file(${CMAKE_CURRENT_SOURCE_DIR}/src/package/${library}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${library}.pc @ONLY)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${library}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# ---- The manual pages of the libraries, and the program

include(src/package/manual.cmake)

if(TARGET tjob_program)
    install(TARGETS tjob_program)
    install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/docs/tjob.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/src/cli/tjob.bash RENAME tjob
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
endif()
# ---- The layout of the public structs, where the program that prints it runs on this machine

if(TARGET tjob_layout)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/layout.json DESTINATION ${CMAKE_INSTALL_DATADIR}/tjob)
endif()
install(FILES ${CMAKE_CURRENT_SOURCE_DIR}/LICENSE ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md TYPE DOC)
