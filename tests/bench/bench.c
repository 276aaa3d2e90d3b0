/*
 * Benchmarks. Each case is timed beside its baseline, in turn, for many rounds; what counts is the fastest round of
 * each (the one least disturbed) and the ratio of the two. Prints a Markdown table.
 */
#include <stdio.h>
#include <string.h>

#include "baselines.h"
#include "history_cases.h"
#include "timing.h"
#include "tjob/tjob.h"

enum { ROUNDS = 200, JOBS = 64 };

/* Keeps the compiler from leaving the work out. */
static volatile uint64_t sum;

/* ---- One transition ------------------------------------------------------------------------------------------ */

static tjob_job transition_jobs[TJOB_STATE_COUNT];
static tjob_event transition_events[TJOB_EVENT_KIND_COUNT];

static void set_up_transitions(void)
{
    for (uint32_t state = 0; state < TJOB_STATE_COUNT; state++) {
        transition_jobs[state] = (tjob_job){.state = state, .incarnation = 1};
        if (state != TJOB_ABSENT) {
            transition_jobs[state].submit_token = 1;
            transition_jobs[state].submitted_ms = 1000;
        }
        if (state > TJOB_SUBMITTED) {
            transition_jobs[state].trainer_token = 7;
            transition_jobs[state].training_started_ms = 2000;
        }
        if (state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED) {
            transition_jobs[state].stop_requested_ms = 3000;
        }
        if (state > TJOB_STOP_REQUESTED) {
            transition_jobs[state].ended_ms = 4000;
        }
    }
    for (uint32_t kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        const bool bears_trainer = kind >= TJOB_START && kind <= TJOB_TRAINER_LOST && kind != TJOB_STOP;
        transition_events[kind] = (tjob_event){.kind = kind, .token = 1, .trainer_token = bears_trainer ? 7 : 0};
    }
}

typedef tjob_transition_result rule(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                    const tjob_policy *policy, tjob_job *next);

/* Every event in every state, in an order that a branch predictor cannot learn from one round to the next. */
static double run_transitions(rule *apply)
{
    static uint32_t order = 1;
    static unsigned char events[4096], states[4096];
    const tjob_policy policy = {0};
    for (int i = 0; i < 4096; i++) {
        order = order * 1664525u + 1013904223u;
        events[i] = (unsigned char)((order >> 16) % TJOB_EVENT_KIND_COUNT);
        states[i] = (unsigned char)((order >> 8) % TJOB_STATE_COUNT);
    }
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < 4096; i++) {
        tjob_job next;
        const tjob_transition_result result =
            apply(&transition_jobs[states[i]], &transition_events[events[i]], 5000, &policy, &next);
        total += (uint64_t)result.status + result.changed + next.state;
    }
    const uint64_t end = now_ns();
    sum += total;
    return (double)(end - start) / 4096;
}

static double bench_transition(void)
{
    return run_transitions(tjob_job_apply);
}

static double bench_switch(void)
{
    return run_transitions(baseline_switch);
}

/* ---- ARN ----------------------------------------------------------------------------------------------------- */

#define ARN_83 "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/example-recognizer-0123"

static const char *const arns[] = {
    ARN_83,
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/example-recognizer-012-",
    "arn:aws:comprehend:eu-north-1:44445555666:entity-recognizer/example-recognizer-0123",
    "arn:aws:comprehend:eu-north-1:444455556666:entity-recognizer/a----------recognizer1",
};

enum { ARNS = sizeof arns / sizeof arns[0], ARN_REPEATS = 64 };

static double bench_arn(void)
{
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < ARN_REPEATS * ARNS; i++) {
        total += tjob_arn_validate((tjob_text){arns[i % ARNS], sizeof ARN_83 - 1}, TJOB_ARN_REFERENCE).offset;
    }
    const uint64_t end = now_ns();
    sum += total;
    return (double)(end - start) / (ARN_REPEATS * ARNS);
}

static double bench_regexec(void)
{
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < ARN_REPEATS * ARNS; i++) {
        total += baseline_regexec(arns[i % ARNS]);
    }
    const uint64_t end = now_ns();
    sum += total;
    return (double)(end - start) / (ARN_REPEATS * ARNS);
}

/* ---- The wire ------------------------------------------------------------------------------------------------ */

/* The body that a real client sent: 105 bytes. */
#define STOP_BODY                                                                                                      \
    "{\"EntityRecognizerArn\": \"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/examplerecognizer1\"}"

enum { BODY_BYTES = sizeof STOP_BODY - 1, BODY_REPEATS = 256 };

