/* The pure parts of tjob, in order: the examples on the pages of docs/reference. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/tjob.h"

/* ---- Texts and names --------------------------------------------------------------------------------------------- */

static void print_line(tjob_text text)
{
    printf("%.*s\n", (int)text.bytes, text.data);
}

static void show_texts(const char *from_outside)
{
    const tjob_text literal = TJOB_TEXT("a literal, without its final 0");
    const tjob_text other = {from_outside, strlen(from_outside)};
    print_line(literal);
    print_line(other);
}

static void show_arns(void)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us_west_2:111122223333:entity-recognizer/flowers");
    const tjob_arn_verdict verdict = tjob_arn_validate(arn, TJOB_ARN_REFERENCE);
    if (verdict.problem == TJOB_ARN_BAD_REGION) {
        printf("invalid character in the region, at byte %zu: %c\n", verdict.offset, arn.data[verdict.offset]);
    }
}

/* ---- Random bytes ------------------------------------------------------------------------------------------------ */

static void show_random(void)
{
    uint64_t token;
    if (!tjob_system_random(&token, sizeof token)) {
        fprintf(stderr, "this machine has no source of random bytes\n");
        exit(EXIT_FAILURE);
    }
    printf("a token that nobody guesses: %d\n", token != 0);
}

/* ---- Statuses ---------------------------------------------------------------------------------------------------- */

static int http_status(tjob_status status)
{
    if (tjob_status_is_refusal(status)) {
        return 400;
    }
    return tjob_status_is_failure(status) ? 500 : 200;
}

static void show_statuses(void)
{
    for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
        printf("%d %s\n", http_status((tjob_status)status), tjob_status_name((tjob_status)status));
    }
}

/* ---- The transition function ------------------------------------------------------------------------------------- */

/* Runs a job from its submit to its halt without a store. The first halt comes from another trainer, and is stale. */
static void show_rule(void)
{
    static const tjob_event events[] = {
        {.kind = TJOB_SUBMIT, .token = 1},         {.kind = TJOB_START, .trainer_token = 7},  {.kind = TJOB_STOP},
        {.kind = TJOB_HALTED, .trainer_token = 8}, {.kind = TJOB_HALTED, .trainer_token = 7},
    };
    const tjob_policy policy = {.stop_timeout_ms = 60000};
    tjob_job job = {.state = TJOB_ABSENT, .incarnation = 1};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        const tjob_transition_result result = tjob_job_apply(&job, &events[i], 1000 + i, &policy, &job);
        printf("%s: %s, %s\n", tjob_event_kind_name((tjob_event_kind)events[i].kind), tjob_status_name(result.status),
               tjob_state_name((tjob_state)job.state));
    }

    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    tjob_job_encode(&job, bytes);
    bytes[0] = 99; /* no state has this number */
    printf("decoded: %s\n", tjob_job_decode(bytes, &job) == TJOB_JOB_BAD_STATE ? "no state" : "a job");
}

/* ---- Times and rates --------------------------------------------------------------------------------------------- */

/* A clock for tests: its time changes only when the test sets it. */
static uint64_t test_ms(void *context, void *user)
{
    (void)user;
    return *(const uint64_t *)context;
}

static void show_clock(void)
{
    uint64_t time_ms = 1600000000000;
    const tjob_clock clock = {.context = &time_ms, .now_ms = test_ms};
    time_ms += 1500;
    printf("%" PRIu64 "\n", clock.now_ms(clock.context, NULL));

    const tjob_clock machine = tjob_system_clock();
    printf("the machine's clock goes: %d\n", machine.now_ms(machine.context, NULL) > 0);
}

/* One word for each caller: two requests a second, and two at once. */
static void show_limiter(void)
{
    static const uint64_t times_ms[] = {0, 0, 0, 400, 500};
    tjob_limiter limiter;
    uint64_t word = 0;
    tjob_limiter_set(&limiter, 2, 1000, 2);
    for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
        const tjob_limiter_decision decision = tjob_limiter_decide(&limiter, word, 1600000000000 + times_ms[i]);
        word = decision.word;
        printf("after %3" PRIu64 " ms: %s\n", times_ms[i], decision.admitted ? "admitted" : "throttled");
    }
}

/* ---- The version ------------------------------------------------------------------------------------------------- */

static int is_the_library_of_these_headers(void)
{
    return strcmp(tjob_version(), TJOB_VERSION) == 0;
}

int main(void)
{
    show_texts("and another");
    show_arns();
    show_random();
    show_statuses();
    show_rule();
    show_clock();
    show_limiter();
    return is_the_library_of_these_headers() ? EXIT_SUCCESS : EXIT_FAILURE;
}
