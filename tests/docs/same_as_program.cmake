# Fails unless a document holds, to the letter, what the program prints.
string(REPLACE "," ";" arguments "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} ${arguments} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${output}" output)
file(READ ${DOCUMENT} document)
string(FIND "${document}" "${output}" at)
if(output STREQUAL "" OR at EQUAL -1)
    message(FATAL_ERROR "${DOCUMENT} does not hold what 'tjob ${arguments}' prints:\n${output}")
endif()
