/* The flat API: what a binding calls does what the functions behind it do. */
#include "tjob/flat.h"

#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/tjob.h"
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>

#include "support/folder.h"
#endif

enum { JOBS = 4, WORDS = 4000, TOKEN = 11, TRAINER = 33, HOST_CODE = 44, NOW_MS = 5000 };

static uint64_t memory[WORDS];
static tjob_flat *const flat = (tjob_flat *)(void *)memory;
static uint64_t clock_ms;
static char caller; /* whose address is the caller's own pointer */

static uint64_t now_ms(void *context, void *user)
{
    ck_assert_ptr_eq(context, &clock_ms);
    ck_assert(user == NULL || user == &caller);
    return clock_ms;
}

/* Opens a service over a memory store, with a clock that stands. */
static void open_memory(void)
{
    ck_assert_uint_le(tjob_flat_bytes(JOBS), sizeof memory);
    ck_assert_int_eq(tjob_flat_open_memory(memory, tjob_flat_bytes(JOBS), JOBS, NULL), TJOB_OK);
    clock_ms = NOW_MS;
    tjob_flat_set_clock(flat, &clock_ms, now_ms);
}

static uint64_t fields[TJOB_FLAT_FIELD_COUNT];

static int32_t perform(int32_t event, uint64_t incarnation, uint64_t trainer_token, uint64_t token, uint32_t host_code)
{
    return tjob_flat_perform(flat, &caller, sample_arn.data, sample_arn.bytes, event, incarnation, trainer_token, token,
                             host_code, fields, TJOB_FLAT_FIELD_COUNT);
}

static int32_t submit(void)
{
    return perform(TJOB_SUBMIT, 0, 0, TOKEN, HOST_CODE);
}

/* ---- Opening and closing --------------------------------------------------------------------------------------- */

START_TEST(its_size_grows_by_the_size_of_each_job)
{
    const size_t bytes = tjob_flat_bytes(0);
    ck_assert_uint_gt(bytes, 0);
    ck_assert_uint_eq(tjob_flat_bytes(1) - bytes, TJOB_MEMORY_STORE_BYTES(1));
    ck_assert_uint_eq(tjob_flat_bytes(1000) - bytes, TJOB_MEMORY_STORE_BYTES(1000));
    if (sizeof(size_t) == sizeof(uint64_t)) {
        ck_assert_uint_ne(tjob_flat_bytes(TJOB_MEMORY_STORE_JOBS_MAX), 0);
    }
    ck_assert_uint_eq(tjob_flat_bytes(TJOB_MEMORY_STORE_JOBS_MAX + 1), 0);
}
END_TEST

static int32_t load_nothing(void *context, void *user, const char *arn, size_t arn_bytes, unsigned char *record,
                            uint64_t *version)
{
    (void)context, (void)user, (void)arn, (void)arn_bytes, (void)record;
    *version = 0;
    return TJOB_LOAD_NOT_FOUND;
}

static int32_t swap_nothing(void *context, void *user, const char *arn, size_t arn_bytes, uint64_t expected,
                            const unsigned char *record)
{
    (void)context, (void)user, (void)arn, (void)arn_bytes, (void)expected, (void)record;
    return TJOB_SWAP_CONFLICT;
}

static int32_t deny(void *context, void *user, const char *arn, size_t arn_bytes, int32_t event)
{
    (void)context, (void)user, (void)arn, (void)arn_bytes, (void)event;
    return TJOB_AUTHORIZATION_DENIED;
}

