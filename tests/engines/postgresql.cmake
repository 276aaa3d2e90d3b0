find_package(PostgreSQL REQUIRED)

# tjob_postgresql_program(NAME SOURCE...): a program that needs the server of postgresql_server.sh.
function(tjob_postgresql_program name)
    add_executable(${name} ${ARGN} postgresql_sql.c postgresql_proxy.c ${CMAKE_CURRENT_SOURCE_DIR}/../contract/bench_threads.c)
    target_link_libraries(${name} PRIVATE tjob_postgresql PostgreSQL::PostgreSQL tjob_test_support tjob_flags)
endfunction()

# tjob_postgresql_test(NAME PROGRAM ARGUMENT...)
function(tjob_postgresql_test name program)
    add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh $<TARGET_FILE:${program}> ${ARGN})
    set_tests_properties(${name} PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120)
endfunction()

tjob_postgresql_program(postgresql_contract postgresql_contract.c)
tjob_postgresql_test(postgresql_contract postgresql_contract)
tjob_postgresql_test(postgresql_contract_behind_pgbouncer postgresql_contract --pgbouncer)

foreach(test IN ITEMS postgresql_outcomes postgresql_features postgresql_answers)
    tjob_postgresql_program(${test} ${test}.c postgresql_attempt.c)
    tjob_postgresql_test(${test} ${test})
    set_property(TEST ${test} PROPERTY ENVIRONMENT "CK_FORK=no;CK_DEFAULT_TIMEOUT=0")
endforeach()

# Under faults: the log of all calls is checked by the program.
tjob_postgresql_program(postgresql_faults postgresql_faults.c postgresql_history.c postgresql_attempt.c)
if(TARGET tjob_program)
    set(postgresql_faults
        ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_faults.sh
        $<TARGET_FILE:postgresql_faults> $<TARGET_FILE:tjob_program>)
    add_test(NAME postgresql_faults COMMAND ${postgresql_faults} 0)
    set_tests_properties(postgresql_faults PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120)
    # Each repetition ends with a failover.
    add_test(NAME postgresql_faults_for_half_an_hour COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/repeat.sh 1800 ${postgresql_faults} 60)
    set_tests_properties(postgresql_faults_for_half_an_hour PROPERTIES LABELS exhaustive SKIP_RETURN_CODE 77 TIMEOUT 7200
                                                                       RUN_SERIAL TRUE)
endif()

if(TARGET tjob_program)
    foreach(test IN ITEMS postgresql_program postgresql_tls)
        add_test(NAME ${test} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh
                                      ${CMAKE_CURRENT_SOURCE_DIR}/${test}.sh $<TARGET_FILE:tjob_program>)
        set_tests_properties(${test} PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120)
    endforeach()
endif()

# Mistakes, each in a course of events in which it matters: with it, the log is wrong, and without it the log is right.
tjob_postgresql_program(postgresql_mistakes postgresql_mistakes.c postgresql_history.c postgresql_attempt.c)
if(TARGET tjob_program)
    foreach(mistake IN ITEMS commit_error_is_failure retry_after_a_lost_answer read_from_a_standby asynchronous_commit
                             no_version_check)
        foreach(kind IN ITEMS right wrong)
            add_test(NAME postgresql_mistake_${mistake}_${kind}
                     COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh
                             ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_mistake.sh $<TARGET_FILE:postgresql_mistakes>
                             $<TARGET_FILE:tjob_program> ${mistake} ${kind})
            set_tests_properties(postgresql_mistake_${mistake}_${kind} PROPERTIES LABELS engines SKIP_RETURN_CODE 77
                                                                                  TIMEOUT 120)
        endforeach()
    endforeach()
endif()

# The example of docs/postgresql.md.
add_executable(example_postgresql_transaction ${PROJECT_SOURCE_DIR}/docs/examples/postgresql_transaction.c)
target_link_libraries(example_postgresql_transaction PRIVATE tjob_postgresql PostgreSQL::PostgreSQL tjob_flags)
add_test(NAME example_postgresql_transaction
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh sh -c
                 "$<TARGET_FILE:example_postgresql_transaction> \"host=$TJOB_PG_DIR port=$TJOB_PG_PORT user=tjob dbname=postgres\"")
set_tests_properties(example_postgresql_transaction PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120
                     PASS_REGULAR_EXPRESSION "committed: STOP_REQUESTED")
