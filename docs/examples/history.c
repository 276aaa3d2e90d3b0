/* Checks the answers of a running service: a client stops a job, and afterwards another client sees it in training. */
#include <stdio.h>

#include "tjob/history_checker.h"

static uint64_t memory[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];

static tjob_call call(tjob_event_kind kind, uint64_t invoked, uint64_t answered, tjob_state exercised)
{
    return (tjob_call){
        .event = {.kind = kind, .token = kind == TJOB_SUBMIT ? 1 : 0, .trainer_token = kind == TJOB_START ? 7 : 0},
        .invoked = invoked,
        .answered = answered,
        .outcome = {.status = TJOB_OK, .after = exercised},
        .known = TJOB_KNOWN_AFTER,
    };
}

int main(void)
{
    const tjob_policy policy = {0};
    tjob_history_checker check;
    if (tjob_history_checker_init(&check, memory, sizeof memory, &policy) != TJOB_OK) {
        return 1;
    }

    /* Answered calls are compacted into the checkpoint of their job. */
    tjob_history_checkpoint checkpoint = {0};
    tjob_call window[4] = {call(TJOB_SUBMIT, 1, 4, TJOB_SUBMITTED), call(TJOB_START, 5, 7, TJOB_TRAINING),
                           call(TJOB_STOP, 6, 8, TJOB_STOP_REQUESTED)};
    size_t count = 3;
    tjob_history_result result = tjob_history_compact(&check, &checkpoint, window, &count);
    printf("%s; the job is %s, calls kept: %zu\n", tjob_history_verdict_name(result.verdict),
           tjob_state_name((tjob_state)checkpoint.job.state), count);

    /* The stop was accepted: no later call may see the job in training. */
    window[count++] = call(TJOB_DESCRIBE, 9, 12, TJOB_STOP_REQUESTED);
    window[count++] = call(TJOB_DESCRIBE, 10, 11, TJOB_TRAINING);
    result = tjob_history_compact(&check, &checkpoint, window, &count);
    printf("%s\n", tjob_history_verdict_name(result.verdict));

    uint32_t sub_history[4];
    const size_t size = tjob_history_explain(&check, &checkpoint, window, count, sub_history, &result);
    for (size_t i = 0; i < size; i++) {
        printf("contradiction: %s returned %s\n",
               tjob_event_kind_name((tjob_event_kind)window[sub_history[i]].event.kind),
               tjob_state_name(window[sub_history[i]].outcome.after));
    }
    return 0;
}
