/*
 * The contract of tjob/store.h as code: run every store of your own through it.
 *
 * A test bench describes how the store is opened and closed; optional callbacks let it also reopen the store, open a
 * second handle of it, lose calls, and start threads. Each case tests one promise of the contract on a fresh store and
 * is named after it. A case whose callbacks are NULL is not applicable. No framework of tests is needed:
 *
 *     static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];
 *     const tjob_store_contract contract = {.context = &bench, .memory = memory, .open = open, .close = close};
 *     return tjob_store_contract_run(&contract, print, NULL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
 *
 * The cases only see the answers to loads and swaps. They do not cut the power of a machine: let `reopen` be the
 * harshest restart that the bench can make. docs/embedding.md describes the suite; docs/examples/custom_store.c has a
 * bench.
 */
#ifndef TJOB_STORE_CONTRACT_H
#define TJOB_STORE_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/store.h"
#include "tjob/store_list.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The size of the memory of a run, in bytes. */
#define TJOB_STORE_CONTRACT_BYTES 65536

/* The size of a message with its terminating 0, in bytes. */
#define TJOB_STORE_CONTRACT_MESSAGE_BYTES 512

/* The maximum number of jobs in the store at once, except in the case that fills it. */
#define TJOB_STORE_CONTRACT_JOBS_MAX 16

/* The maximum number of threads, and the values of `threads` and `rounds` that 0 stands for. */
#define TJOB_STORE_CONTRACT_THREADS_MAX 16
#define TJOB_STORE_CONTRACT_THREADS_DEFAULT 4
#define TJOB_STORE_CONTRACT_ROUNDS_DEFAULT 1000

/*
 * What happens to one swap on its way to the engine below the store, for example on a connection to a database:
 *
 *   fault          request     write                                  answer
 *   REQUEST_LOST   lost        not applied                            none: the connection breaks
 *   ANSWER_LOST    delivered   applied                                lost: the connection breaks
 *   WRITE_LATE     held back   by `heal`, if its version still stands none: the connection breaks
 *   STALLED        held back   the same, or not applied               none: the connection stays open and is silent
 *
 * Whatever the fault is, UNKNOWN is a correct answer. OK is correct if loads show the change from then on; CONFLICT and
 * UNAVAILABLE are correct if they do not show it, not even after `heal`; FULL is not correct, because there is room.
 */
typedef enum tjob_store_contract_fault {
    TJOB_STORE_CONTRACT_REQUEST_LOST = 0,
    TJOB_STORE_CONTRACT_ANSWER_LOST,
    TJOB_STORE_CONTRACT_WRITE_LATE,
    TJOB_STORE_CONTRACT_STALLED, /* only a time-out of the store's own ends the call */
    TJOB_STORE_CONTRACT_FAULT_COUNT
} tjob_store_contract_fault;

/*
 * A test bench: the store under test, and what may be done to it. Set `memory`, `open` and `close`; everything else is
 * optional, and NULL or 0 leaves it out. A run only reads the struct. The callbacks are called from the thread of the
 * run, one at a time; the store's own callbacks are called from other threads only inside `run_threads`.
 */