static char bodies[JOBS][BODY_BYTES];

static tjob_http_request stop_request(int job)
{
    return (tjob_http_request){
        .method = TJOB_TEXT("POST"),
        .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = {bodies[job], BODY_BYTES},
    };
}

static double bench_decode(void)
{
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < BODY_REPEATS; i++) {
        tjob_request request;
        char arn[TJOB_ARN_BYTES_MAX];
        const tjob_http_request http = stop_request(i % JOBS);
        total += (uint64_t)tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn) + request.arn.bytes;
    }
    const uint64_t end = now_ns();
    sum += total;
    return (double)(end - start) / BODY_REPEATS;
}

static double bench_fnv1a(void)
{
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < BODY_REPEATS; i++) {
        total += baseline_fnv1a((tjob_text){bodies[i % JOBS], BODY_BYTES});
    }
    const uint64_t end = now_ns();
    sum += total;
    return (double)(end - start) / BODY_REPEATS;
}

/* ---- A whole stop -------------------------------------------------------------------------------------------- */

static uint64_t bench_now_ms(void *context, void *user)
{
    (void)context;
    (void)user;
    return 5000;
}

/* Stops each of JOBS training jobs once, from the raw body to the answer; they are made outside the time measured. */
static double bench_stop(void)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
    static tjob_memory_store store;
    check(tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL) == TJOB_OK);
    const tjob_service service = {.store = tjob_memory_store_callbacks(&store), .clock = {NULL, bench_now_ms}};
    for (int i = 0; i < JOBS; i++) {
        const tjob_text arn = {bodies[i] + 25, BODY_BYTES - 27};
        check(tjob_submit(&service, NULL, arn, 0, 1, 0, NULL) == TJOB_OK);
        check(tjob_start(&service, NULL, arn, 0, 7, NULL) == TJOB_OK);
    }
    const uint64_t before = store.last_version;
    uint64_t total = 0;
    const uint64_t start = now_ns();
    for (int i = 0; i < JOBS; i++) {
        char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
        tjob_http_response response;
        const tjob_http_request http = stop_request(i);
        tjob_handle(&service, NULL, &http, &response, body, sizeof body);
        total += (uint64_t)response.status;
    }
    const uint64_t end = now_ns();
    check(total == 200 * JOBS && store.last_version == before + JOBS);
    return (double)(end - start) / JOBS;
}

/* ---- The table ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    double (*run)(void);
    const char *baseline_name;
    double (*baseline)(void);
    const char *target;
} cases[] = {
    {"one transition, any event in any state", bench_transition, "hand-written switch", bench_switch, "1.5"},
    {"ARN, 83 bytes, valid and invalid", bench_arn, "POSIX regexec", bench_regexec, "0.05"},
    {"decode and validate a stop, 105 bytes", bench_decode, "FNV-1a-64 over it", bench_fnv1a, "0.5"},
    {"a whole stop, load and swap included", bench_stop, "FNV-1a-64 over its body", bench_fnv1a, "2"},
    {"check a call, one open at once", bench_history_alone, "the rule on the same calls", bench_history_rule, "10"},
    {"check a call, about 4 open at once", bench_history_4, "the rule on the same calls", bench_history_rule, "25"},
    {"check a call, about 16 open at once", bench_history_16, "the rule on the same calls", bench_history_rule, "60"},
    {"explain a call, 100 incarnations without records", bench_explanation_of_incarnations, "the rule on 4096 calls",
     bench_history_rule, "500"},
    {"explain a call, an outage of 300 failures", bench_explanation_of_an_outage, "the rule on 4096 calls",
     bench_history_rule, "500"},
};

static double least(double a, double b)
{
    return a < b ? a : b;
}

int main(void)
{
    set_up_transitions();
    for (int i = 0; i < JOBS; i++) {
        memcpy(bodies[i], STOP_BODY, BODY_BYTES);
        bodies[i][BODY_BYTES - 4] = (char)('a' + i / 26);
        bodies[i][BODY_BYTES - 3] = (char)('a' + i % 26);
    }
    printf("| case | ns/op | baseline | ns/op | ratio | at most |\n| --- | ---: | --- | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double best = 1e18;
        double baseline = 1e18;
        for (int round = 0; round < ROUNDS; round++) {
            best = least(best, cases[i].run());
            baseline = least(baseline, cases[i].baseline());
        }
        printf("| %s | %.1f | %s | %.1f | %.3f | %s |\n", cases[i].name, best, cases[i].baseline_name, baseline,
               best / baseline, cases[i].target);
    }
    return 0;
}
