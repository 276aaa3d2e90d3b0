# tjob_postgresql_program(NAME SOURCE...): a program that needs the server of postgresql_server.sh.
function(tjob_postgresql_program name)
    add_executable(${name} ${ARGN} postgresql_sql.c postgresql_proxy.c ${CMAKE_CURRENT_SOURCE_DIR}/../contract/bench_threads.c)
    target_link_libraries(${name} PRIVATE tjob_postgresql tjob_test_support tjob_flags)
endfunction()

# tjob_postgresql_test(NAME PROGRAM ARGUMENT...)
function(tjob_postgresql_test name program)
    add_test(NAME ${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/postgresql_server.sh $<TARGET_FILE:${program}> ${ARGN})
    set_tests_properties(${name} PROPERTIES LABELS engines SKIP_RETURN_CODE 77 TIMEOUT 120)
endfunction()

tjob_postgresql_program(postgresql_contract postgresql_contract.c)
tjob_postgresql_test(postgresql_contract postgresql_contract)
tjob_postgresql_test(postgresql_contract_behind_pgbouncer postgresql_contract --pgbouncer)

tjob_postgresql_program(postgresql_outcomes postgresql_outcomes.c postgresql_attempt.c)
tjob_postgresql_test(postgresql_outcomes postgresql_outcomes)
set_property(TEST postgresql_outcomes PROPERTY ENVIRONMENT "CK_FORK=no;CK_DEFAULT_TIMEOUT=0")

tjob_postgresql_program(postgresql_features postgresql_features.c postgresql_attempt.c)
tjob_postgresql_test(postgresql_features postgresql_features)
set_property(TEST postgresql_features PROPERTY ENVIRONMENT "CK_FORK=no;CK_DEFAULT_TIMEOUT=0")
