#include "verify/contract/list_cases.h"

#include <string.h>

/* How many pages of a list may be empty before it counts as endless. */
enum { LIST_PAGES_MAX = 100000 };

/* The jobs of a case: more than the smallest page. */
enum { LIST_JOBS = TJOB_STORE_CONTRACT_JOBS_MAX };

_Static_assert(LIST_JOBS > TJOB_LIST_PAGE_MIN, "the jobs of a case take more than one page");

/* What the store holds, and how often each job of it was listed. In the memory of the run. */
struct list_case {
    tjob_store_list list;
    tjob_list_cursor cursor;
    tjob_listed_job page[TJOB_LIST_PAGE_MIN];
    tjob_listed_job jobs[LIST_JOBS];
    unsigned seen[LIST_JOBS];
};

_Static_assert(sizeof(struct list_case) <= TJOB_STORE_CONTRACT_BYTES, "a case has room in the memory of a run");

static const char *list_status_name(tjob_list_status status)
{
    static const char *const names[] = {"MORE", "END", "SKIPPED", "UNAVAILABLE", "INVALID"};
    return (unsigned)status < 5 ? names[status] : "a value outside the enum";
}

static tjob_text list_arn(const tjob_listed_job *job)
{
    return (tjob_text){job->arn, job->arn_bytes};
}

/* Returns a record in a state, whose latest change was at that number of milliseconds. */
static tjob_job list_record(tjob_state state, uint64_t latest_ms)
{
    const bool trained = state != TJOB_SUBMITTED;
    const bool stop_requested = state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED;
    return (tjob_job){
        .submit_token = 1,
        .incarnation = 1,
        .trainer_token = trained ? 1 : 0,
        .submitted_ms = trained ? 1 : latest_ms,
        .training_started_ms = state == TJOB_TRAINING ? latest_ms
                               : trained              ? 1
                                                      : 0,
        .stop_requested_ms = state == TJOB_STOP_REQUESTED ? latest_ms
                             : stop_requested             ? 1
                                                          : 0,
        .ended_ms = state > TJOB_STOP_REQUESTED ? latest_ms : 0,
        .state = state,
    };
}

static bool list_put(struct trial *trial, tjob_listed_job *job, const tjob_job *record)
{
    job->job = *record;
    return tjob__trial_put(trial, list_arn(job), record, &job->version);
}

/* Fills the store: each state in turn, the latest changes at 1, 2, 3 and so on. Sets up *list_case. */
static bool list_begin(struct trial *trial, struct list_case *list_case)
{
    memset(list_case, 0, sizeof *list_case);
    if (!trial->contract->list(trial->contract->context, &list_case->list)) {
        return tjob__trial_fail(trial, "the store has no list");
    }
    for (uint32_t i = 0; i < LIST_JOBS; i++) {
        const tjob_job record = list_record((tjob_state)(TJOB_SUBMITTED + i % TJOB_DELETING), i + 1);
        tjob_listed_job *job = &list_case->jobs[i];
        job->arn_bytes = (uint32_t)tjob__trial_name(job->arn, "listed", i).bytes;
        if (!list_put(trial, job, &record)) {
            return false;
        }
    }
    return true;
}

/* Counts a job of a page. It must be one of the case, as it is, and match. */
static bool list_count(struct trial *trial, struct list_case *list_case, const tjob_list_query *query,
                       const tjob_listed_job *listed)
{
    for (unsigned i = 0; i < LIST_JOBS; i++) {
        const tjob_listed_job *job = &list_case->jobs[i];
        if (listed->arn_bytes == job->arn_bytes && memcmp(listed->arn, job->arn, job->arn_bytes) == 0) {
            list_case->seen[i]++;
            if (job->version == listed->version && memcmp(&job->job, &listed->job, sizeof job->job) == 0 &&
                tjob_list_query_matches(query, &job->job)) {
                return true;
            }
            return tjob__trial_fail_words(trial, "list", list_arn(job), "the record if it matches",
                                          "another record, another version, or one that does not match");
        }
    }
    return tjob__trial_fail(trial, "list: saw a job that is not in the store");
}

/* Reads one page. Sets *status to TJOB_LIST_MORE or TJOB_LIST_END. */
static bool list_page(struct trial *trial, struct list_case *list_case, const tjob_list_query *query,
                      tjob_list_status *status)
{
    uint32_t count = UINT32_MAX;
    memset(list_case->page, 0x5a, sizeof list_case->page);
    *status = list_case->list.list(list_case->list.context, NULL, query, &list_case->cursor, list_case->page,
                                   TJOB_LIST_PAGE_MIN, &count);
    if ((*status != TJOB_LIST_MORE && *status != TJOB_LIST_END) || count > TJOB_LIST_PAGE_MIN) {
        return tjob__trial_fail_words(trial, "page of a list", (tjob_text)TJOB_TEXT("jobs"),
                                      "MORE or END, and a count up to the size of the page",
                                      count > TJOB_LIST_PAGE_MIN ? "a larger count" : list_status_name(*status));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!list_count(trial, list_case, query, &list_case->page[i])) {
            return false;
        }
    }
    return true;
}

/* Reads the rest of the list, page by page. */
static bool list_rest(struct trial *trial, struct list_case *list_case, const tjob_list_query *query)
{
    tjob_list_status status = TJOB_LIST_MORE;
    for (unsigned pages = 0; status == TJOB_LIST_MORE; pages++) {
        if (pages == LIST_PAGES_MAX) {
            return tjob__trial_fail(trial, "list: it does not end");
        }
        if (!list_page(trial, list_case, query, &status)) {
            return false;
        }
    }
    return true;
}

