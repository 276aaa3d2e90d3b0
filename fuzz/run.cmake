# Runs one libFuzzer program for TJOB_FUZZ_SECONDS; what it finds new goes to WORK, never into the checked-in corpus.
set(seconds $ENV{TJOB_FUZZ_SECONDS})
if(seconds STREQUAL "")
    set(seconds 60)
endif()
set(options "")
if(EXISTS ${DICTIONARY})
    set(options -dict=${DICTIONARY})
endif()
file(MAKE_DIRECTORY ${WORK})
execute_process(COMMAND ${PROGRAM} -max_total_time=${seconds} -print_final_stats=1 -verbosity=0 -timeout=10 -max_len=4096
                        -artifact_prefix=${WORK}/ ${options} ${WORK} ${CORPUS}
                RESULT_VARIABLE result ERROR_VARIABLE output OUTPUT_VARIABLE output)
get_filename_component(name ${PROGRAM} NAME)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name} found something; the input is in ${WORK}:\n${output}")
endif()
string(REGEX MATCH "number_of_executed_units: ([0-9]+)" unused "${output}")
message(NOTICE "${name}: ${CMAKE_MATCH_1} inputs in ${seconds} s, nothing found")
