#include "scenarios/world.h"

#include <string.h>

static enum fault take_fault(struct faults *faults)
{
    const enum fault fault = faults->next[0];
    if (faults->count != 0) {
        faults->count--;
        memmove(faults->next, faults->next + 1, faults->count * sizeof faults->next[0]);
        faults->next[faults->count] = FAULT_NONE;
    }
    return fault;
}

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct world *world = context;
    if (take_fault(&world->loads) == FAULT_UNAVAILABLE) {
        return TJOB_LOAD_UNAVAILABLE;
    }
    return world->store.load(world->store.context, user, arn, job, version);
}

static void send_late(struct world *world, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    world->late = true;
    world->late_removes = next == NULL;
    world->late_job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
    world->late_expected = expected;
    world->late_arn_bytes = arn.bytes;
    memcpy(world->late_arn, arn.data, arn.bytes);
}

bool world_apply_late(struct world *world)
{
    const tjob_text arn = {world->late_arn, world->late_arn_bytes};
    world->late = false;
    return world->store.swap(world->store.context, NULL, arn, world->late_expected,
                             world->late_removes ? NULL : &world->late_job) == TJOB_SWAP_OK;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    struct world *world = context;
    switch (take_fault(&world->swaps)) {
    case FAULT_UNAVAILABLE:
        return TJOB_SWAP_UNAVAILABLE;
    case FAULT_CONFLICT:
        return TJOB_SWAP_CONFLICT;
    case FAULT_FULL:
        return TJOB_SWAP_FULL;
    case FAULT_LOST_APPLIED:
        (void)world->store.swap(world->store.context, user, arn, expected, next);
        return TJOB_SWAP_UNKNOWN;
    case FAULT_LOST_DROPPED:
        return TJOB_SWAP_UNKNOWN;
    case FAULT_LOST_LATE:
        send_late(world, arn, expected, next);
        return TJOB_SWAP_UNKNOWN;
    case FAULT_NONE:
        break;
    }
    return world->store.swap(world->store.context, user, arn, expected, next);
}

static uint64_t now_ms(void *context, void *user)
{
    (void)user;
    return ((struct world *)context)->now_ms;
}

static tjob_authorization authorize(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    (void)user, (void)arn, (void)event;
    return ((struct world *)context)->denied ? TJOB_AUTHORIZATION_DENIED : TJOB_AUTHORIZATION_ALLOWED;
}

void world_init(struct world *world)
{
    memset(world, 0, sizeof *world);
    (void)tjob_memory_store_init(&world->memory_store, world->memory, sizeof world->memory, WORLD_JOBS_MAX, NULL, NULL);
    world->store = tjob_memory_store_callbacks(&world->memory_store);
    world->now_ms = WORLD_BEGIN_MS;
    world->service = (tjob_service){
        .store = {world, load, swap},
        .clock = {world, now_ms},
        .authorizer = {world, authorize},
        .admitter = tjob_bucket_admitter(&world->bucket),
    };
}