/* Reads the list from the beginning. Nothing changes meanwhile, so each job that matches is listed once. */
static bool list_whole(struct trial *trial, struct list_case *list_case, const tjob_list_query *query)
{
    memset(&list_case->cursor, 0, sizeof list_case->cursor);
    memset(list_case->seen, 0, sizeof list_case->seen);
    if (!list_rest(trial, list_case, query)) {
        return false;
    }
    for (unsigned i = 0; i < LIST_JOBS; i++) {
        const tjob_listed_job *job = &list_case->jobs[i];
        const unsigned wanted = job->job.state != TJOB_ABSENT && tjob_list_query_matches(query, &job->job) ? 1 : 0;
        if (list_case->seen[i] != wanted) {
            return tjob__trial_fail_numbers(trial, "listing", list_arn(job), wanted, list_case->seen[i]);
        }
    }
    return true;
}

/* A call that must be refused. */
static bool list_refuses(struct trial *trial, struct list_case *list_case, const tjob_list_query *query,
                         uint64_t cursor_word, uint32_t capacity, tjob_text what)
{
    uint32_t count = UINT32_MAX;
    for (unsigned i = 0; i < TJOB_LIST_CURSOR_WORDS; i++) {
        list_case->cursor.words[i] = cursor_word;
    }
    const tjob_list_status status = list_case->list.list(list_case->list.context, NULL, query, &list_case->cursor,
                                                         list_case->page, capacity, &count);
    if (status == TJOB_LIST_INVALID && count == 0) {
        return true;
    }
    return tjob__trial_fail_words(trial, "list", what, "INVALID and no jobs", list_status_name(status));
}

bool tjob__contract_a_list_has_every_job_that_matches(struct trial *trial)
{
    struct list_case *list_case = trial->contract->memory;
    const tjob_list_query all = {0};
    if (!list_begin(trial, list_case) || !list_whole(trial, list_case, &all)) {
        return false;
    }
    for (uint32_t i = 0; i < 2 * TJOB_STATE_COUNT; i++) {
        const uint32_t first = TJOB_LIST_STATE(TJOB_SUBMITTED + i % TJOB_DELETING);
        const uint32_t second = i < TJOB_STATE_COUNT ? 0 : TJOB_LIST_STATE(TJOB_STOP_REQUESTED);
        const tjob_list_query by_state = {.states = first | second, .until_ms = i % 3 == 0 ? 0 : i};
        const tjob_list_query by_age = {.until_ms = i + 1};
        if (!list_whole(trial, list_case, &by_state) || !list_whole(trial, list_case, &by_age)) {
            return false;
        }
    }
    const tjob_list_query absent = {.states = TJOB_LIST_STATE(TJOB_ABSENT)};
    const tjob_list_query unknown = {.states = TJOB_LIST_STATE(TJOB_STATE_COUNT)};
    const tjob_list_query later = {.zero = 1};
    if (!list_refuses(trial, list_case, &absent, 0, TJOB_LIST_PAGE_MIN, (tjob_text)TJOB_TEXT("an absent state")) ||
        !list_refuses(trial, list_case, &unknown, 0, TJOB_LIST_PAGE_MIN, (tjob_text)TJOB_TEXT("an unknown state")) ||
        !list_refuses(trial, list_case, &later, 0, TJOB_LIST_PAGE_MIN,
                      (tjob_text)TJOB_TEXT("a query with a field that is not 0")) ||
        !list_refuses(trial, list_case, &all, 0, TJOB_LIST_PAGE_MIN - 1,
                      (tjob_text)TJOB_TEXT("a page that is too small")) ||
        !list_refuses(trial, list_case, &all, UINT64_MAX, TJOB_LIST_PAGE_MIN,
                      (tjob_text)TJOB_TEXT("a cursor that is not of the store"))) {
        return false;
    }
    list_case->jobs[3].job.state = TJOB_ABSENT;
    list_case->jobs[LIST_JOBS - 1].job.state = TJOB_ABSENT;
    return tjob__trial_change(trial, list_arn(&list_case->jobs[3]), NULL) &&
           tjob__trial_change(trial, list_arn(&list_case->jobs[LIST_JOBS - 1]), NULL) &&
           list_whole(trial, list_case, &all);
}

/* After the first page, everything in it changes: half of it is removed, the rest is given another state. */
bool tjob__contract_a_list_misses_no_job_when_others_change(struct trial *trial)
{
    struct list_case *list_case = trial->contract->memory;
    const tjob_list_query all = {0};
    const tjob_job deleting = list_record(TJOB_DELETING, UINT64_MAX);
    tjob_list_status status = TJOB_LIST_MORE;
    unsigned listed = 0;
    if (!list_begin(trial, list_case)) {
        return false;
    }
    for (unsigned pages = 0; listed == 0; pages++) {
        if (status == TJOB_LIST_END || pages == LIST_PAGES_MAX) {
            return tjob__trial_fail(trial, "list: it has no jobs");
        }
        if (!list_page(trial, list_case, &all, &status)) {
            return false;
        }
        for (unsigned i = 0; i < LIST_JOBS; i++) {
            listed += list_case->seen[i];
        }
    }
    for (unsigned i = 0; i < LIST_JOBS; i++) {
        tjob_listed_job *job = &list_case->jobs[i];
        if (list_case->seen[i] != 0 &&
            !(i % 2 == 0 ? tjob__trial_change(trial, list_arn(job), NULL) : list_put(trial, job, &deleting))) {
            return false;
        }
    }
    if (status == TJOB_LIST_MORE && !list_rest(trial, list_case, &all)) {
        return false;
    }
    for (unsigned i = 0; i < LIST_JOBS; i++) {
        if (list_case->seen[i] == 0) {
            return tjob__trial_fail_numbers(trial, "listing", list_arn(&list_case->jobs[i]), 1, 0);
        }
    }
    return true;
}
