#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "host.h"

enum { SLICES = 1200, SLICE_NS = 50 * 1000 * 1000 };

/* Trains slice by slice, under the fencing token in its argument, and asks before each slice whether to go on. */
int main(int argc, char **argv)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    const uint64_t trainer_token = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    const tjob_service *service = host_service();
    if (trainer_token == 0 || service == NULL) {
        return EXIT_FAILURE;
    }

    tjob_outcome outcome;
    int slices = 0;
    for (; slices < SLICES; slices++) {
        const tjob_status status = tjob_start(service, NULL, arn, 0, trainer_token, &outcome);
        if (outcome.after != TJOB_TRAINING && !tjob_status_is_failure(status)) {
            break; /* it must not go on; after a failure the state is unknown, so it goes on */
        }
        nanosleep(&(struct timespec){.tv_nsec = SLICE_NS}, NULL); /* one slice of the training */
    }

    const tjob_event_kind report = slices == SLICES ? TJOB_COMPLETED : TJOB_HALTED;
    tjob_report(service, NULL, arn, report, outcome.job.incarnation, trainer_token, 0, &outcome);
    printf("%s: %s, %s\n", tjob_event_kind_name(report), tjob_status_name(outcome.status),
           tjob_state_name(outcome.after));
    return outcome.status == TJOB_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
