/* The memory store keeps the contract; and each way to break it is detected by some case, and each case detects one. */
#include <pthread.h>
#include <string.h>

#include "contract/bench_threads.h"
#include "contract/broken_store.h"
#include "support/suite.h"
#include "tjob/memory_store.h"

/* ---- The memory store ------------------------------------------------------------------------------------------ */

enum { CAPACITY = 50 };

static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];

struct memory_subject {
    uint64_t memory[TJOB_MEMORY_STORE_BYTES(CAPACITY) / sizeof(uint64_t)];
    tjob_memory_store store;
    pthread_mutex_t mutex;
};

static void lock(void *context)
{
    pthread_mutex_lock(context);
}

static void unlock(void *context)
{
    pthread_mutex_unlock(context);
}

static bool open_memory(void *context, tjob_store *store)
{
    struct memory_subject *subject = context;
    const tjob_lock locks = {&subject->mutex, lock, unlock};
    const bool opened = pthread_mutex_init(&subject->mutex, NULL) == 0 &&
                        tjob_memory_store_init(&subject->store, subject->memory, sizeof subject->memory, CAPACITY, NULL,
                                               &locks) == TJOB_OK;
    *store = tjob_memory_store_callbacks(&subject->store);
    return opened;
}

static void close_memory(void *context)
{
    pthread_mutex_destroy(&((struct memory_subject *)context)->mutex);
}

/* What is in memory is still there for whoever takes the callbacks a second time. */
static bool reopen_memory(void *context, tjob_store *store)
{
    *store = tjob_memory_store_callbacks(&((struct memory_subject *)context)->store);
    return true;
}

static bool list_memory(void *context, tjob_store_list *list)
{
    *list = tjob_memory_store_list(&((struct memory_subject *)context)->store);
    return true;
}

static tjob_store_contract memory_store(void)
{
    static struct memory_subject subject;
    return (tjob_store_contract){.context = &subject,
                                 .memory = memory,
                                 .open = open_memory,
                                 .close = close_memory,
                                 .list = list_memory,
                                 .reopen = reopen_memory,
                                 .open_another = reopen_memory,
                                 .run_threads = bench_run_threads,
                                 .capacity = CAPACITY};
}

/* Expects the verdict "kept", except of `not_applicable` cases. */
struct expectation {
    unsigned not_applicable;
    unsigned kept;
};

static void expect_kept(void *context, const tjob_store_contract_result *result)
{
    struct expectation *expectation = context;
    ck_assert_msg(result->verdict != TJOB_STORE_CONTRACT_BROKEN, "%s: %s", result->name, result->message);
    ck_assert_str_eq(result->message, "");
    expectation->kept += result->verdict == TJOB_STORE_CONTRACT_KEPT;
    expectation->not_applicable += result->verdict == TJOB_STORE_CONTRACT_NOT_APPLICABLE;
}

enum { CASES = 21, FAULT_CASES = 2 };

START_TEST(the_memory_store_keeps_the_contract)
{
    struct expectation expectation = {0, 0};
    const tjob_store_contract contract = memory_store();
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &expectation), 0);
    ck_assert_uint_eq(expectation.not_applicable, FAULT_CASES);
    ck_assert_uint_eq(expectation.kept, CASES - FAULT_CASES);
}
END_TEST

/* ---- The suite ------------------------------------------------------------------------------------------------- */

static tjob_store_contract bench_of(enum defect defect)
{
    tjob_store_contract contract = broken_store(defect);
    contract.memory = memory;
    return contract;
}

static size_t case_of(const char *name)
{
    size_t index = 0;
    while (strcmp(tjob_store_contract_case_name(index), name) != 0) {
        index++;
    }
    return index;
}

START_TEST(a_sound_store_passes_every_case)
{
    struct expectation expectation = {0, 0};
    const tjob_store_contract contract = bench_of(_i == 0 ? DEFECT_NONE : (enum defect)(DEFECT_COUNT + _i - 1));
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &expectation), 0);
    ck_assert_uint_eq(expectation.kept, CASES);
}
END_TEST

/* Runs a case on a broken store. A store that keeps pointers of the caller runs where these are still valid only. */
static bool finds(size_t index, enum defect defect, char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES])
{
    const tjob_store_contract contract = bench_of(defect);
    const bool keeps_pointers = defect == DEFECT_RECORD_NOT_COPIED || defect == DEFECT_NAME_NOT_COPIED;
    if (keeps_pointers && index != case_of("the_store_copies")) {
        return false;
    }
    return tjob_store_contract_run_case(&contract, index, message) == TJOB_STORE_CONTRACT_BROKEN;
}

