/*
 * A trainer: it takes a job up under its own fencing token, works in slices, asks after each slice whether to go on,
 * and publishes its model only if its completion was accepted. There are five scenarios, each with a recognizer of its
 * own. The program itself plays the other actors, at a slice that the scenario defines.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

enum { JOBS = 8, SLICES = 3, TRIES = 3, TRAINER = 7, OTHER_TRAINER = 8 };

static tjob_service service;

/* ---- The trainer ----------------------------------------------------------------------------------------------- */

/* Sends an event to the job. After a failure it is unknown whether it was applied; sending it again is safe. */
static tjob_status send(tjob_text arn, const tjob_event *event, tjob_outcome *outcome)
{
    tjob_status status = tjob_perform(&service, NULL, arn, event, outcome);
    for (int tries = 1; tries < TRIES && tjob_status_is_failure(status); tries++) {
        printf("  %s: %s; once more\n", tjob_event_kind_name((tjob_event_kind)event->kind), tjob_status_name(status));
        status = tjob_perform(&service, NULL, arn, event, outcome); /* a real trainer waits first, longer each time */
    }
    return status;
}

/* Trains a job, and returns the result. `meanwhile` is what other actors do during each slice. */
static const char *train(tjob_text arn, void (*meanwhile)(tjob_text arn, int slice))
{
    tjob_outcome outcome;
    tjob_event event = {.kind = TJOB_START, .trainer_token = TRAINER};
    if (send(arn, &event, &outcome) != TJOB_OK) {
        return "not started";
    }
    event.incarnation = outcome.job.incarnation; /* its events now apply to this job, not to a later one of its name */
    for (int slice = 1; slice <= SLICES && outcome.after == TJOB_TRAINING; slice++) {
        printf("  slice %d\n", slice);
        meanwhile(arn, slice);
        const tjob_status status = slice < SLICES ? send(arn, &event, &outcome) : TJOB_OK; /* repeats the start */
        if (tjob_status_is_refusal(status)) {
            return "no longer its own: abandoned";
        }
        if (tjob_status_is_failure(status)) {
            outcome.after = TJOB_TRAINING; /* unknown: it goes on, and asks after the next slice */
        }
    }
    event.kind = outcome.after == TJOB_TRAINING ? TJOB_COMPLETED : TJOB_HALTED;
    if (send(arn, &event, &outcome) != TJOB_OK) {
        return "given up by others: discarded";
    }
    return event.kind == TJOB_COMPLETED ? "published" : "halted";
}

/* ---- A store whose connection breaks when the scenario asks for it --------------------------------------------- */

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store memory_store;
static tjob_store inner;
static enum { WORKS, BREAKS_AT_SWAP, BROKEN } connection;

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context;
    if (connection == BROKEN) {
        connection = WORKS; /* it works again from the next access on */
        return TJOB_LOAD_UNAVAILABLE;
    }
    return inner.load(inner.context, user, arn, job, version);
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)context;
    const tjob_swap_status status = inner.swap(inner.context, user, arn, expected, next);
    if (connection != BREAKS_AT_SWAP) {
        return status;
    }
    connection = BROKEN;
    return TJOB_SWAP_UNKNOWN; /* the swap was applied, but its answer is lost */
}

/* ---- The scenarios -------------------------------------------------------------------------------------------- */

static void nothing_happens(tjob_text arn, int slice)
{
    (void)arn, (void)slice;
}

static void a_client_stops_it(tjob_text arn, int slice)
{
    if (slice == 2) {
        tjob_stop(&service, NULL, arn, NULL);
    }
}

static void a_client_stops_it_too_late(tjob_text arn, int slice)
{
    if (slice == SLICES) {
        tjob_stop(&service, NULL, arn, NULL);
    }
}

static void the_connection_breaks(tjob_text arn, int slice)
{
    (void)arn;
    connection = slice == SLICES ? BREAKS_AT_SWAP : WORKS;
}

/* A supervisor gave the trainer up; the job was deleted, and created again under the same name for another trainer. */
static void it_is_given_up(tjob_text arn, int slice)
{
    if (slice == 1) {
        tjob_report(&service, NULL, arn, TJOB_TRAINER_LOST, 0, TRAINER, 0, NULL);
        tjob_delete(&service, NULL, arn, NULL);
        tjob_remove(&service, NULL, arn, 0, NULL);
        tjob_submit(&service, NULL, arn, 0, 2, 0, NULL);
        tjob_start(&service, NULL, arn, 0, OTHER_TRAINER, NULL);
    }
}

static void play(const char *title, tjob_text arn, void (*meanwhile)(tjob_text arn, int slice))
{
    tjob_outcome outcome;
    printf("%s\n", title);
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    const char *end = train(arn, meanwhile);
    tjob_describe(&service, NULL, arn, &outcome);
    printf("  %s; the job of trainer %d is %s\n", end, (int)outcome.job.trainer_token, tjob_state_name(outcome.after));
}

#define RECOGNIZER(name) ((tjob_text)TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/" name))

int main(void)
{
    tjob_memory_store_init(&memory_store, memory, sizeof memory, JOBS, NULL, NULL);
    inner = tjob_memory_store_callbacks(&memory_store);
    service = (tjob_service){.store = {NULL, load, swap}, .clock = tjob_system_clock()};
    play("nobody stops it", RECOGNIZER("roses"), nothing_happens);
    play("a client stops it while it trains", RECOGNIZER("tulips"), a_client_stops_it);
    play("a client stops it when nothing is left to do", RECOGNIZER("lilies"), a_client_stops_it_too_late);
    play("the answer to its completion is lost", RECOGNIZER("irises"), the_connection_breaks);
    play("it is given up, and its job made again", RECOGNIZER("violets"), it_is_given_up);
    return EXIT_SUCCESS;
}