typedef struct tjob_store_contract {
    void *context; /* the first argument of every callback */

    /* TJOB_STORE_CONTRACT_BYTES bytes of the caller's, aligned to 8. A run uses them and keeps nothing there. */
    void *memory;

    /* Makes a fresh, empty store for at least TJOB_STORE_CONTRACT_JOBS_MAX jobs and sets *store to a handle of it.
     * Returns false if it cannot. Each case begins with it. */
    bool (*open)(void *context, tjob_store *store);

    /* Releases what `open`, `reopen` and `open_another` made. Not called if `open` failed. */
    void (*close)(void *context);

    /* Sets *list to the list of the handle of `open`. Returns false if it has none. */
    bool (*list)(void *context, tjob_store_list *list);

    /* Closes the handle and opens the store again, after a crash and a recovery if the bench can make them, and sets
     * *store. What was acknowledged must still be there. Returns false if it cannot be opened. */
    bool (*reopen)(void *context, tjob_store *store);

    /* Sets *other to a second handle of the open store, as another process would have it: the two share no memory.
     * Called at most once after `open`, and never together with `reopen`. Returns false if it cannot be opened. */
    bool (*open_another)(void *context, tjob_store *other);

    /* Makes `fault` happen to the next swap of the handle of `open`, and to no other call. Returns false if the bench
     * cannot make this fault, which is then left out. Set `heal` with it; `open_another` sees more of what happens. */
    bool (*inject)(void *context, tjob_store_contract_fault fault);

    /* Ends the fault: a request that was held back is delivered, and is applied or not before `heal` returns. Returns
     * false if the fault did not happen to the swap: the case then fails, because it tested nothing. The store must be
     * available again within a hundred calls. */
    bool (*heal)(void *context);

    /* Calls body(argument, i) for each i below `count`, each in a thread of its own and all at the same time, and
     * returns true after all have returned; false, without a call, if the threads cannot be started. The threads share
     * the handle of `open`, or half of them that of `open_another` if there is one. */
    bool (*run_threads)(void *context, void (*body)(void *argument, uint32_t i), void *argument, uint32_t count);

    /* The number of threads (a number above TJOB_STORE_CONTRACT_THREADS_MAX counts as that), and how often each of them
     * changes the record that they share. 0 is the default. Their product must be below 2^32. */
    uint32_t threads;
    uint32_t rounds;

    /* The number of jobs with which a creation returns TJOB_SWAP_FULL, at most a few thousand. 0: unknown, or too many
     * to try. */
    uint32_t capacity;
} tjob_store_contract;

/* The verdict on one case. */
typedef enum tjob_store_contract_verdict {
    TJOB_STORE_CONTRACT_KEPT = 0,
    TJOB_STORE_CONTRACT_BROKEN,        /* the promise is broken, or a callback of the bench failed */
    TJOB_STORE_CONTRACT_NOT_APPLICABLE /* the bench lacks what the case needs */
} tjob_store_contract_verdict;

/* Returns the name of a verdict, such as "not applicable"; "?" outside the enum. Static; thread-safe. */
const char *tjob_store_contract_verdict_name(tjob_store_contract_verdict verdict);

/* Returns the number of cases: the cases are 0 to this number minus 1. Pure; thread-safe. */
size_t tjob_store_contract_case_count(void);

/* Returns the name of a case, such as "a_delayed_create_conflicts_after_a_removal"; "?" if there is no such case.
 * Static; thread-safe. */
const char *tjob_store_contract_case_name(size_t index);

/*
 * Runs one case. `message` receives what was expected and what was seen if the promise is broken, else "".
 *
 * Returns the verdict; TJOB_STORE_CONTRACT_NOT_APPLICABLE if there is no such case, or the bench lacks what it needs;
 * otherwise TJOB_STORE_CONTRACT_BROKEN also if `memory`, `open` or `close` is NULL. It opens the store at most once
 * and closes it again. Runs at the same time need a memory and a bench each.
 */
tjob_store_contract_verdict tjob_store_contract_run_case(const tjob_store_contract *contract, size_t index,
                                                         char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES]);

/* The result of a case. `message` is valid until the callback returns. */
typedef struct tjob_store_contract_result {
    const char *name; /* of the case */
    const char *message;
    tjob_store_contract_verdict verdict;
} tjob_store_contract_result;

/*
 * Runs all cases in their order and calls report(context, result) after each; `report` may be NULL. Returns the number
 * of broken promises: 0 if the store keeps its contract as far as the bench can show.
 */
size_t tjob_store_contract_run(const tjob_store_contract *contract,
                               void (*report)(void *context, const tjob_store_contract_result *result), void *context);

#ifdef __cplusplus
}
#endif

#endif