START_TEST(memory_that_does_not_suit_is_refused)
{
    const size_t bytes = tjob_flat_bytes(JOBS);
    unsigned char *const odd = (unsigned char *)memory + 1;
    ck_assert_int_eq(tjob_flat_open_memory(NULL, bytes, JOBS, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_memory(odd, bytes, JOBS, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_memory(memory, bytes - 1, JOBS, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_memory(memory, tjob_flat_bytes(0) - 1, JOBS, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_memory(memory, bytes, 0, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_memory(memory, bytes, JOBS, NULL), TJOB_OK);

    const size_t bare = tjob_flat_bytes(0);
    ck_assert_int_eq(tjob_flat_open_callbacks(NULL, bare, NULL, load_nothing, swap_nothing), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_callbacks(memory, bare - 1, NULL, load_nothing, swap_nothing),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_callbacks(memory, bare, NULL, NULL, swap_nothing), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_callbacks(memory, bare, NULL, load_nothing, NULL), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_callbacks(memory, bare, NULL, load_nothing, swap_nothing), TJOB_OK);

#if defined(__unix__) || defined(__APPLE__)
    ck_assert_int_eq(tjob_flat_open_file(NULL, bare, "/", 0), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_file(memory, bare - 1, "/", 0), TJOB_FILE_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_open_file(memory, bare, NULL, 0), TJOB_FILE_INVALID_PATH);
#endif
}
END_TEST

START_TEST(a_closed_service_is_misconfigured)
{
    uint64_t incarnation = 1;
    open_memory();
    ck_assert_int_eq(submit(), TJOB_OK);
    tjob_flat_close(flat);
    ck_assert_int_eq(submit(), TJOB_MISCONFIGURED);
    tjob_flat_close(flat);
    tjob_flat_close(NULL);
    ck_assert_int_eq(
        tjob_flat_perform(NULL, NULL, sample_arn.data, sample_arn.bytes, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 0),
        TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_flat_next_incarnation(NULL, NULL, sample_arn.data, sample_arn.bytes, &incarnation),
                     TJOB_MISCONFIGURED);
    ck_assert_uint_eq(incarnation, 0);
}
END_TEST

START_TEST(opening_forgets_all_settings)
{
    static const char arn[] = "arn:aws-cn:comprehend:cn-north-1:111122223333:entity-recognizer/flowers";
    open_memory();
    ck_assert_int_eq(tjob_flat_set_policy(flat, TJOB_STOP_SUBMITTED_REFUSED, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(tjob_flat_set_grammar(flat, TJOB_ARN_CURRENT), TJOB_OK);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 1, 1000, 1), TJOB_OK);
    tjob_flat_set_authorizer(flat, NULL, deny);
    open_memory();
    ck_assert_int_eq(submit(), TJOB_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_OK);
    }
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, arn, sizeof arn - 1, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 0),
                     TJOB_INVALID_ARGUMENT);
}
END_TEST

START_TEST(the_key_is_that_of_the_store)
{
    static const unsigned char key[TJOB_HASH_KEY_BYTES] = {1, 2, 3, 4, 5};
    ck_assert_int_eq(tjob_flat_open_memory(memory, tjob_flat_bytes(JOBS), JOBS, key), TJOB_OK);
    bool is_there = false;
    for (size_t at = 0; at + sizeof key <= tjob_flat_bytes(0); at++) {
        is_there = is_there || memcmp((const char *)memory + at, key, sizeof key) == 0;
    }
    ck_assert(is_there);
}
END_TEST

/* ---- Operations ------------------------------------------------------------------------------------------------ */

START_TEST(a_job_goes_from_its_submit_to_its_removal)
{
    open_memory();
    uint64_t incarnation = 0;
    ck_assert_int_eq(tjob_flat_next_incarnation(flat, &caller, sample_arn.data, sample_arn.bytes, &incarnation),
                     TJOB_OK);
    ck_assert_uint_eq(incarnation, 1);
    ck_assert_int_eq(perform(TJOB_SUBMIT, incarnation, 0, TOKEN, HOST_CODE), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_CHANGED], TJOB_CHANGED_YES);
    ck_assert_uint_eq(fields[TJOB_FLAT_BEFORE], TJOB_ABSENT);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_SUBMITTED);
    ck_assert_int_eq(tjob_flat_next_incarnation(flat, &caller, sample_arn.data, sample_arn.bytes, &incarnation),
                     TJOB_IN_USE);
    clock_ms++;
    ck_assert_int_eq(perform(TJOB_START, 1, TRAINER, 0, 0), TJOB_OK);
    clock_ms++;
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_BEFORE], TJOB_TRAINING);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_STOP_REQUESTED);
    clock_ms++;
    ck_assert_int_eq(perform(TJOB_HALTED, 1, TRAINER + 1, 0, 0), TJOB_STALE);
    ck_assert_int_eq(perform(TJOB_HALTED, 1, TRAINER, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    static const uint64_t expected[TJOB_FLAT_FIELD_COUNT] = {
        TJOB_CHANGED_NO, TJOB_STOPPED, TJOB_STOPPED, HOST_CODE,  TOKEN,     1,
        TRAINER,         NOW_MS,       NOW_MS + 1,   NOW_MS + 2, NOW_MS + 3};
    for (int i = 0; i < TJOB_FLAT_FIELD_COUNT; i++) {
        ck_assert_uint_eq(fields[i], expected[i]);
    }
    ck_assert_int_eq(perform(TJOB_DELETE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_REMOVED, 1, 0, 0, 0), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_ABSENT);
    ck_assert_uint_eq(fields[TJOB_FLAT_INCARNATION], 0);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_NOT_FOUND);
}
END_TEST

