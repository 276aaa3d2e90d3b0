#include "support/cell.h"

#include <stdlib.h>

#include "support/jobs.h"

enum { RIVAL_TOKEN = 777, NEVER = 1000000 };

bool cell_fault_is_of_load(cell_fault fault)
{
    return fault <= CELL_LOAD_LAST_ABSENCE || fault >= CELL_RIVAL_TOUCHES;
}

bool cell_fault_is_of_swap(cell_fault fault)
{
    return fault == CELL_NO_FAULT || fault >= CELL_SWAP_CONFLICT;
}

static void put(struct cell *cell, const tjob_job *job)
{
    if (++cell->last_version == CELL_VERSIONS_MAX) {
        abort();
    }
    cell->version = cell->last_version;
    cell->job = *job;
    cell->incarnations[cell->version] = job->state != TJOB_ABSENT ? job->incarnation : cell->version + 1;
}

void cell_init(struct cell *cell, const tjob_job *job)
{
    *cell = (struct cell){.last_version = CELL_FIRST_VERSION, .version = CELL_FIRST_VERSION, .job = *job};
    if (job->state == TJOB_ABSENT) {
        cell->version = job->incarnation - 1;
        cell->job = (tjob_job){.state = TJOB_ABSENT};
    }
    cell->incarnations[cell->version] = job->incarnation;
}

/* ---- Other actors ---------------------------------------------------------------------------------------------- */

static void rival(struct cell *cell, tjob_event_kind kind)
{
    static const tjob_policy policy;
    const tjob_event event = {.kind = (uint32_t)kind, .trainer_token = cell->job.trainer_token, .token = RIVAL_TOKEN};
    tjob_job job = cell->job;
    if (job.state == TJOB_ABSENT) {
        job.incarnation = cell->version + 1;
    }
    if (tjob_job_apply(&job, &event, SAMPLE_NOW_MS, &policy, &job).changed) {
        put(cell, &job);
    }
}

static void rivals(struct cell *cell, cell_fault fault)
{
    switch (fault) {
    case CELL_RIVAL_TOUCHES:
        put(cell, &cell->job);
        break;
    case CELL_RIVAL_STOPS:
        rival(cell, TJOB_STOP);
        break;
    case CELL_RIVAL_COMPLETES:
        rival(cell, TJOB_COMPLETED);
        break;
    case CELL_RIVAL_RECREATES:
        rival(cell, TJOB_DELETE);
        rival(cell, TJOB_REMOVED);
        rival(cell, TJOB_SUBMIT);
        break;
    default:
        break;
    }
}

/* ---- The calls ------------------------------------------------------------------------------------------------- */

static void apply(struct cell *cell, uint64_t expected, const tjob_job *next)
{
    static const tjob_job absent = {.state = TJOB_ABSENT};
    if (expected == cell->version) {
        put(cell, next != NULL ? next : &absent);
        cell->applied++;
    }
}

void cell_apply_lost(struct cell *cell)
{
    if (cell->landing_in != 0) {
        cell->landing_in = 0;
        apply(cell, cell->expected, cell->removes ? NULL : &cell->pending);
    }
}

static cell_fault next_fault(struct cell *cell)
{
    if (cell->calls == CELL_CALLS_MAX) {
        abort();
    }
    const cell_fault fault = cell->faults[cell->calls++];
    if (cell->landing_in == 1) {
        cell_apply_lost(cell);
    } else if (cell->landing_in != 0) {
        cell->landing_in--;
    }
    rivals(cell, fault);
    return fault;
}

tjob_load_status cell_load(struct cell *cell, tjob_job *job, uint64_t *version)
{
    const cell_fault fault = next_fault(cell);
    cell->loads++;
    *job = cell->job;
    *version = cell->version;
    switch (fault) {
    case CELL_LOAD_UNAVAILABLE:
        return TJOB_LOAD_UNAVAILABLE;
    case CELL_LOAD_OUTSIDE_ENUM:
        return (tjob_load_status)77;
    case CELL_LOAD_IMPOSSIBLE:
        job->state = TJOB_STATE_COUNT;
        return TJOB_LOAD_OK;
    case CELL_LOAD_LAST_ABSENCE:
        *version = UINT64_MAX;
        return TJOB_LOAD_NOT_FOUND;
    default:
        return cell->job.state != TJOB_ABSENT ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
    }
}

static void lose(struct cell *cell, uint64_t expected, const tjob_job *next, unsigned landing_in)
{
    if (cell->lost++ == 0) {
        cell->first_lost_incarnation = cell->incarnations[expected];
    }
    cell_apply_lost(cell); /* the one that was lost before is applied now at the latest */
    cell->landing_in = landing_in;
    cell->expected = expected;
    cell->removes = next == NULL;
    cell->pending = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
}

tjob_swap_status cell_swap(struct cell *cell, uint64_t expected, const tjob_job *next)
{
    const cell_fault fault = next_fault(cell);
    cell->swaps++;
    cell->strayed += cell->lost != 0 && cell->incarnations[expected] != cell->first_lost_incarnation;
    switch (fault) {
    case CELL_SWAP_CONFLICT:
        return TJOB_SWAP_CONFLICT;
    case CELL_SWAP_FULL:
        return TJOB_SWAP_FULL;
    case CELL_SWAP_UNAVAILABLE:
        return TJOB_SWAP_UNAVAILABLE;
    case CELL_SWAP_OUTSIDE_ENUM:
    case CELL_SWAP_LOST_APPLIED:
        lose(cell, expected, next, 0);
        apply(cell, expected, next);
        return fault == CELL_SWAP_OUTSIDE_ENUM ? (tjob_swap_status)77 : TJOB_SWAP_UNKNOWN;
    case CELL_SWAP_LOST_DROPPED:
        lose(cell, expected, next, 0);
        return TJOB_SWAP_UNKNOWN;
    case CELL_SWAP_LOST_LANDS_NEXT:
        lose(cell, expected, next, 1);
        return TJOB_SWAP_UNKNOWN;
    case CELL_SWAP_LOST_LANDS_LATER:
        lose(cell, expected, next, 2);
        return TJOB_SWAP_UNKNOWN;
    case CELL_SWAP_LOST_LANDS_LAST:
        lose(cell, expected, next, NEVER);
        return TJOB_SWAP_UNKNOWN;
    default:
        break;
    }
    if (expected != cell->version) {
        return TJOB_SWAP_CONFLICT;
    }
    apply(cell, expected, next);
    return TJOB_SWAP_OK;
}
