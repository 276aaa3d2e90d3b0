/*
 * A supervisor: it finds and ends the jobs whose trainer went silent, and those whose trainer does not react to a stop.
 * A store knows names, not lists, so the host keeps its own list of watched jobs: it adds a job when a trainer takes it
 * up, and records when it last heard from the trainer. (A database can list its rows, and a file store its jobs:
 * tjob_file_store_jobs.) The list may be wrong: it contains the incarnation of each job, so the supervisor never
 * changes a newer one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { WATCHED_MAX = 8, MINUTE_MS = 60000, SILENCE_MS = 5 * MINUTE_MS, STOP_TIMEOUT_MS = 15 * MINUTE_MS };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(WATCHED_MAX) / sizeof(uint64_t)];
static tjob_memory_store store;
static tjob_service service;
static uint64_t now_ms = 1600000000000;

/* ---- The supervisor -------------------------------------------------------------------------------------------- */

struct watched {
    const char *name; /* NULL: a free slot */
    tjob_text arn;
    uint64_t incarnation;
    uint64_t trainer_token;
    uint64_t heard_ms; /* when its trainer last reported that it is alive */
};

static struct watched list[WATCHED_MAX];

/* Supervises one job; returns whether to keep watching it. */
static bool supervise(const struct watched *watched)
{
    const bool is_silent = now_ms - watched->heard_ms > SILENCE_MS;
    tjob_outcome outcome;
    if (is_silent) {
        tjob_report(&service, NULL, watched->arn, TJOB_TRAINER_LOST, watched->incarnation, watched->trainer_token, 0,
                    &outcome);
    } else {
        tjob_expire(&service, NULL, watched->arn, watched->incarnation, &outcome); /* no effect before the timeout */
    }
    if (tjob_status_is_failure(outcome.status)) {
        return true; /* the result is unknown: the next round asks again */
    }
    if (outcome.status != TJOB_OK) {
        printf("  %s: %s, not ours\n", watched->name, tjob_status_name(outcome.status));
    } else if (outcome.before != outcome.after) {
        printf("  %s: %s -> %s\n", watched->name, tjob_state_name(outcome.before), tjob_state_name(outcome.after));
    } else if (tjob_state_is_final(outcome.after)) {
        printf("  %s: already %s\n", watched->name, tjob_state_name(outcome.after));
    }
    return outcome.status == TJOB_OK && !tjob_state_is_final(outcome.after);
}

/* One round. It may run late, twice, or on two machines at the same time. */
static void supervise_all(void)
{
    for (int i = 0; i < WATCHED_MAX; i++) {
        if (list[i].name != NULL && !supervise(&list[i])) {
            list[i].name = NULL;
        }
    }
}

/* ---- The host: jobs, and trainers that report or do not -------------------------------------------------------- */

static uint64_t clock_now_ms(void *context, void *user)
{
    (void)context, (void)user;
    return now_ms;
}

/* Submits a job and lets a trainer take it up, under a token that no other trainer has. */
static void begin(int place, const char *name, tjob_text arn)
{
    static uint64_t last_token;
    tjob_outcome outcome;
    tjob_submit(&service, NULL, arn, 0, ++last_token, 0, NULL);
    tjob_start(&service, NULL, arn, 0, ++last_token, &outcome);
    list[place] = (struct watched){name, arn, outcome.job.incarnation, outcome.job.trainer_token, now_ms};
}

static void show(const char *name, tjob_text arn)
{
    tjob_outcome outcome;
    tjob_describe(&service, NULL, arn, &outcome);
    printf("%s: %s\n", name, tjob_state_name(outcome.after));
}

#define RECOGNIZER(name) TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" name)

enum { ROSES, TULIPS, LILIES, IRISES, VIOLETS, DAISIES, NAMES };

static const struct {
    const char *name;
    tjob_text arn;
} jobs[NAMES] = {
    [ROSES] = {"roses", RECOGNIZER("roses")},       [TULIPS] = {"tulips", RECOGNIZER("tulips")},
    [LILIES] = {"lilies", RECOGNIZER("lilies")},    [IRISES] = {"irises", RECOGNIZER("irises")},
    [VIOLETS] = {"violets", RECOGNIZER("violets")}, [DAISIES] = {"daisies", RECOGNIZER("daisies")},
};

/* Between two rounds, the daisies are deleted and created again under the same name; the list does not know that. */
static void make_again(tjob_text arn)
{
    tjob_report(&service, NULL, arn, TJOB_FAILED, list[DAISIES].incarnation, list[DAISIES].trainer_token, 0, NULL);
    tjob_delete(&service, NULL, arn, NULL);
    tjob_remove(&service, NULL, arn, list[DAISIES].incarnation, NULL);
    tjob_submit(&service, NULL, arn, 0, 100, 0, NULL);
    tjob_start(&service, NULL, arn, 0, 101, NULL);
}

int main(void)
{
    tjob_memory_store_init(&store, memory, sizeof memory, WATCHED_MAX, NULL, NULL);
    service = (tjob_service){.store = tjob_memory_store_callbacks(&store),
                             .clock = {NULL, clock_now_ms},
                             .policy = {.stop_timeout_ms = STOP_TIMEOUT_MS}};
    for (int i = 0; i < NAMES; i++) {
        begin(i, jobs[i].name, jobs[i].arn);
    }
    tjob_stop(&service, NULL, jobs[LILIES].arn, NULL); /* its trainer is alive, but does not react */
    tjob_stop(&service, NULL, jobs[IRISES].arn, NULL); /* its trainer falls silent */
    tjob_report(&service, NULL, jobs[VIOLETS].arn, TJOB_COMPLETED, list[VIOLETS].incarnation,
                list[VIOLETS].trainer_token, 0, NULL);
    make_again(jobs[DAISIES].arn);
    for (int minute = 2; minute <= 16; minute += 2) {
        now_ms += 2 * MINUTE_MS;
        list[ROSES].heard_ms = list[LILIES].heard_ms = now_ms;
        printf("minute %d\n", minute);
        supervise_all();
    }
    for (int i = 0; i < NAMES; i++) {
        show(jobs[i].name, jobs[i].arn);
    }
    return EXIT_SUCCESS;
}