START_TEST(each_defect_is_found_with_a_message)
{
    unsigned found = 0;
    for (size_t i = 0; i < tjob_store_contract_case_count(); i++) {
        char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
        if (finds(i, (enum defect)(_i + 1), message)) {
            ck_assert_str_ne(message, "");
            found++;
        } else {
            ck_assert(_i + 1 == DEFECT_RECORD_NOT_COPIED || _i + 1 == DEFECT_NAME_NOT_COPIED || message[0] == '\0');
        }
    }
    ck_assert_msg(found != 0, "defect %d is not found", _i + 1);
}
END_TEST

/* A case that none of the defects trips over would show nothing. */
START_TEST(each_case_finds_a_defect)
{
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    unsigned found = 0;
    for (int defect = 1; defect < DEFECT_COUNT; defect++) {
        found += finds((size_t)_i, (enum defect)defect, message);
    }
    ck_assert_msg(found != 0, "%s finds nothing", tjob_store_contract_case_name((size_t)_i));
}
END_TEST

/* One call fails, whichever it is: the case goes no further than that, or what it does not depend on is as it was. */
START_TEST(one_call_that_fails_fails_the_case)
{
    enum { FIRST = 150, LAST = 30 };
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    const size_t index = (size_t)_i / 2;
    const enum failure failure = _i % 2 == 0 ? FAILS_WITH_STATUS : FAILS_WITH_VERSION;
    tjob_store_contract contract = bench_of(DEFECT_NONE);
    contract.rounds = 10;
    tjob_store_contract_run_case(&contract, index, message);
    const unsigned all = broken_store_calls();
    unsigned broken = 0;
    unsigned calls = 0;
    for (unsigned call = 1; call <= all; call++, calls++) {
        call = call > FIRST && call + LAST < all ? all - LAST : call;
        contract = bench_of(DEFECT_NONE);
        contract.rounds = 10;
        broken_store_fail_at(call, failure);
        const tjob_store_contract_verdict verdict = tjob_store_contract_run_case(&contract, index, message);
        ck_assert_int_eq(verdict == TJOB_STORE_CONTRACT_BROKEN, message[0] != '\0');
        broken += verdict == TJOB_STORE_CONTRACT_BROKEN;
    }
    ck_assert_msg(failure == FAILS_WITH_VERSION || index == case_of("threads_lose_no_change_and_read_nothing_stale") ||
                      broken > calls / 4,
                  "%s: %u of %u", tjob_store_contract_case_name(index), broken, calls);
}
END_TEST

