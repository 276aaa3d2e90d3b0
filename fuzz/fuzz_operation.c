/*
 * An operation against a store that answers whatever the input says: at each call another actor may have been first,
 * and any failure may happen. It ends, and what it says at its end is true.
 */
#include <stdbool.h>
#include <string.h>

#include "support/cell.h"
#include "support/jobs.h"
#include "target.h"

static tjob_job job_of(struct fuzz_bytes *bytes)
{
    const unsigned choice = fuzz_byte(bytes);
    tjob_job job = sample_job((tjob_state)(choice % TJOB_STATE_COUNT));
    if (choice & 0x80 && job.ended_ms != 0) {
        job.stop_requested_ms = SAMPLE_STOP_MS; /* it ended all the same */
    }
    return job;
}

static tjob_event event_of(struct fuzz_bytes *bytes, const tjob_job *job)
{
    const unsigned fences = fuzz_byte(bytes);
    return (tjob_event){
        .kind = fuzz_byte(bytes) % (TJOB_EVENT_KIND_COUNT + 1),
        .incarnation = fences & 1   ? job->incarnation
                       : fences & 2 ? 1
                                    : 0,
        .trainer_token = fences & 4   ? job->trainer_token
                         : fences & 8 ? SAMPLE_TRAINER
                                      : 0,
        .token = fences & 16 ? SAMPLE_TOKEN : 1,
    };
}

/* Gives it every answer that it does not ask for: none may change it. */
static void pester(tjob_operation *operation, const tjob_policy *policy, unsigned answer)
{
    const tjob_operation before = *operation;
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    if (operation->ask != TJOB_ASK_AUTHORIZE) {
        tjob_operation_authorized(operation, (tjob_authorization)answer);
    }
    if (operation->ask != TJOB_ASK_ADMIT) {
        tjob_operation_admitted(operation, (tjob_admission)answer);
    }
    if (operation->ask != TJOB_ASK_LOAD) {
        tjob_operation_loaded(operation, policy, (tjob_load_status)answer, &job, answer, answer);
    }
    if (operation->ask != TJOB_ASK_SWAP) {
        tjob_operation_swapped(operation, (tjob_swap_status)answer);
    }
    FUZZ_EXPECT(memcmp(operation, &before, sizeof before) == 0);
}

static void step(tjob_operation *operation, const tjob_policy *policy, struct cell *store, struct fuzz_bytes *bytes)
{
    const unsigned now_ms = fuzz_byte(bytes) * 100;
    store->faults[store->calls] = (cell_fault)(fuzz_byte(bytes) % CELL_FAULT_COUNT);
    pester(operation, policy, now_ms % 7);
    if (operation->ask == TJOB_ASK_AUTHORIZE) {
        const unsigned answer = fuzz_byte(bytes);
        tjob_operation_authorized(operation, (tjob_authorization)(answer < 250 ? 0 : answer - 249));
    } else if (operation->ask == TJOB_ASK_ADMIT) {
        const unsigned answer = fuzz_byte(bytes);
        tjob_operation_admitted(operation, (tjob_admission)(answer < 250 ? 0 : answer - 249));
    } else if (operation->ask == TJOB_ASK_LOAD) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status loaded = cell_load(store, &job, &version);
        tjob_operation_loaded(operation, policy, loaded, &job, version, now_ms);
    } else {
        tjob_operation_swapped(operation, cell_swap(store, operation->version, tjob_operation_next(operation)));
    }
}

static void check_outcome(const struct cell *store, const tjob_outcome *outcome, const tjob_event *event)
{
    FUZZ_EXPECT((unsigned)outcome->status < TJOB_STATUS_COUNT);
    FUZZ_EXPECT(store->applied <= 1);
    FUZZ_EXPECT(store->strayed == 0);
    FUZZ_EXPECT(store->lost == 0 || outcome->status == TJOB_OK || outcome->status == TJOB_UNRESOLVED);
    FUZZ_EXPECT(store->lost != 0 || outcome->status != TJOB_UNRESOLVED);
    FUZZ_EXPECT(outcome->changed != TJOB_CHANGED_NO || store->applied == 0);
    FUZZ_EXPECT(outcome->changed != TJOB_CHANGED_YES || store->applied == 1);
    FUZZ_EXPECT(outcome->status == TJOB_OK || outcome->changed != TJOB_CHANGED_YES);
    if (event->kind == TJOB_STOP && outcome->status == TJOB_OK) {
        FUZZ_EXPECT(outcome->after != TJOB_SUBMITTED && outcome->after != TJOB_TRAINING);
    }
    FUZZ_EXPECT(store->job.state == TJOB_ABSENT || tjob_job_validate(&store->job) == TJOB_JOB_VALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes bytes = {data, data + size};
    struct cell store;
    tjob_operation operation;
    const tjob_job job = job_of(&bytes);
    const tjob_event event = event_of(&bytes, &job);
    const tjob_policy policy = {.max_attempts = fuzz_byte(&bytes) % 8};
    cell_init(&store, &job);
    memset(&operation, 0x5a, sizeof operation);
    tjob_operation_begin(&operation, &event);
    while (operation.ask != TJOB_ASK_NOTHING) {
        step(&operation, &policy, &store, &bytes);
        FUZZ_EXPECT(store.swaps <= TJOB_MAX_ATTEMPTS_DEFAULT && store.loads <= store.swaps + 1);
    }
    pester(&operation, &policy, 0);
    cell_apply_lost(&store);
    const tjob_outcome outcome = tjob_operation_outcome(&operation);
    check_outcome(&store, &outcome, &event);
    return 0;
}
