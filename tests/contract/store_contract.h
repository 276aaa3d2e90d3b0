/*
 * The contract of tjob/store.h as code: run your own store through it. It needs tjob's headers and a C11 compiler, and
 * no framework of tests: compile store_contract.c beside your store, with this folder's parent among the include paths,
 * and call store_contract_run for each case.
 */
#ifndef TJOB_TESTS_STORE_CONTRACT_H
#define TJOB_TESTS_STORE_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/store.h"

/* The most jobs that a case keeps at once, but for those that fill the store. */
#define STORE_CONTRACT_JOBS_MAX 16

/* Room for the message of a failed case, with its final 0. */
#define STORE_CONTRACT_MESSAGE_BYTES 512

/* The store under test. */
struct store_contract {
    void *context;

    /* Makes a fresh, empty store for at least STORE_CONTRACT_JOBS_MAX jobs; false if it cannot. Every case begins so.
     */
    bool (*open)(void *context, tjob_store *store);

    /* Lets go of what `open` or `reopen` made. */
    void (*close)(void *context);

    /* Optional: closes and opens it again, or what a crash and a recovery are; what was acknowledged must be there. */
    bool (*reopen)(void *context, tjob_store *store);

    /*
     * At how many jobs TJOB_SWAP_FULL is said, at most a few thousand; 0 if that cannot be reported, or cannot be
     * tried.
     */
    uint32_t capacity;
};

enum store_contract_verdict {
    STORE_CONTRACT_KEPT,
    STORE_CONTRACT_BROKEN,
    STORE_CONTRACT_NOT_APPLICABLE /* the store under test does not report `reopen` or `capacity` */
};

/* How many cases there are, and the name of each, such as "a_delayed_create_conflicts_after_a_removal". */
size_t store_contract_case_count(void);
const char *store_contract_case_name(size_t index);

/* Runs one case on a fresh store. If the contract is broken, `message` reports what was expected and what was seen. */
enum store_contract_verdict store_contract_run(const struct store_contract *subject, size_t index,
                                               char message[STORE_CONTRACT_MESSAGE_BYTES]);

/*
 * The same for a store that threads share: `threads` of them, up to STORE_CONTRACT_THREADS_MAX, `rounds` times each. In
 * store_contract_threads.c, which needs POSIX threads.
 */
#define STORE_CONTRACT_THREADS_MAX 16

enum store_contract_verdict store_contract_run_threads(const struct store_contract *subject, unsigned threads,
                                                       unsigned rounds, char message[STORE_CONTRACT_MESSAGE_BYTES]);

#endif
