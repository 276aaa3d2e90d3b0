/* A store as pure functions over a state of fixed size, for the lifecycle model and the simulator. */
#ifndef TJOB_STORE_MODEL_H
#define TJOB_STORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/store.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TJOB_STORE_MODEL_BYTES_MAX 160

/*
 * What a store does with the record of one name. All functions are pure; states are `state_bytes` bytes, aligned to 8, of
 * which each is set. Failures, lost answers and writes that are under way for long need not be in it: the model adds them.
 */
typedef struct tjob_store_model {
    uint32_t state_bytes;
    void (*begin)(void *state); /* makes it, which is all zero before, the state of an empty store */

    /* TJOB_LOAD_OK or TJOB_LOAD_NOT_FOUND. *job is absent and *version is 0 before. */
    tjob_load_status (*load)(const void *state, tjob_job *job, uint64_t *version);

    /* TJOB_SWAP_OK or TJOB_SWAP_CONFLICT: what was swapped in can be loaded from now on. */
    tjob_swap_status (*swap)(void *state, uint64_t expected, const tjob_job *next);

    /* Makes what can be loaded durable, before a swap is answered OK. NULL: it is durable at once. */
    void (*make_durable)(void *state);

    /* What is left after a crash of the store. NULL: everything. */
    void (*crash)(void *state);

    /* Whether a swap against `expected` can still be applied, now or later. NULL: always. False saves states. */
    bool (*can_apply)(const void *state, uint64_t expected);
} tjob_store_model;

/* The store that tjob/store.h asks for. */
extern const tjob_store_model tjob_store_model_sound;

/* The version of what can be loaded. A convenience over `load`. */
uint64_t tjob_store_model_version(const tjob_store_model *store, const void *state);

#ifdef __cplusplus
}
#endif

#endif
