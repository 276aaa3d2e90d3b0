#include "verify/contract/thread_cases.h"

#include <string.h>

/* The names that all threads try to create, and how often a thread tries while nobody changes the record. */
enum { CONTRACT_RACES = TJOB_STORE_CONTRACT_JOBS_MAX - 1, CONTRACT_IDLE_MAX = 1000 };

static const tjob_text contract_counter = TJOB_TEXT(TRIAL_PREFIX "counter");

/* What the threads share. All numbers but `rounds` and `total` are atomic. */
struct contract_shared {
    struct trial handles[2]; /* each thread uses one of them */
    uint32_t rounds;
    uint32_t total;                   /* of all rounds of all threads */
    uint32_t seen;                    /* the highest count of a load or swap that has returned */
    uint32_t acknowledged;            /* increments that were answered OK */
    uint32_t unknown;                 /* and UNKNOWN */
    uint32_t created[CONTRACT_RACES]; /* creations of each name that were answered OK */
    uint32_t perhaps[CONTRACT_RACES]; /* and UNKNOWN */
    uint32_t is_over;                 /* a thread has failed: the others stop */
};
_Static_assert(sizeof(struct contract_shared) <= TJOB_STORE_CONTRACT_BYTES, "it fits in the memory");

/* A record that counts in its host code. */
static tjob_job contract_counting(uint32_t count)
{
    return (tjob_job){
        .submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED, .host_code = count};
}

static bool contract_goes(struct contract_shared *shared)
{
    return __atomic_load_n(&shared->is_over, __ATOMIC_RELAXED) == 0;
}

/* Stops all threads. True for the first that fails: the message is its own. */
static bool contract_is_first(struct contract_shared *shared)
{
    return __atomic_exchange_n(&shared->is_over, 1, __ATOMIC_RELAXED) == 0;
}

static bool contract_fail(struct contract_shared *shared, struct trial *trial, const char *call, tjob_text arn,
                          const char *wanted, const char *seen)
{
    if (contract_is_first(shared)) {
        tjob__trial_fail_words(trial, call, arn, wanted, seen);
    }
    return false;
}

/* ---- Increments ------------------------------------------------------------------------------------------------- */

static void contract_raise(uint32_t *highest, uint32_t count)
{
    uint32_t found = __atomic_load_n(highest, __ATOMIC_ACQUIRE);
    while (found < count &&
           /* LCOV_EXCL_BR_START: whether another thread raises it in between is chance */
           !__atomic_compare_exchange_n(highest, &found, count, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        /* LCOV_EXCL_BR_STOP */
    }
}

/* Loads the count, which is not below what any load or swap showed that returned before this load began. */
static bool contract_load_count(struct contract_shared *shared, struct trial *trial, uint32_t *count, uint64_t *version,
                                tjob_load_status *status)
{
    const uint32_t least = __atomic_load_n(&shared->seen, __ATOMIC_ACQUIRE);
    tjob_job job;
    *status = tjob__trial_load(trial, contract_counter, &job, version);
    if (*status == TJOB_LOAD_UNAVAILABLE) {
        return true;
    }
    if (*status != TJOB_LOAD_OK) {
        return contract_fail(shared, trial, "load by a thread", contract_counter, "OK", tjob__trial_load_name(*status));
    }
    *count = job.host_code;
    if (*count < least || *count > shared->total) {
        const uint32_t wanted = *count < least ? least : shared->total;
        if (contract_is_first(shared)) { /* LCOV_EXCL_BR_LINE: whether two threads see it at once is chance */
            tjob__trial_fail_numbers(trial, *count < least ? "stale count by a thread" : "count by a thread",
                                     contract_counter, wanted, *count);
        }
        return false;
    }
    contract_raise(&shared->seen, *count);
    return true;
}

/* Adds one. An increment whose answer is UNKNOWN is not repeated, so that the count stays bounded. */
static bool contract_increment(struct contract_shared *shared, struct trial *trial)
{
    uint32_t count = 0;
    for (uint32_t idle = 0; idle < CONTRACT_IDLE_MAX; idle++) {
        const uint32_t last = count;
        uint64_t version;
        tjob_load_status loaded;
        if (!contract_goes(shared) || !contract_load_count(shared, trial, &count, &version, &loaded)) {
            return false;
        }
        if (loaded == TJOB_LOAD_UNAVAILABLE) {
            continue;
        }
        const tjob_job next = contract_counting(count + 1);
        const tjob_swap_status status = tjob__trial_swap(trial, contract_counter, version, &next);
        if (status == TJOB_SWAP_OK) {
            contract_raise(&shared->seen, count + 1);
            __atomic_fetch_add(&shared->acknowledged, 1, __ATOMIC_RELAXED);
            return true;
        }
        if (status == TJOB_SWAP_UNKNOWN) {
            __atomic_fetch_add(&shared->unknown, 1, __ATOMIC_RELAXED);
            return true;
        }
        idle = count == last ? idle : 0;
    }
    return contract_fail(shared, trial, "swap by a thread, while nobody changes the record,", contract_counter, "OK",
                         "anything else each time");
}

/* ---- Creations -------------------------------------------------------------------------------------------------- */

/* Creates a name unless another thread was faster. */
static bool contract_create(struct contract_shared *shared, struct trial *trial, uint32_t race)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_text arn = tjob__trial_name(name, "race", race);
    const tjob_job next = contract_counting(0);
    for (uint32_t i = 0; i < CONTRACT_IDLE_MAX && contract_goes(shared); i++) {
        tjob_job job;
        uint64_t version;
        const tjob_load_status loaded = tjob__trial_load(trial, arn, &job, &version);
        if (loaded == TJOB_LOAD_OK) {
            return true;
        }
        if (loaded == TJOB_LOAD_UNAVAILABLE) {
            continue;
        }
        const tjob_swap_status status = tjob__trial_swap(trial, arn, version, &next);
        if (status == TJOB_SWAP_OK || status == TJOB_SWAP_UNKNOWN) {
            __atomic_fetch_add(status == TJOB_SWAP_OK ? &shared->created[race] : &shared->perhaps[race], 1,
                               __ATOMIC_RELAXED);
            return true;
        }
    }
    return contract_fail(shared, trial, "creation by threads", arn, "OK by one of them", "anything else each time");
}