START_TEST(what_is_malformed_is_an_invalid_argument)
{
    open_memory();
    ck_assert_int_eq(perform(TJOB_SUBMIT, 0, 0, 0, 0), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(perform(TJOB_EVENT_KIND_COUNT, 0, 0, 0, 0), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(perform(-1, 0, 0, 0, 0), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, NULL, 5, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 7), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, "arn", 3, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 0),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_next_incarnation(flat, NULL, sample_arn.data, sample_arn.bytes, NULL),
                     TJOB_INVALID_ARGUMENT);
}
END_TEST

START_TEST(as_many_fields_are_filled_as_are_asked_for)
{
    uint64_t some[TJOB_FLAT_FIELD_COUNT + 2];
    open_memory();
    ck_assert_int_eq(submit(), TJOB_OK);
    memset(some, 0xff, sizeof some);
    ck_assert_int_eq(
        tjob_flat_perform(flat, NULL, sample_arn.data, sample_arn.bytes, TJOB_DESCRIBE, 0, 0, 0, 0, some, 3), TJOB_OK);
    ck_assert_uint_eq(some[TJOB_FLAT_AFTER], TJOB_SUBMITTED);
    ck_assert_uint_eq(some[3], UINT64_MAX);
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, sample_arn.data, sample_arn.bytes, TJOB_DESCRIBE, 0, 0, 0, 0, some,
                                       TJOB_FLAT_FIELD_COUNT + 1),
                     TJOB_OK);
    ck_assert_uint_eq(some[TJOB_FLAT_HOST_CODE], HOST_CODE);
    ck_assert_uint_eq(some[TJOB_FLAT_FIELD_COUNT], 0);
    ck_assert_uint_eq(some[TJOB_FLAT_FIELD_COUNT + 1], UINT64_MAX);
}
END_TEST

/* ---- Settings -------------------------------------------------------------------------------------------------- */

START_TEST(each_choice_of_the_policy_is_its_own)
{
    open_memory();
    ck_assert_int_eq(tjob_flat_set_policy(flat, TJOB_STOP_SUBMITTED_REFUSED, TJOB_STOP_FINISHED_REFUSED, 100, 0),
                     TJOB_OK);
    ck_assert_int_eq(submit(), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_REFUSED_BY_POLICY);
    /* A refused policy changes nothing. */
    ck_assert_int_eq(tjob_flat_set_policy(flat, 3, 0, 0, 0), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_flat_set_policy(flat, 0, 2, 0, 0), TJOB_MISCONFIGURED);
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_REFUSED_BY_POLICY);
    ck_assert_int_eq(perform(TJOB_START, 0, TRAINER, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_OK);
    clock_ms += 99;
    ck_assert_int_eq(perform(TJOB_STOP_EXPIRED, 1, 0, 0, 0), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_STOP_REQUESTED);
    clock_ms++;
    ck_assert_int_eq(perform(TJOB_STOP_EXPIRED, 1, 0, 0, 0), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_STOPPED);
    ck_assert_int_eq(perform(TJOB_DELETE, 1, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_REMOVED, 1, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(submit(), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_FAILED, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_REFUSED_BY_POLICY);
}
END_TEST

START_TEST(the_grammar_decides_which_names_are_valid)
{
    static const char arn[] = "arn:aws-cn:comprehend:cn-north-1:111122223333:entity-recognizer/flowers";
    open_memory();
    ck_assert_int_eq(tjob_flat_set_grammar(flat, TJOB_ARN_CURRENT + 1), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_flat_set_grammar(flat, -1), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, arn, sizeof arn - 1, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 0),
                     TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_set_grammar(flat, TJOB_ARN_CURRENT), TJOB_OK);
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, arn, sizeof arn - 1, TJOB_DESCRIBE, 0, 0, 0, 0, NULL, 0),
                     TJOB_NOT_FOUND);
}
END_TEST

