/* The list of a file store, for supervisors: a sweep over its buckets, in pages. */

#include "host/file_store/call.h"
#include "host/file_store/inspect.h"
#include "host/file_store/sweep.h"
#include "host/hash.h"
#include "tjob/file_store.h"

_Static_assert(TJOB_LIST_PAGE_MIN >= TJOB_FILE_BUCKET_JOBS_MAX, "a page has room for the jobs of a bucket");

/* The words of a cursor: the identity of the file, which no cursor but the first is without, and the next bucket. */
enum { FILE_CURSOR_FILE, FILE_CURSOR_BUCKET };

/*
 * Returns a word, not 0, that differs between files, and is the same for every handle of one file. A host may give
 * cursors to its clients, so the word tells nothing of the key.
 */
static uint64_t file_list_identity(const tjob_file_store *store)
{
    static const char name[] = "list";
    return tjob__hash_name(store->key, (tjob_text){name, sizeof name - 1}) | 1;
}

/* Appends the jobs of one bucket that match. */
static tjob_file_problem file_list_bucket(tjob_file_store *store, const tjob_list_query *query, uint32_t bucket,
                                          uint64_t wait_us, tjob_listed_job *jobs, uint32_t *count)
{
    tjob_listed_job found[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t found_count;
    const tjob_file_problem problem = tjob__file_inspect_jobs_within(store, bucket, wait_us, found, &found_count);
    for (uint32_t i = 0; i < found_count; i++) {
        if (tjob_list_query_matches(query, &found[i].job)) {
            jobs[(*count)++] = found[i];
        }
    }
    return problem;
}

/* Reports the problem of the first bucket of a page, which is skipped if the problem is its own. */
static tjob_list_status file_list_failed(tjob_file_store *store, uint64_t *next, tjob_file_problem problem)
{
    tjob__file_call_note(store, problem);
    if (!tjob__file_call_is_of_bucket(store, problem)) {
        return TJOB_LIST_UNAVAILABLE;
    }
    ++*next;
    return TJOB_LIST_SKIPPED;
}

/*
 * Lists from a bucket on. A page ends before a bucket that has a problem, so that such a bucket is the first of a page
 * and its result is that of the page. Only the first one is waited for.
 */
static tjob_list_status file_list_buckets(tjob_file_store *store, const tjob_list_query *query, uint64_t *next,
                                          tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    const uint32_t buckets = tjob_file_store_buckets(store);
    for (unsigned i = 0; i < TJOB_FILE_LIST_BUCKETS && capacity - *count >= TJOB_FILE_BUCKET_JOBS_MAX; i++) {
        uint32_t bucket;
        tjob_file_problem problem = tjob__file_sweep_next(store, (uint32_t)*next, &bucket);
        if (problem == TJOB_FILE_OK) {
            *next = bucket;
            if (bucket == buckets) {
                return TJOB_LIST_END;
            }
            const uint64_t wait_us = i == 0 ? tjob__file_call_wait_us(store) : 0;
            problem = file_list_bucket(store, query, bucket, wait_us, jobs, count);
            *next += problem == TJOB_FILE_OK ? 1 : 0;
        }
        if (problem != TJOB_FILE_OK) {
            return i == 0 ? file_list_failed(store, next, problem) : TJOB_LIST_MORE;
        }
    }
    return TJOB_LIST_MORE;
}

static tjob_list_status file_list_page(void *context, void *user, const tjob_list_query *query,
                                       tjob_list_cursor *cursor, tjob_listed_job *jobs, uint32_t capacity,
                                       uint32_t *count)
{
    (void)user;
    tjob_file_store *store = context;
    uint64_t *words = cursor->words;
    const bool begins = words[FILE_CURSOR_FILE] == 0 && words[FILE_CURSOR_BUCKET] == 0;
    *count = 0;
    if (!tjob_list_query_is_valid(query, capacity) ||
        !(begins || (words[FILE_CURSOR_FILE] == file_list_identity(store) &&
                     words[FILE_CURSOR_BUCKET] <= tjob_file_store_buckets(store)))) {
        return TJOB_LIST_INVALID;
    }
    uint64_t next = words[FILE_CURSOR_BUCKET];
    const tjob_list_status status = file_list_buckets(store, query, &next, jobs, capacity, count);
    if (status != TJOB_LIST_UNAVAILABLE) {
        words[FILE_CURSOR_FILE] = file_list_identity(store);
        words[FILE_CURSOR_BUCKET] = next;
    }
    return status;
}

tjob_store_list tjob_file_store_list(tjob_file_store *store)
{
    return (tjob_store_list){.context = store, .list = file_list_page};
}

uint32_t tjob_file_store_list_bucket(const tjob_list_cursor *cursor)
{
    return (uint32_t)cursor->words[FILE_CURSOR_BUCKET];
}