/* ---- The case --------------------------------------------------------------------------------------------------- */

static void contract_contend(void *argument, uint32_t thread)
{
    struct contract_shared *shared = argument;
    struct trial *trial = &shared->handles[thread % 2];
    bool goes = true;
    for (uint32_t race = 0; goes && race < CONTRACT_RACES; race++) {
        goes = contract_create(shared, trial, race);
    }
    for (uint32_t round = 0; goes && round < shared->rounds; round++) {
        uint32_t count;
        uint64_t version;
        tjob_load_status status;
        goes = contract_increment(shared, trial) && contract_load_count(shared, trial, &count, &version, &status);
    }
}

/* Compares what is there with the answers that the threads got. */
static bool contract_adds_up(struct trial *trial, const struct contract_shared *shared)
{
    uint64_t version;
    tjob_job job;
    const tjob_load_status status = tjob__trial_load(trial, contract_counter, &job, &version);
    if (status != TJOB_LOAD_OK) {
        return tjob__trial_fail_words(trial, "load", contract_counter, "OK", tjob__trial_load_name(status));
    }
    if (job.host_code < shared->acknowledged || job.host_code - shared->acknowledged > shared->unknown) {
        return tjob__trial_fail_numbers(trial, "increments by threads", contract_counter, shared->acknowledged,
                                        job.host_code);
    }
    const tjob_job created = contract_counting(0);
    for (uint32_t race = 0; race < CONTRACT_RACES; race++) {
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_text arn = tjob__trial_name(name, "race", race);
        if (shared->created[race] > 1 || shared->created[race] + shared->perhaps[race] == 0) {
            return tjob__trial_fail_numbers(trial, "creations by threads", arn, 1, shared->created[race]);
        }
        if (shared->created[race] == 1 && !tjob__trial_expect(trial, arn, &created, &version)) {
            return false;
        }
    }
    return true;
}

bool tjob__contract_threads_lose_no_change_and_read_nothing_stale(struct trial *trial)
{
    const tjob_store_contract *contract = trial->contract;
    struct contract_shared *shared = contract->memory;
    const uint32_t wanted = contract->threads != 0 ? contract->threads : TJOB_STORE_CONTRACT_THREADS_DEFAULT;
    const uint32_t threads = wanted < TJOB_STORE_CONTRACT_THREADS_MAX ? wanted : TJOB_STORE_CONTRACT_THREADS_MAX;
    const tjob_job other = contract_counting(1);
    const tjob_job zero = contract_counting(0);
    uint64_t version;
    memset(shared, 0, sizeof *shared);
    if (!tjob__trial_put(trial, contract_counter, &other, &version) ||
        !tjob__trial_put(trial, contract_counter, &zero, &version) ||
        !tjob__trial_open_another(trial, &shared->handles[1])) {
        return false;
    }
    shared->handles[0] = *trial;
    shared->rounds = contract->rounds != 0 ? contract->rounds : TJOB_STORE_CONTRACT_ROUNDS_DEFAULT;
    shared->total = threads * shared->rounds;
    if (!contract->run_threads(contract->context, contract_contend, shared, threads)) {
        return tjob__trial_fail(trial, "the threads cannot be started");
    }
    return shared->is_over == 0 && contract_adds_up(trial, shared);
}
