#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { JOBS = 100 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store store;

int main(void)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL);
    const tjob_service service = {.store = tjob_memory_store_callbacks(&store), .clock = tjob_system_clock()};

    tjob_outcome outcome;
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_stop(&service, NULL, arn, &outcome);
    printf("%s -> %s\n", tjob_state_name(outcome.before), tjob_state_name(outcome.after));
    return outcome.after == TJOB_STOPPED ? EXIT_SUCCESS : EXIT_FAILURE;
}
