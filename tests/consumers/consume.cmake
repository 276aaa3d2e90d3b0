# Builds a consumer and runs its programs.
#
#   SOURCE BINARY     the consumer's folder, and where it is built
#   OPTIONS           for its configuration, joined by commas
#   PROGRAMS          what is run, joined by commas
#   INSTALLS          for consumers that have tjob as a part: what their installation consists of, joined by commas. It is
#                     then checked as well that they have no test, and that tjob is compiled without warning options
string(REPLACE "," ";" options "${OPTIONS}")
string(REPLACE "," ";" programs "${PROGRAMS}")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${BINARY} -G ${GENERATOR} -D CMAKE_BUILD_TYPE=Debug
                        -D CMAKE_EXPORT_COMPILE_COMMANDS=ON ${options}
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BINARY} RESULT_VARIABLE failed)
if(failed)
    message(FATAL_ERROR "${SOURCE} does not build")
endif()
foreach(program IN LISTS programs)
    execute_process(COMMAND ${BINARY}/${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()

if(DEFINED INSTALLS)
    string(REPLACE "," ";" installs "${INSTALLS}")
    file(REMOVE_RECURSE ${BINARY}/installed)
    execute_process(COMMAND ${CMAKE_COMMAND} --install ${BINARY} --prefix ${BINARY}/installed COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB_RECURSE installed RELATIVE ${BINARY}/installed ${BINARY}/installed/*)
    if(NOT "${installed}" STREQUAL "${installs}")
        message(FATAL_ERROR "installed, but not the consumer's: ${installed}")
    endif()

    execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --test-dir ${BINARY} --show-only OUTPUT_VARIABLE tests
                    COMMAND_ERROR_IS_FATAL ANY)
    if(NOT tests MATCHES "Total Tests: 0")
        message(FATAL_ERROR "the consumer has got tests: ${tests}")
    endif()

    file(READ ${BINARY}/compile_commands.json commands)
    if(NOT commands MATCHES "src/core/lifecycle.c")
        message(FATAL_ERROR "tjob is not compiled here")
    endif()
    if(commands MATCHES "[^\n]* -W[a-z][^\n]*")
        message(FATAL_ERROR "warnings are asked for: ${CMAKE_MATCH_0}")
    endif()
endif()
