/* Storage, as a host plugs it in: two callbacks over any linearizable key-value engine with a conditional put. */
#ifndef TJOB_STORE_H
#define TJOB_STORE_H

#include <stdint.h>

#include "tjob/job.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_load_status {
    TJOB_LOAD_OK = 0,     /* *job and *version are filled */
    TJOB_LOAD_NOT_FOUND,  /* no record; *version is filled with the version of this absence */
    TJOB_LOAD_UNAVAILABLE /* the store cannot tell now, or what it holds does not decode; never said for an absence */
} tjob_load_status;

typedef enum tjob_swap_status {
    TJOB_SWAP_OK = 0,      /* applied and durable */
    TJOB_SWAP_CONFLICT,    /* not applied and never will be: the version is another, or the store says so spuriously */
    TJOB_SWAP_FULL,        /* not applied and never will be: no room for a new record */
    TJOB_SWAP_UNAVAILABLE, /* not applied and never will be: the store failed */
    TJOB_SWAP_UNKNOWN      /* may have been applied, or may yet be while the expected version stands */
} tjob_swap_status;

/*
 * What every store promises. tests/contract/ is the executable form of this contract; run your own store through it.
 *
 *  - Loads and swaps of one ARN are linearizable: each takes effect at one instant between its call and its return (a
 *    swap of TJOB_SWAP_UNKNOWN: at one instant, then or later, or never), and a load sees what any earlier finished
 *    load or swap saw or left.
 *  - What a load returned, or a swap acknowledged, no crash takes back.
 *  - A swap replaces the record only if its version is `expected`. Nothing else changes a record.
 *  - A version is a 64-bit value of the store's own choice, never used twice for one ARN, never UINT64_MAX. Absence has
 *    a version too: 0 only before the first creation, and a fresh one after each removal (a tombstone, or a counter of
 *    removals for the whole store). Without that, a delayed create could bring a removed job back.
 *    A store that is put back to an earlier state, from a backup for example, gives versions a second time, and incarnations with
 *    them: what was fenced by the later ones is not any more. Stop all hosts and trainers first, and treat every incarnation and
 *    every trainer's token from before as unknown.
 *  - CONFLICT, FULL and UNAVAILABLE are certain, for every attempt that a layer below may have made by itself. A layer
 *    that may have retried after a lost answer says UNKNOWN.
 *  - A removal or a change of a record that is there needs no room: FULL is said of creations only.
 *
 * `context` is passed to every callback first; `user` is the caller's own pointer, handed through from the operation
 * unchanged: an identity, a transaction, further columns to write in the same atomic step. `arn` satisfies the host's
 * ARN grammar and belongs to the caller. Callbacks may block, and must be thread-safe if the host calls from several
 * threads. A value outside the enums counts as TJOB_LOAD_UNAVAILABLE or TJOB_SWAP_UNKNOWN.
 */
typedef struct tjob_store {
    void *context;

    /* Reads the record of `arn`. Fills *version unless it returns TJOB_LOAD_UNAVAILABLE, *job if TJOB_LOAD_OK. */
    tjob_load_status (*load)(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version);

    /* Puts *next in place of what has version `expected`; a NULL `next` removes the record. */
    tjob_swap_status (*swap)(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next);
} tjob_store;

#ifdef __cplusplus
}
#endif

#endif
