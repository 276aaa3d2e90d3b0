/*
 * A supervisor: it finds and ends the jobs whose trainer went silent, and those whose trainer does not react to a stop.
 * It lists them from the store in pages; all that the host adds is when it last heard from each trainer. The list may
 * be old when the supervisor acts on it: it contains the incarnation of each job, so a newer job is never changed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { JOBS_MAX = 64, MINUTE_MS = 60000, SILENCE_MS = 5 * MINUTE_MS, STOP_TIMEOUT_MS = 15 * MINUTE_MS };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS_MAX) / sizeof(uint64_t)];
static tjob_memory_store store;
static tjob_service service;
static uint64_t now_ms = 1600000000000;

/* When the trainer of each token last reported that it is alive. */
static uint64_t heard_ms[JOBS_MAX];

/* ---- The supervisor -------------------------------------------------------------------------------------------- */

static void print_outcome(const tjob_listed_job *listed, const tjob_outcome *outcome)
{
    const char *slash = listed->arn;
    for (uint32_t i = 0; i < listed->arn_bytes; i++) {
        slash = listed->arn[i] == '/' ? &listed->arn[i] : slash;
    }
    printf("  %.*s: ", (int)(listed->arn + listed->arn_bytes - slash - 1), slash + 1);
    if (outcome->status != TJOB_OK) {
        printf("%s, not ours\n", tjob_status_name(outcome->status));
    } else {
        printf("%s -> %s\n", tjob_state_name(outcome->before), tjob_state_name(outcome->after));
    }
}

/* Supervises one job that was listed. If the call fails, the next round lists the job again. */
static void supervise(const tjob_listed_job *listed)
{
    const tjob_text arn = {listed->arn, listed->arn_bytes};
    const uint64_t incarnation = listed->job.incarnation;
    const uint64_t trainer_token = listed->job.trainer_token;
    tjob_outcome outcome;
    if (now_ms - heard_ms[trainer_token] > SILENCE_MS) {
        tjob_report(&service, NULL, arn, TJOB_TRAINER_LOST, incarnation, trainer_token, 0, &outcome);
    } else {
        tjob_expire(&service, NULL, arn, incarnation, &outcome); /* no effect before the timeout */
    }
    if (outcome.status != TJOB_OK || outcome.before != outcome.after) {
        print_outcome(listed, &outcome);
    }
}

/* Reads one page of the jobs that have a trainer, and whose latest change is old enough. Returns the number of jobs. */
static uint32_t read_page(const tjob_store_list *list, tjob_list_cursor *cursor,
                          tjob_listed_job page[TJOB_LIST_PAGE_MIN], bool *more)
{
    const tjob_list_query query = {.states = TJOB_LIST_STATE(TJOB_TRAINING) | TJOB_LIST_STATE(TJOB_STOP_REQUESTED),
                                   .until_ms = now_ms - SILENCE_MS};
    uint32_t count;
    const tjob_list_status status = list->list(list->context, NULL, &query, cursor, page, TJOB_LIST_PAGE_MIN, &count);
    if (status == TJOB_LIST_SKIPPED || status == TJOB_LIST_UNAVAILABLE) {
        printf("  a part of the list is missing: an operator is needed, or the next round has it\n");
    }
    *more = status == TJOB_LIST_MORE || status == TJOB_LIST_SKIPPED;
    return count;
}

/* One round. It may run late, twice, or on two machines at the same time. */
static void supervise_all(const tjob_store_list *list)
{
    tjob_listed_job page[TJOB_LIST_PAGE_MIN];
    tjob_list_cursor cursor = {{0}};
    bool more = true;
    while (more) {
        const uint32_t count = read_page(list, &cursor, page, &more);
        for (uint32_t i = 0; i < count; i++) {
            supervise(&page[i]);
        }
    }
}

/* ---- The host: jobs, and trainers that report or do not -------------------------------------------------------- */

static uint64_t clock_now_ms(void *context, void *user)
{
    (void)context, (void)user;
    return now_ms;
}

#define RECOGNIZER(name) TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" name)

enum { ROSES, TULIPS, LILIES, IRISES, VIOLETS, DAISIES, NAMES };

static const tjob_text jobs[NAMES] = {
    [ROSES] = RECOGNIZER("roses"),   [TULIPS] = RECOGNIZER("tulips"),   [LILIES] = RECOGNIZER("lilies"),
    [IRISES] = RECOGNIZER("irises"), [VIOLETS] = RECOGNIZER("violets"), [DAISIES] = RECOGNIZER("daisies"),
};

/* Submits a job and lets a trainer take it up, under a token that no other trainer has. Returns the token. */
static uint64_t begin(tjob_text arn)
{
    static uint64_t last_token;
    tjob_submit(&service, NULL, arn, 0, ++last_token, 0, NULL);
    tjob_start(&service, NULL, arn, 0, last_token, NULL);
    heard_ms[last_token] = now_ms;
    return last_token;
}

int main(void)
{
    uint64_t tokens[NAMES];
    tjob_memory_store_init(&store, memory, sizeof memory, JOBS_MAX, NULL, NULL);
    service = (tjob_service){.store = tjob_memory_store_callbacks(&store),
                             .clock = {NULL, clock_now_ms},
                             .policy = {.stop_timeout_ms = STOP_TIMEOUT_MS}};
    const tjob_store_list list = tjob_memory_store_list(&store);
    for (int i = 0; i < NAMES; i++) {
        tokens[i] = begin(jobs[i]);
    }
    tjob_stop(&service, NULL, jobs[LILIES], NULL); /* its trainer is alive, but does not react */
    tjob_stop(&service, NULL, jobs[IRISES], NULL); /* its trainer falls silent, like that of the tulips */
    tjob_report(&service, NULL, jobs[VIOLETS], TJOB_COMPLETED, 0, tokens[VIOLETS], 0, NULL);

    for (int minute = 2; minute <= 16; minute += 2) {
        now_ms += 2 * MINUTE_MS;
        heard_ms[tokens[ROSES]] = heard_ms[tokens[LILIES]] = heard_ms[tokens[DAISIES]] = now_ms;
        printf("minute %d\n", minute);
        supervise_all(&list);
    }

    /* A page that was read before the daisies were deleted and created again under the same name. */
    bool more;
    tjob_list_cursor cursor = {{0}};
    tjob_listed_job page[TJOB_LIST_PAGE_MIN];
    const uint32_t count = read_page(&list, &cursor, page, &more);
    tjob_report(&service, NULL, jobs[DAISIES], TJOB_FAILED, 0, tokens[DAISIES], 0, NULL);
    tjob_delete(&service, NULL, jobs[DAISIES], NULL);
    tjob_remove(&service, NULL, jobs[DAISIES], 0, NULL);
    begin(jobs[DAISIES]);
    heard_ms[tokens[DAISIES]] = 0;
    printf("an old page\n");
    for (uint32_t i = 0; i < count; i++) {
        supervise(&page[i]);
    }

    for (int i = 0; i < NAMES; i++) {
        tjob_outcome outcome;
        tjob_describe(&service, NULL, jobs[i], &outcome);
        printf("%.*s: %s\n", (int)(jobs[i].bytes - 60), jobs[i].data + 60, tjob_state_name(outcome.after));
    }
    return EXIT_SUCCESS;
}
