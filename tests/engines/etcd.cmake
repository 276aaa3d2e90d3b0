# tjob_etcd_test(NAME SOURCE...): a program, which is one test.
add_library(tjob_etcd_test_support STATIC etcd_proxy.c etcd_servers.c ../contract/bench_threads.c)
target_include_directories(tjob_etcd_test_support PUBLIC . .. ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(tjob_etcd_test_support PUBLIC _GNU_SOURCE)
target_link_libraries(tjob_etcd_test_support PUBLIC tjob_etcd tjob_verify Threads::Threads PRIVATE tjob_flags)

function(tjob_etcd_test name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE tjob_etcd_test_support tjob_flags)
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL TRUE)
endfunction()

tjob_etcd_test(etcd_contract etcd_contract.c)
tjob_etcd_test(etcd_outcomes etcd_outcomes.c)
tjob_etcd_test(etcd_list etcd_list.c)
add_test(NAME etcd_list_of_a_million COMMAND etcd_list 1000000)
set_tests_properties(etcd_list_of_a_million PROPERTIES LABELS exhaustive SKIP_RETURN_CODE 77)

# Faults by a script.
add_executable(etcd_faults etcd_faults.c)
target_link_libraries(etcd_faults PRIVATE tjob_etcd_test_support tjob_flags)
function(tjob_etcd_faults name)
    add_test(NAME ${name} COMMAND etcd_faults $<TARGET_FILE:tjob_program> ${ARGN})
    set_tests_properties(${name} PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 300 RUN_SERIAL TRUE)
endfunction()
tjob_etcd_faults(etcd_faults 30)
foreach(mistake IN ITEMS lost-is-failure sent-again no-version-check stale-reads)
    tjob_etcd_faults(etcd_faults_see_${mistake} 4 ${mistake})
endforeach()
add_test(NAME etcd_faults_for_half_an_hour COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/repeat.sh 1800 $<TARGET_FILE:etcd_faults>
                                                   $<TARGET_FILE:tjob_program> 240)
set_tests_properties(etcd_faults_for_half_an_hour PROPERTIES LABELS exhaustive SKIP_RETURN_CODE 77 TIMEOUT 7200
                                                             RUN_SERIAL TRUE)

if(TARGET tjob_program)
    add_test(NAME etcd_program COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/etcd_program.sh $<TARGET_FILE:tjob_program>)
    set_tests_properties(etcd_program PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120)
endif()

add_executable(etcd_tls etcd_tls.c)
target_link_libraries(etcd_tls PRIVATE tjob_etcd tjob_flags)
add_test(NAME etcd_tls COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/etcd_tls.sh $<TARGET_FILE:etcd_tls>)
set_tests_properties(etcd_tls PROPERTIES LABELS engines SKIP_RETURN_CODE 77)
