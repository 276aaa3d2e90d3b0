/* The memory store keeps the contract; and whoever breaks it is found out, by each case in its own way. */
#include <pthread.h>
#include <string.h>

#include "contract/broken_store.h"
#include "contract/store_contract.h"
#include "support/suite.h"
#include "tjob/memory_store.h"

/* ---- The memory store ------------------------------------------------------------------------------------------ */

enum { CAPACITY = 50, THREADS = 4, ROUNDS = 2000 };

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

static struct store_contract memory_store(void)
{
    static struct memory_subject subject;
    return (struct store_contract){&subject, open_memory, close_memory, reopen_memory, CAPACITY};
}

START_TEST(the_memory_store_keeps_the_contract)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = memory_store();
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        ck_assert_msg(store_contract_run(&subject, i, message) == STORE_CONTRACT_KEPT, "%s: %s",
                      store_contract_case_name(i), message);
    }
}
END_TEST

START_TEST(the_memory_store_keeps_the_contract_between_threads)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = memory_store();
    ck_assert_msg(store_contract_run_threads(&subject, THREADS, ROUNDS, message) == STORE_CONTRACT_KEPT, "%s", message);
}
END_TEST

/* ---- The suite ------------------------------------------------------------------------------------------------- */

START_TEST(a_sound_store_passes_every_case)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = broken_store(DEFECT_NONE);
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        ck_assert_msg(store_contract_run(&subject, i, message) == STORE_CONTRACT_KEPT, "%s: %s",
                      store_contract_case_name(i), message);
    }
    ck_assert_msg(store_contract_run_threads(&subject, THREADS, ROUNDS, message) == STORE_CONTRACT_KEPT, "%s", message);
}
END_TEST

/* Runs a case on a broken store. One that keeps what belongs to the caller is tried where that is still there only. */
static bool finds(size_t index, enum defect defect, char message[STORE_CONTRACT_MESSAGE_BYTES])
{
    const struct store_contract subject = broken_store(defect);
    const bool keeps_pointers = defect == DEFECT_RECORD_NOT_COPIED || defect == DEFECT_NAME_NOT_COPIED;
    if (keeps_pointers && strcmp(store_contract_case_name(index), "the_store_copies") != 0) {
        return false;
    }
    return store_contract_run(&subject, index, message) == STORE_CONTRACT_BROKEN;
}

START_TEST(each_defect_is_found_with_a_message)
{
    unsigned found = 0;
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        char message[STORE_CONTRACT_MESSAGE_BYTES];
        if (finds(i, (enum defect)(_i + 1), message)) {
            ck_assert_str_ne(message, "");
            found++;
        }
    }
    ck_assert_msg(found != 0, "defect %d is not found", _i + 1);
}
END_TEST

/* A case that none of the defects trips over would show nothing. */
START_TEST(each_case_finds_a_defect)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    unsigned found = 0;
    for (int defect = 1; defect < DEFECT_COUNT; defect++) {
        found += finds((size_t)_i, (enum defect)defect, message);
    }
    ck_assert_msg(found != 0, "%s finds nothing", store_contract_case_name((size_t)_i));
}
END_TEST

START_TEST(a_swap_that_checks_before_it_locks_is_found_by_threads)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = broken_store(DEFECT_CHECKS_BEFORE_IT_LOCKS);
    ck_assert_int_eq(store_contract_run_threads(&subject, THREADS, ROUNDS, message), STORE_CONTRACT_BROKEN);
    ck_assert_str_ne(message, "");
}
END_TEST

static bool open_nothing(void *context, tjob_store *store)
{
    (void)context, (void)store;
    return false;
}

START_TEST(what_a_store_does_not_report_is_not_applicable_and_a_store_that_does_not_open_is_broken)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    struct store_contract subject = memory_store();
    subject.capacity = 0;
    subject.reopen = NULL;
    unsigned not_applicable = 0;
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        not_applicable += store_contract_run(&subject, i, message) == STORE_CONTRACT_NOT_APPLICABLE;
    }
    ck_assert_uint_eq(not_applicable, 2);
    subject.open = open_nothing;
    ck_assert_int_eq(store_contract_run(&subject, 0, message), STORE_CONTRACT_BROKEN);
    ck_assert_str_eq(message, "it cannot be opened");
    ck_assert_int_eq(store_contract_run_threads(&subject, THREADS, ROUNDS, message), STORE_CONTRACT_BROKEN);
}
END_TEST

enum { CASES = 15 };

START_TEST(all_cases_are_tried)
{
    ck_assert_uint_eq(store_contract_case_count(), CASES);
}
END_TEST

RUN_TESTS("store_contract", {the_memory_store_keeps_the_contract, 0},
          {the_memory_store_keeps_the_contract_between_threads, 0}, {a_sound_store_passes_every_case, 0},
          {each_defect_is_found_with_a_message, DEFECT_CHECKS_BEFORE_IT_LOCKS - 1}, {each_case_finds_a_defect, CASES},
          {a_swap_that_checks_before_it_locks_is_found_by_threads, 0},
          {what_a_store_does_not_report_is_not_applicable_and_a_store_that_does_not_open_is_broken, 0},
          {all_cases_are_tried, 0})