/* Each message names what was expected and what was seen. */
START_TEST(a_broken_promise_is_reported_with_what_was_seen)
{
    static const struct {
        enum defect defect;
        const char *name;
        const char *words; /* some of the message */
    } cases[] = {
        {DEFECT_EXPECTED_IGNORED, "a_swap_replaces_only_what_it_expects",
         "swap against version 1, where 2 stands, of arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a: "
         "expected CONFLICT, saw OK"},
        {DEFECT_FULL_IS_UNAVAILABLE, "only_a_creation_is_answered_full", "expected FULL, saw UNAVAILABLE"},
        {DEFECT_FULL_OF_CHANGES, "only_a_creation_is_answered_full", "expected OK or UNAVAILABLE, saw FULL"},
        {DEFECT_LOAD_OUTSIDE_ENUM, "a_new_store_holds_nothing", "expected NOT_FOUND, saw a value outside the enum"},
        {DEFECT_LOAD_UNAVAILABLE, "what_was_created_is_found",
         "load of arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a: expected OK or NOT_FOUND, "
         "saw UNAVAILABLE"},
        {DEFECT_APPLIED_IS_UNAVAILABLE, "what_was_created_is_found",
         "swap against the version that was just loaded of "
         "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a: expected OK, saw UNAVAILABLE"},
        {DEFECT_LOAD_WITHOUT_VERSION, "a_new_store_holds_nothing", "expected a version, saw none, or UINT64_MAX"},
        {DEFECT_LOAD_MOVES_VERSION, "a_long_run_is_as_in_a_model", "version without a change of "},
        {DEFECT_REOPENS_NEVER, "what_was_acknowledged_is_there_after_reopening", "the store cannot be opened again"},
        {DEFECT_OPENS_ONCE, "each_handle_sees_what_the_other_changed", "a second handle cannot be opened"},
        {DEFECT_FIRST_HANDLE_CACHES, "each_handle_sees_what_the_other_changed", "load of "},
        {DEFECT_SECOND_HANDLE_CACHES, "each_handle_sees_what_the_other_changed", "load of "},
        {DEFECT_HANDLE_MISSES_REMOVALS, "each_handle_sees_what_the_other_changed", "expected NOT_FOUND, saw OK"},
        {DEFECT_LIST_IS_NONE, "a_list_has_every_job_that_matches", "the store has no list"},
        {DEFECT_LIST_MISSES_THE_LAST, "a_list_has_every_job_that_matches", "listing of "},
        {DEFECT_LIST_PAGES_BY_OFFSET, "a_list_misses_no_job_when_others_change", "expected 1, saw 0"},
        {DEFECT_LIST_TAKES_ANY_CURSOR, "a_list_has_every_job_that_matches",
         "list of a cursor that is not of the store: expected INVALID and no jobs, saw END"},
        {DEFECT_LIST_IS_OUTSIDE_ENUM, "a_list_has_every_job_that_matches", "saw a value outside the enum"},
        {DEFECT_LIST_COUNTS_PAST_THE_PAGE, "a_list_has_every_job_that_matches", "saw a larger count"},
        {DEFECT_LIST_IS_UNAVAILABLE, "a_list_misses_no_job_when_others_change", "saw UNAVAILABLE"},
        {DEFECT_LIST_IS_EMPTY_FOR_EVER, "a_list_misses_no_job_when_others_change", "list: it has no jobs"},
        {DEFECT_LIST_IS_FOR_EVER, "a_list_has_every_job_that_matches", "list: it does not end"},
        {DEFECT_LOST_IS_UNAVAILABLE, "a_certain_answer_is_true_when_a_call_is_lost",
         "swap whose answer was lost, of arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/lost3: expected "
         "OK "
         "or UNKNOWN, saw UNAVAILABLE"},
        {DEFECT_LOST_IS_OK, "a_certain_answer_is_true_when_a_call_is_lost",
         "expected what it swapped in, saw what was there before"},
        {DEFECT_LOST_IS_REVERTED, "a_certain_answer_is_true_when_a_call_is_lost",
         "expected what was there before, saw what it swapped in"},
        {DEFECT_LOST_IS_TORN_LATER, "a_certain_answer_is_true_when_a_call_is_lost",
         "expected what was there before or what was swapped in, saw something else"},
        {DEFECT_LOST_IS_FULL, "a_certain_answer_is_true_when_a_call_is_lost",
         "expected CONFLICT, UNAVAILABLE or UNKNOWN, saw FULL"},
        {DEFECT_LOST_IS_TORN, "a_certain_answer_is_true_when_a_call_is_lost", "saw something else"},
        {DEFECT_LOST_IS_CACHED, "a_certain_answer_is_true_when_a_call_is_lost", "by the handle that met it of "},
        {DEFECT_LOST_IS_THE_END, "a_certain_answer_is_true_when_a_call_is_lost", "saw UNAVAILABLE each time"},
        {DEFECT_FAULT_DOES_NOT_HAPPEN, "a_certain_answer_is_true_when_a_call_is_lost", "the fault did not happen"},
        {DEFECT_LATE_IGNORES_VERSION, "a_late_write_is_applied_only_while_its_version_stands",
         "expected the record that was swapped in, saw another record"},
        {DEFECT_THREADS_DO_NOT_START, "threads_lose_no_change_and_read_nothing_stale", "the threads cannot be started"},
        {DEFECT_CHECKS_BEFORE_IT_LOCKS, "threads_lose_no_change_and_read_nothing_stale", " thread"},
        {DEFECT_RACY_READ_CACHE, "threads_lose_no_change_and_read_nothing_stale", "stale count by a thread of "},
    };
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    ck_assert_msg(finds(case_of(cases[_i].name), cases[_i].defect, message), "%s", cases[_i].words);
    ck_assert_msg(strstr(message, cases[_i].words) != NULL, "%s", message);
}
END_TEST

enum { MESSAGES = 35 };

/* Whatever a store does, no case goes on for long after the first broken promise. */
START_TEST(a_broken_promise_ends_the_threads)
{
    static const struct {
        enum defect defect;
        unsigned calls_max;
    } cases[] = {{DEFECT_LOAD_TELLS_NEXT_VERSION, 250},
                 {DEFECT_THREADS_FIND_NOTHING, 500},
                 {DEFECT_THREADS_CREATE_NOTHING, 9000},
                 {DEFECT_THREADS_CHANGE_NOTHING, 9000}};
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    ck_assert(finds(case_of("threads_lose_no_change_and_read_nothing_stale"), cases[_i].defect, message));
    ck_assert_uint_le(broken_store_calls(), cases[_i].calls_max);
}
END_TEST

static bool open_nothing(void *context, tjob_store *store)
{
    (void)context, (void)store;
    return false;
}