START_TEST(the_limit_applies_to_clients_until_it_is_removed)
{
    open_memory();
    ck_assert_int_eq(submit(), TJOB_OK);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 1, 1000, 2), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_THROTTLED);
    ck_assert_int_eq(perform(TJOB_START, 0, TRAINER, 0, 0), TJOB_OK);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 0, 1000, 2), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 1, 0, 0), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 0, 0, 2), TJOB_INVALID_ARGUMENT);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_THROTTLED);
    ck_assert_int_eq(tjob_flat_set_limit(flat, 0, 0, 0), TJOB_OK);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    }
    ck_assert_int_eq(tjob_flat_set_limit(flat, 1, 1000, 1), TJOB_OK); /* with a full bucket */
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_THROTTLED);
}
END_TEST

START_TEST(without_a_clock_of_its_own_it_has_that_of_the_system)
{
    open_memory();
    tjob_flat_set_clock(flat, NULL, NULL);
    const tjob_clock clock = tjob_system_clock();
    const uint64_t before = clock.now_ms(clock.context, NULL);
    ck_assert_int_eq(submit(), TJOB_OK);
    ck_assert_uint_ge(fields[TJOB_FLAT_SUBMITTED_MS], before);
    ck_assert_uint_le(fields[TJOB_FLAT_SUBMITTED_MS], clock.now_ms(clock.context, NULL));
}
END_TEST

static int32_t authorization;
static int32_t asked;

static int32_t authorize(void *context, void *user, const char *arn, size_t arn_bytes, int32_t event)
{
    ck_assert_ptr_eq(context, &authorization);
    ck_assert_ptr_eq(user, &caller);
    ck_assert_uint_eq(arn_bytes, sample_arn.bytes);
    ck_assert_mem_eq(arn, sample_arn.data, arn_bytes);
    asked = event;
    return authorization;
}

START_TEST(the_authorizer_decides_about_clients)
{
    open_memory();
    tjob_flat_set_authorizer(flat, &authorization, authorize);
    ck_assert_int_eq(submit(), TJOB_OK);
    authorization = TJOB_AUTHORIZATION_ALLOWED;
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(asked, TJOB_DESCRIBE);
    authorization = TJOB_AUTHORIZATION_DENIED;
    ck_assert_int_eq(perform(TJOB_STOP, 0, 0, 0, 0), TJOB_ACCESS_DENIED);
    ck_assert_int_eq(asked, TJOB_STOP);
    authorization = TJOB_AUTHORIZATION_UNAVAILABLE;
    ck_assert_int_eq(perform(TJOB_DELETE, 0, 0, 0, 0), TJOB_UNAVAILABLE);
    ck_assert_int_eq(asked, TJOB_DELETE);
    authorization = -7;
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_ACCESS_DENIED);
    tjob_flat_set_authorizer(flat, NULL, NULL);
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_OK);
}
END_TEST

/* ---- A store of the caller's ----------------------------------------------------------------------------------- */

/* One record, as bytes, and what the callbacks return in place of the truth; -1: nothing. */
struct shelf {
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    bool is_there;
    uint64_t version;
    int32_t load_answer;
    int32_t swap_answer;
    int swaps;
};

static int32_t load(void *context, void *user, const char *arn, size_t arn_bytes, unsigned char *record,
                    uint64_t *version)
{
    struct shelf *shelf = context;
    ck_assert_ptr_eq(user, &caller);
    ck_assert_uint_eq(arn_bytes, sample_arn.bytes);
    ck_assert_mem_eq(arn, sample_arn.data, arn_bytes);
    memcpy(record, shelf->record, sizeof shelf->record);
    *version = shelf->version;
    if (shelf->load_answer >= 0) {
        return shelf->load_answer;
    }
    return shelf->is_there ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
}

