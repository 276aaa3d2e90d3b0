/* An optional third callback of a store: lists jobs by state and age, in pages, for supervisors and operators. */
#ifndef TJOB_STORE_LIST_H
#define TJOB_STORE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/job.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The bit of a state in tjob_list_query.states. */
#define TJOB_LIST_STATE(state) (UINT32_C(1) << (state))

/* The jobs to list. All zero means every job. */
typedef struct tjob_list_query {
    uint64_t until_ms; /* only jobs whose latest change (tjob_job_latest_ms) is not after this, in Unix milliseconds;
                          0 = any time */
    uint32_t states;   /* only jobs in these states: a set of TJOB_LIST_STATE; 0 = any state */
    uint32_t zero;     /* 0, so that there is no padding */
} tjob_list_query;

/* One job of a list. */
typedef struct tjob_listed_job {
    char arn[TJOB_ARN_BYTES_MAX]; /* not terminated */
    uint32_t arn_bytes;           /* the length of the ARN */
    uint64_t version;             /* the version that a load would have returned with the record */
    tjob_job job;
} tjob_listed_job;

/* The size of a cursor, in 64-bit words. */
#define TJOB_LIST_CURSOR_WORDS 40

/*
 * The place of a list where its next page begins. All zero means the beginning. It may be copied and kept as long as
 * its store is open; its content belongs to the store.
 */
typedef struct tjob_list_cursor {
    uint64_t words[TJOB_LIST_CURSOR_WORDS];
} tjob_list_cursor;

/* The smallest page, in jobs. */
#define TJOB_LIST_PAGE_MIN 12

/* The result of one page of a list. */
typedef enum tjob_list_status {
    TJOB_LIST_MORE = 0,    /* a page, which may be empty, and the cursor is after it: call again for the next one */
    TJOB_LIST_END,         /* the last page, which may be empty: the list is complete */
    TJOB_LIST_SKIPPED,     /* no jobs: a part of the store cannot be read now, and the cursor is after it */
    TJOB_LIST_UNAVAILABLE, /* no jobs, and the cursor is as it was: the store cannot answer now */
    TJOB_LIST_INVALID      /* no jobs: a query with unknown states, a page that is too small, or larger than the store
                              can take, or a cursor that is not of this store */
} tjob_list_status;

/*
 * The list of a store. Every job that matches the query from the first page to the last is listed, and may be listed
 * more than once if it changes meanwhile. Jobs that match for a part of that time may be listed. There is no order, and
 * no snapshot: each job was in the store at some instant as it is listed, and may have changed since. So pass its
 * incarnation with every event that you send to a listed job, as in tjob_expire.
 *
 * The callback fills at most `capacity` jobs, which must be at least TJOB_LIST_PAGE_MIN, sets *count in every case, and
 * moves *cursor. `context` is its first argument; `user` is the caller's own pointer, passed through unchanged, as for
 * tjob_store. It may block, and must be thread-safe if the host calls from several threads, each with a cursor of its
 * own. A value outside the enum counts as TJOB_LIST_UNAVAILABLE.
 */
typedef struct tjob_store_list {
    void *context;
    tjob_list_status (*list)(void *context, void *user, const tjob_list_query *query, tjob_list_cursor *cursor,
                             tjob_listed_job *jobs, uint32_t capacity, uint32_t *count);
} tjob_store_list;

/*
 * Returns whether a query has only known states, and its `zero` is 0, and a page of `capacity` jobs is large enough.
 * Each callback checks this first. Pure; thread-safe.
 */
bool tjob_list_query_is_valid(const tjob_list_query *query, uint32_t capacity);

/* Returns whether a job, which must satisfy tjob_job_validate, matches a valid query. Pure; thread-safe. */
bool tjob_list_query_matches(const tjob_list_query *query, const tjob_job *job);

#ifdef __cplusplus
}
#endif

#endif
