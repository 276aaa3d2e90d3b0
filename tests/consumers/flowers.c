#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { JOBS = 100 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store store;

int main(void)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL); /* NULL: no key, no lock */
    const tjob_service service = {.store = tjob_memory_store_callbacks(&store), .clock = tjob_system_clock()};

    tjob_outcome outcome;
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL); /* the host creates a job; 1: the token of this request */
    tjob_start(&service, NULL, arn, 0, 7, NULL); /* its trainer, 7, takes it up, in whatever incarnation (0) it is */
    tjob_stop(&service, NULL, arn, NULL);        /* a client asks to stop it */
    tjob_start(&service, NULL, arn, 0, 7, &outcome); /* the trainer repeats its start: may it go on? */
    if (outcome.after == TJOB_STOP_REQUESTED) {      /* no: it halts, and reports it */
        tjob_report(&service, NULL, arn, TJOB_HALTED, outcome.job.incarnation, 7, 0, &outcome);
    }
    printf("tjob %s: %s\n", tjob_version(), tjob_state_name(outcome.after));
    return outcome.after == TJOB_STOPPED ? EXIT_SUCCESS : EXIT_FAILURE;
}