static int32_t swap(void *context, void *user, const char *arn, size_t arn_bytes, uint64_t expected,
                    const unsigned char *record)
{
    struct shelf *shelf = context;
    ck_assert_ptr_eq(user, &caller);
    ck_assert_uint_eq(arn_bytes, sample_arn.bytes);
    ck_assert_mem_eq(arn, sample_arn.data, arn_bytes);
    ck_assert_uint_eq(expected, shelf->version);
    shelf->swaps++;
    if (shelf->swap_answer >= 0) {
        return shelf->swap_answer;
    }
    shelf->is_there = record != NULL;
    if (record != NULL) {
        memcpy(shelf->record, record, sizeof shelf->record);
    }
    shelf->version++;
    return TJOB_SWAP_OK;
}

static struct shelf shelf;

static void open_shelf(void)
{
    shelf = (struct shelf){.version = 6, .load_answer = -1, .swap_answer = -1};
    ck_assert_int_eq(tjob_flat_open_callbacks(memory, tjob_flat_bytes(0), &shelf, load, swap), TJOB_OK);
    clock_ms = NOW_MS;
    tjob_flat_set_clock(flat, &clock_ms, now_ms);
}

START_TEST(a_store_of_the_callers_gets_encoded_records)
{
    open_shelf();
    ck_assert_int_eq(submit(), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_INCARNATION], 7);
    tjob_job job;
    ck_assert_int_eq(tjob_job_decode(shelf.record, &job), TJOB_JOB_VALID);
    ck_assert_uint_eq(job.submit_token, TOKEN);
    ck_assert_int_eq(perform(TJOB_FAILED, 7, 0, 0, 9), TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_HOST_CODE], 9);
    ck_assert_int_eq(perform(TJOB_DELETE, 0, 0, 0, 0), TJOB_OK);
    ck_assert_int_eq(perform(TJOB_REMOVED, 7, 0, 0, 0), TJOB_OK);
    ck_assert(!shelf.is_there);
}
END_TEST

START_TEST(each_answer_of_such_a_store_counts)
{
    open_shelf();
    static const struct {
        int32_t answer;
        int32_t status;
    } swaps[] = {
        {TJOB_SWAP_CONFLICT, TJOB_CONTENDED},      {TJOB_SWAP_FULL, TJOB_FULL},
        {TJOB_SWAP_UNAVAILABLE, TJOB_UNAVAILABLE}, {TJOB_SWAP_UNKNOWN, TJOB_UNRESOLVED},
        {TJOB_SWAP_UNKNOWN + 1, TJOB_UNRESOLVED},
    };
    for (size_t i = 0; i < sizeof swaps / sizeof swaps[0]; i++) {
        shelf.swap_answer = swaps[i].answer;
        ck_assert_int_eq(submit(), swaps[i].status);
    }
    shelf.swap_answer = TJOB_SWAP_CONFLICT;
    shelf.swaps = 0;
    ck_assert_int_eq(tjob_flat_set_policy(flat, 0, 0, 0, 3), TJOB_OK);
    ck_assert_int_eq(submit(), TJOB_CONTENDED);
    ck_assert_int_eq(shelf.swaps, 3);
    shelf.swap_answer = -1;
    ck_assert_int_eq(submit(), TJOB_OK);
    shelf.load_answer = TJOB_LOAD_UNAVAILABLE;
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_UNAVAILABLE);
    shelf.load_answer = TJOB_LOAD_UNAVAILABLE + 1;
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_UNAVAILABLE);
    shelf.load_answer = -1;
    shelf.record[1] = 99; /* another format */
    ck_assert_int_eq(perform(TJOB_DESCRIBE, 0, 0, 0, 0), TJOB_UNAVAILABLE);
}
END_TEST

/* ---- Requests -------------------------------------------------------------------------------------------------- */