static bool inject_nothing(void *context, tjob_store_contract_fault fault)
{
    (void)context, (void)fault;
    return false;
}

START_TEST(what_a_bench_lacks_is_not_applicable)
{
    struct expectation expectation = {0, 0};
    tjob_store_contract contract = bench_of(DEFECT_NONE);
    contract.inject = inject_nothing;
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &expectation), 0);
    ck_assert_uint_eq(expectation.not_applicable, FAULT_CASES);
    contract.inject = bench_of(DEFECT_NONE).inject;
    contract.heal = NULL;
    contract.capacity = 0;
    contract.list = NULL;
    contract.reopen = NULL;
    contract.open_another = NULL;
    contract.run_threads = NULL;
    expectation.not_applicable = 0;
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &expectation), 0);
    ck_assert_uint_eq(expectation.not_applicable, FAULT_CASES + 6);
}
END_TEST

/* Without a second handle, the handle that met the fault does everything itself. */
START_TEST(lost_answers_need_no_second_handle)
{
    struct expectation expectation = {0, 0};
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    tjob_store_contract contract = bench_of(DEFECT_NONE);
    contract.open_another = NULL;
    contract.threads = TJOB_STORE_CONTRACT_THREADS_MAX + 1; /* counts as the maximum */
    contract.rounds = 10;
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &expectation), 0);
    ck_assert_uint_eq(expectation.not_applicable, 1);
    contract = bench_of(DEFECT_LOST_IS_UNAVAILABLE);
    contract.open_another = NULL;
    ck_assert_int_eq(
        tjob_store_contract_run_case(&contract, case_of("a_certain_answer_is_true_when_a_call_is_lost"), message),
        TJOB_STORE_CONTRACT_BROKEN);
}
END_TEST

START_TEST(a_bench_that_does_not_open_the_store_is_broken)
{
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    tjob_store_contract contract = memory_store();
    contract.open = open_nothing;
    ck_assert_int_eq(tjob_store_contract_run_case(&contract, 0, message), TJOB_STORE_CONTRACT_BROKEN);
    ck_assert_str_eq(message, "the store cannot be opened");
    ck_assert_uint_eq(tjob_store_contract_run(&contract, NULL, NULL), CASES - FAULT_CASES);
    for (int lacks = 0; lacks < 3; lacks++) {
        contract = memory_store();
        contract.memory = lacks == 0 ? NULL : contract.memory;
        contract.open = lacks == 1 ? NULL : contract.open;
        contract.close = lacks == 2 ? NULL : contract.close;
        ck_assert_int_eq(tjob_store_contract_run_case(&contract, 0, message), TJOB_STORE_CONTRACT_BROKEN);
        ck_assert_str_eq(message, "the bench lacks memory, open or close");
    }
}
END_TEST

START_TEST(cases_and_verdicts_have_names)
{
    char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
    const tjob_store_contract contract = memory_store();
    ck_assert_uint_eq(tjob_store_contract_case_count(), CASES);
    ck_assert_str_eq(tjob_store_contract_case_name(0), "a_new_store_holds_nothing");
    ck_assert_str_eq(tjob_store_contract_case_name(CASES), "?");
    ck_assert_int_eq(tjob_store_contract_run_case(&contract, CASES, message), TJOB_STORE_CONTRACT_NOT_APPLICABLE);
    ck_assert_str_eq(message, "");
    ck_assert_str_eq(tjob_store_contract_verdict_name(TJOB_STORE_CONTRACT_KEPT), "kept");
    ck_assert_str_eq(tjob_store_contract_verdict_name(TJOB_STORE_CONTRACT_BROKEN), "broken");
    ck_assert_str_eq(tjob_store_contract_verdict_name(TJOB_STORE_CONTRACT_NOT_APPLICABLE), "not applicable");
    ck_assert_str_eq(tjob_store_contract_verdict_name((tjob_store_contract_verdict)3), "?");
}
END_TEST

RUN_TESTS("store_contract", {the_memory_store_keeps_the_contract, 0},
          {a_sound_store_passes_every_case, SOUND_COUNT - DEFECT_COUNT + 1},
          {each_defect_is_found_with_a_message, DEFECT_COUNT - 1}, {each_case_finds_a_defect, CASES},
          {one_call_that_fails_fails_the_case, 2 * CASES}, {a_broken_promise_is_reported_with_what_was_seen, MESSAGES},
          {a_broken_promise_ends_the_threads, 4}, {what_a_bench_lacks_is_not_applicable, 0},
          {lost_answers_need_no_second_handle, 0}, {a_bench_that_does_not_open_the_store_is_broken, 0},
          {cases_and_verdicts_have_names, 0})
