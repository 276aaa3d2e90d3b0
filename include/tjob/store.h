/* The storage that a host supplies: two callbacks over any linearizable key-value engine with a conditional put. */
#ifndef TJOB_STORE_H
#define TJOB_STORE_H

#include <stdint.h>

#include "tjob/job.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The result of a load. */
typedef enum tjob_load_status {
    TJOB_LOAD_OK = 0,     /* *job and *version are filled */
    TJOB_LOAD_NOT_FOUND,  /* no record; *version is filled with the version of this absence */
    TJOB_LOAD_UNAVAILABLE /* the store cannot answer now, or the record does not decode; never for an absence */
} tjob_load_status;

/* The result of a swap. */
typedef enum tjob_swap_status {
    TJOB_SWAP_OK = 0,      /* applied and durable */
    TJOB_SWAP_CONFLICT,    /* not applied and never will be: the version differs, or the conflict is spurious */
    TJOB_SWAP_FULL,        /* not applied and never will be: no room for a new record */
    TJOB_SWAP_UNAVAILABLE, /* not applied and never will be: the store failed */
    TJOB_SWAP_UNKNOWN      /* may have been applied, or may yet be applied while the expected version stands */
} tjob_swap_status;

/*
 * The contract of every store. tjob/store_contract.h, in the library tjob_verify, is its executable form: run your own
 * store through it.
 *
 *  - Loads and swaps of one ARN are linearizable: each takes effect at one instant between its call and its return (a
 *    swap that returns TJOB_SWAP_UNKNOWN: at one instant, then or later, or never), and a load sees what any earlier
 *    finished load or swap saw or left.
 *  - No crash reverts what a load returned or a swap acknowledged.
 *  - A swap replaces the record only if its version is `expected`. Nothing else changes a record.
 *  - A version is a 64-bit value that the store chooses. It is never used twice for one ARN, and is never UINT64_MAX.
 *    Absence has a version too: 0 only before the first creation, and a fresh one after each removal (from a tombstone,
 *    or from a counter of removals for the whole store). Without that, a delayed creation could bring a removed job
 *    back. A store that is restored to an earlier state, for example from a backup, issues versions a second time, and
 *    incarnations with them: what the later ones fenced is no longer fenced. Stop all hosts and trainers first, and
 *    treat every earlier incarnation and trainer token as unknown.
 *  - CONFLICT, FULL and UNAVAILABLE are certain, for every attempt that a layer below may have made by itself. A layer
 *    that may have retried after a lost answer returns UNKNOWN. An expected version that the store cannot represent was
 *    never issued: CONFLICT, or UNAVAILABLE.
 *  - Only a creation returns FULL. A removal, or a change of an existing record, should need no room. If it does, as in
 *    a database whose disk is full, it returns UNAVAILABLE and has changed nothing.
 *
 * `context` is the first argument of every callback. `user` is the caller's own pointer, passed through from the
 * operation unchanged: an identity, a transaction, or further columns to write in the same atomic step. `arn` satisfies
 * the host's ARN grammar and belongs to the caller. Callbacks may block, and must be thread-safe if the host calls from
 * several threads. A value outside the enums counts as TJOB_LOAD_UNAVAILABLE or TJOB_SWAP_UNKNOWN.
 */
typedef struct tjob_store {
    void *context;

    /* Reads the record of `arn`. Fills *job if it returns TJOB_LOAD_OK, and *version unless TJOB_LOAD_UNAVAILABLE. */
    tjob_load_status (*load)(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version);

    /* Replaces the record, or the absence, that has version `expected` by *next; a NULL `next` removes the record. */
    tjob_swap_status (*swap)(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next);
} tjob_store;

#ifdef __cplusplus
}
#endif

#endif