static const char target[] = "Comprehend_20171127.StopTrainingEntityRecognizer";
static const char type[] = "application/x-amz-json-1.1";
static const char request[] =
    "{\"EntityRecognizerArn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers\"}";
static const char request_arn[] = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers";

static int32_t http_status;
static char headers[TJOB_RESPONSE_BYTES_MAX];
static char answer[TJOB_RESPONSE_BYTES_MAX];
static size_t answer_bytes;

static int32_t handle(const char *asked_target)
{
    return tjob_flat_handle(flat, NULL, asked_target, asked_target != NULL ? strlen(asked_target) : 5, type,
                            sizeof type - 1, request, sizeof request - 1, &http_status, headers, answer, sizeof answer,
                            &answer_bytes);
}

START_TEST(a_request_is_answered_with_status_headers_and_body)
{
    open_memory();
    ck_assert_int_eq(handle(target), TJOB_NOT_FOUND);
    ck_assert_int_eq(http_status, 400);
    ck_assert_str_eq(headers, "Content-Type: application/x-amz-json-1.1\r\n"
                              "x-amzn-ErrorType: ResourceNotFoundException\r\n");
    ck_assert_uint_gt(answer_bytes, 0);
    ck_assert_mem_eq(answer, "{\"__type\":\"ResourceNotFoundException\"", 37);
    ck_assert_int_eq(
        tjob_flat_perform(flat, NULL, request_arn, sizeof request_arn - 1, TJOB_SUBMIT, 0, 0, 1, 0, NULL, 0), TJOB_OK);
    ck_assert_int_eq(handle(target), TJOB_OK);
    ck_assert_int_eq(http_status, 200);
    ck_assert_str_eq(headers, "Content-Type: application/x-amz-json-1.1\r\n");
    ck_assert_uint_eq(answer_bytes, 0);
    ck_assert_int_eq(handle(NULL), TJOB_UNKNOWN_OPERATION);
    ck_assert_int_eq(http_status, 400);
    ck_assert_int_eq(tjob_flat_handle(flat, NULL, target, sizeof target - 1, type, sizeof type - 1, NULL, 5,
                                      &http_status, headers, answer, sizeof answer, &answer_bytes),
                     TJOB_INVALID_ARGUMENT);
    tjob_flat_close(flat);
    ck_assert_int_eq(handle(target), TJOB_MISCONFIGURED);
    ck_assert_int_eq(http_status, 500);
}
END_TEST

START_TEST(a_request_without_room_for_its_answer_does_nothing)
{
    open_memory();
    ck_assert_uint_eq(tjob_flat_answer_bytes(), TJOB_RESPONSE_BYTES_MAX);
    ck_assert_int_eq(
        tjob_flat_perform(flat, NULL, request_arn, sizeof request_arn - 1, TJOB_SUBMIT, 0, 0, 1, 0, NULL, 0), TJOB_OK);
    int32_t *const statuses[] = {NULL, &http_status, &http_status, &http_status, &http_status};
    char *const first[] = {headers, NULL, headers, headers, headers};
    char *const second[] = {answer, answer, NULL, answer, answer};
    size_t *const sizes[] = {&answer_bytes, &answer_bytes, &answer_bytes, NULL, &answer_bytes};
    for (int i = 0; i < 5; i++) {
        const size_t capacity = tjob_flat_answer_bytes() - (i == 4 ? 1 : 0);
        ck_assert_int_eq(tjob_flat_handle(flat, NULL, target, sizeof target - 1, type, sizeof type - 1, request,
                                          sizeof request - 1, statuses[i], first[i], second[i], capacity, sizes[i]),
                         TJOB_MISCONFIGURED);
    }
    ck_assert_int_eq(tjob_flat_perform(flat, NULL, request_arn, sizeof request_arn - 1, TJOB_DESCRIBE, 0, 0, 0, 0,
                                       fields, TJOB_FLAT_FIELD_COUNT),
                     TJOB_OK);
    ck_assert_uint_eq(fields[TJOB_FLAT_AFTER], TJOB_SUBMITTED);
}
END_TEST

/* ---- Files and names ------------------------------------------------------------------------------------------- */

