/* A consumer of tjob_verify: reads a line of a log, which takes the reader of JSON that both libraries have inside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/tjob.h"
#include "tjob/verify.h"

int main(void)
{
    const tjob_text text = TJOB_TEXT("{\"id\": \"1\", \"status\": \"not found\"}");
    tjob_history_log_line line;
    const tjob_history_log_error error = tjob_history_log_read(&line, text);
    const bool sound = tjob_store_model_sound.load != NULL && strcmp(tjob_version(), TJOB_VERSION) == 0;
    printf("%s, %s\n", tjob_status_name(line.outcome.status), tjob_history_log_problem_text(error.problem));
    return error.problem == TJOB_HISTORY_LOG_VALID && line.outcome.status == TJOB_NOT_FOUND && sound ? EXIT_SUCCESS
                                                                                                     : EXIT_FAILURE;
}
