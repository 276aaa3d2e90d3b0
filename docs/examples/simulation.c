/*
 * A test of a backend's store under faults, without a clock and without threads. A stop and a completion race for one
 * job, in every order of their steps, while the store loses the answer to any one swap. Every answer to a client must
 * be true.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tjob/tjob.h"

static const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/raced");

enum { TRAINER = 7, NOBODY = -1 };

/* One world: a store with one job in training, and the number of swaps that it has answered. */
struct world {
    uint64_t memory[TJOB_MEMORY_STORE_BYTES(1) / sizeof(uint64_t)];
    tjob_memory_store memory_store;
    tjob_store store;
    int swaps;
    int lost_swap; /* the index of the swap whose answer is lost, from 0 */
    uint64_t now_ms;
};

static uint64_t now_ms(void *context, void *user)
{
    (void)user;
    return ++((struct world *)context)->now_ms;
}

static void set_up(struct world *world, int lost_swap)
{
    *world = (struct world){.lost_swap = lost_swap};
    tjob_memory_store_init(&world->memory_store, world->memory, sizeof world->memory, 1, NULL, NULL);
    world->store = tjob_memory_store_callbacks(&world->memory_store);
    const tjob_service service = {.store = world->store, .clock = {world, now_ms}};
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_start(&service, NULL, arn, 0, TRAINER, NULL);
}

/* Answers what the operation asks: one step. */
static void step(struct world *world, tjob_operation *operation)
{
    static const tjob_policy policy = {0};
    tjob_job job;
    uint64_t version = 0;
    switch ((tjob_ask)operation->ask) {
    case TJOB_ASK_AUTHORIZE:
        tjob_operation_authorized(operation, TJOB_AUTHORIZATION_ALLOWED);
        break;
    case TJOB_ASK_ADMIT:
        tjob_operation_admitted(operation, TJOB_ADMISSION_ADMITTED);
        break;
    case TJOB_ASK_LOAD: {
        const tjob_load_status status = world->store.load(world->store.context, NULL, arn, &job, &version);
        tjob_operation_loaded(operation, &policy, status, &job, version, now_ms(world, NULL));
        break;
    }
    case TJOB_ASK_SWAP: {
        const tjob_swap_status status =
            world->store.swap(world->store.context, NULL, arn, operation->version, tjob_operation_next(operation));
        const bool lost = world->swaps++ == world->lost_swap;
        tjob_operation_swapped(operation, lost ? TJOB_SWAP_UNKNOWN : status);
        break;
    }
    case TJOB_ASK_NOTHING:
        break;
    }
}

static tjob_state stored_state(struct world *world)
{
    tjob_job job = {.state = TJOB_ABSENT};
    uint64_t version;
    world->store.load(world->store.context, NULL, arn, &job, &version);
    return (tjob_state)job.state;
}

/* Runs the race in the order that the bits of `order` give; returns whether both answers were true. */
static bool race(unsigned order, int lost_swap)
{
    struct world world;
    set_up(&world, lost_swap);
    tjob_operation stop, completed;
    tjob_operation_begin(&stop, &(tjob_event){.kind = TJOB_STOP});
    tjob_operation_begin(&completed, &(tjob_event){.kind = TJOB_COMPLETED, .trainer_token = TRAINER});
    for (int i = 0; stop.ask != TJOB_ASK_NOTHING || completed.ask != TJOB_ASK_NOTHING; i++) {
        const bool stop_moves = i < 16 ? (order >> i & 1) != 0 : stop.ask != TJOB_ASK_NOTHING;
        step(&world, stop_moves ? &stop : &completed);
    }
    const tjob_state state = stored_state(&world);
    return tjob_operation_outcome(&stop).status == TJOB_OK && tjob_operation_outcome(&completed).status == TJOB_OK &&
           state == TJOB_TRAINED;
}

int main(void)
{
    unsigned races = 0;
    for (int lost_swap = NOBODY; lost_swap < 4; lost_swap++) {
        for (unsigned order = 0; order < 1u << 16; order++, races++) {
            if (!race(order, lost_swap)) {
                printf("order %u with the answer of swap %d lost: somebody was lied to\n", order, lost_swap);
                return EXIT_FAILURE;
            }
        }
    }
    printf("%u races, and every answer was right\n", races);
    return EXIT_SUCCESS;
}