#if defined(__unix__) || defined(__APPLE__)
/* The number that the next file would get. */
static int next_descriptor(void)
{
    const int descriptor = dup(STDOUT_FILENO);
    (void)close(descriptor);
    return descriptor;
}

START_TEST(a_service_over_a_file_keeps_its_jobs)
{
    const int descriptor = next_descriptor();
    struct folder folder;
    folder_make(&folder);
    char path[FOLDER_PATH_BYTES_MAX];
    strcpy(path, folder_file(&folder, "store")); /* NOLINT: both have room for a path */
    const size_t bytes = tjob_flat_bytes(0);
    ck_assert_int_eq(tjob_flat_open_file(memory, bytes, path, 0), TJOB_FILE_MISSING);
    ck_assert_int_eq(submit(), TJOB_MISCONFIGURED);
    ck_assert_int_eq(tjob_flat_create_file(path, 100), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_flat_create_file(path, 100), TJOB_FILE_EXISTS);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(tjob_flat_open_file(memory, bytes, path, 0), TJOB_FILE_OK);
        ck_assert_int_eq(submit(), TJOB_OK);
        ck_assert_uint_eq(fields[TJOB_FLAT_CHANGED], i == 0 ? TJOB_CHANGED_YES : TJOB_CHANGED_NO);
        ck_assert_int_eq(tjob_flat_file_problem(flat), TJOB_FILE_OK);
        tjob_flat_close(flat);
        ck_assert_int_eq(next_descriptor(), descriptor);
    }
    ck_assert_int_eq(tjob_flat_open_file(memory, bytes, path, 0), TJOB_FILE_OK);
    folder_remove(&folder);
    ck_assert_int_eq(perform(TJOB_FAILED, 0, 0, 0, 0), TJOB_UNAVAILABLE);
    ck_assert_int_eq(tjob_flat_file_problem(flat), TJOB_FILE_SUPERSEDED);
    tjob_flat_close(flat);
}
END_TEST

START_TEST(a_service_without_a_file_has_no_problem_of_one)
{
    open_memory();
    ck_assert_int_eq(tjob_flat_file_problem(flat), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_flat_file_problem(NULL), TJOB_FILE_OK);
    ck_assert_str_eq(tjob_flat_problem_text(TJOB_FILE_NO_SPACE), "the disk is full");
    ck_assert_str_eq(tjob_flat_problem_text(-1), "?");
}
END_TEST
#define FILE_TESTS {a_service_over_a_file_keeps_its_jobs, 0}, {a_service_without_a_file_has_no_problem_of_one, 0},
#else
#define FILE_TESTS
#endif

START_TEST(names_are_those_of_the_values)
{
    ck_assert_str_eq(tjob_flat_status_name(TJOB_NOT_FOUND), "not found");
    ck_assert_str_eq(tjob_flat_status_name(-1), "?");
    ck_assert_str_eq(tjob_flat_state_name(TJOB_STOP_REQUESTED), "STOP_REQUESTED");
    ck_assert_str_eq(tjob_flat_state_name(TJOB_STATE_COUNT), "?");
}
END_TEST

RUN_TESTS("flat", {its_size_grows_by_the_size_of_each_job, 0}, {memory_that_does_not_suit_is_refused, 0},
          {a_closed_service_is_misconfigured, 0}, {opening_forgets_all_settings, 0}, {the_key_is_that_of_the_store, 0},
          {a_job_goes_from_its_submit_to_its_removal, 0}, {what_is_malformed_is_an_invalid_argument, 0},
          {as_many_fields_are_filled_as_are_asked_for, 0}, {each_choice_of_the_policy_is_its_own, 0},
          {the_grammar_decides_which_names_are_valid, 0}, {the_limit_applies_to_clients_until_it_is_removed, 0},
          {without_a_clock_of_its_own_it_has_that_of_the_system, 0}, {the_authorizer_decides_about_clients, 0},
          {a_store_of_the_callers_gets_encoded_records, 0}, {each_answer_of_such_a_store_counts, 0},
          {a_request_is_answered_with_status_headers_and_body, 0},
          {a_request_without_room_for_its_answer_does_nothing, 0}, FILE_TESTS{names_are_those_of_the_values, 0})
