/* A model of a store: pure functions over a state of fixed size, for the lifecycle model and the simulator. */
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
 * What a store does with the record of one name. All functions are pure and total; several threads may call them at
 * once. A state has `state_bytes` bytes, aligned to 8, all of which are set. Failures, lost answers and writes that are
 * applied late need not be modelled here: the lifecycle model and the simulator add them.
 */
typedef struct tjob_store_model {
    uint32_t state_bytes;       /* a multiple of 8, not 0, at most TJOB_STORE_MODEL_BYTES_MAX */
    void (*begin)(void *state); /* sets up the state of an empty store; the state is all zero before */

    /* Returns TJOB_LOAD_OK or TJOB_LOAD_NOT_FOUND, and sets *job and *version, which are absent and 0 before. */
    tjob_load_status (*load)(const void *state, tjob_job *job, uint64_t *version);

    /* Swaps in `next` (NULL: removes the record) against version `expected`. Returns TJOB_SWAP_OK, and loads return the
     * new record from then on; or TJOB_SWAP_CONFLICT. */
    tjob_swap_status (*swap)(void *state, uint64_t expected, const tjob_job *next);

    /* Makes what loads return durable, before a swap is answered OK. NULL: every swap is durable at once. */
    void (*make_durable)(void *state);

    /* Crashes the store: what is not durable is lost. NULL: a crash loses nothing. */
    void (*crash)(void *state);

    /* Returns whether a swap against `expected` can be applied, now or later. NULL: always. False saves states. */
    bool (*can_apply)(const void *state, uint64_t expected);
} tjob_store_model;

/* The model of a store that keeps the contract of tjob/store.h. */
extern const tjob_store_model tjob_store_model_sound;

/* Returns the version that `load` returns for a state; 0 if `load` sets none. Thread-safe if `load` is. */
uint64_t tjob_store_model_version(const tjob_store_model *store, const void *state);

#ifdef __cplusplus
}
#endif

#endif
