/* The file store keeps the contract: on the system's disk, and on one in memory where reopening is a power cut. */
#include <string.h>

#include "contract/store_contract.h"
#include "host/file_store/create.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/sim_disk.h"
#include "support/suite.h"

enum { THREADS = 8, ROUNDS = 100, FILE_BYTES_MAX = 1 << 18, SEED = 7 };

/* A store for one job has two buckets, so that every name has the same two: 24 slots, each of which can be taken. */
enum { CAPACITY = 1, SLOTS = 24, MANY = 1000 };

/* ---- On a disk in memory --------------------------------------------------------------------------------------- */

struct sim_subject {
    struct sim_disk disk;
    struct sim_process process;
    tjob_file_store store;
    enum sim_tearing tearing;
};

static bool open_process(struct sim_subject *subject, tjob_store *store)
{
    sim_start(&subject->process, &subject->disk);
    *store = tjob_file_store_callbacks(&subject->store);
    return tjob__file_store_open(&subject->process.table, &subject->store, "store", 0) == TJOB_FILE_OK;
}

static bool open_sim(void *context, tjob_store *store)
{
    struct sim_subject *subject = context;
    sim_init(&subject->disk, FILE_BYTES_MAX, SEED);
    sim_start(&subject->process, &subject->disk);
    return tjob__file_store_create(&subject->process.table, "store", CAPACITY) == TJOB_FILE_OK &&
           open_process(subject, store);
}

static void close_sim(void *context)
{
    struct sim_subject *subject = context;
    tjob_file_store_close(&subject->store);
    sim_destroy(&subject->disk);
}

/* The process is killed, the power goes out, and another process opens the store. */
static bool reopen_sim(void *context, tjob_store *store)
{
    struct sim_subject *subject = context;
    tjob_file_store_close(&subject->store);
    sim_kill(&subject->process);
    sim_power_cut(&subject->disk, subject->tearing);
    return open_process(subject, store);
}

START_TEST(it_keeps_the_contract_through_power_cuts)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    static struct sim_subject context;
    const struct store_contract subject = {&context, open_sim, close_sim, reopen_sim, SLOTS};
    context.tearing = _i == 0 ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS;
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        ck_assert_msg(store_contract_run(&subject, i, message) == STORE_CONTRACT_KEPT, "%s: %s",
                      store_contract_case_name(i), message);
    }
}
END_TEST

/* ---- On the system's disk -------------------------------------------------------------------------------------- */

struct file_subject {
    uint64_t capacity;
    struct folder folder;
    tjob_file_store store;
};

static bool open_path(struct file_subject *subject, tjob_store *store)
{
    *store = tjob_file_store_callbacks(&subject->store);
    return tjob_file_store_open(&subject->store, folder_file(&subject->folder, "store"), 0) == TJOB_FILE_OK;
}

static bool open_file(void *context, tjob_store *store)
{
    struct file_subject *subject = context;
    folder_make(&subject->folder);
    return tjob_file_store_create(folder_file(&subject->folder, "store"), subject->capacity) == TJOB_FILE_OK &&
           open_path(subject, store);
}

static void close_file(void *context)
{
    struct file_subject *subject = context;
    tjob_file_store_close(&subject->store);
    folder_remove(&subject->folder);
}

static bool reopen_file(void *context, tjob_store *store)
{
    struct file_subject *subject = context;
    tjob_file_store_close(&subject->store);
    return open_path(subject, store);
}

static struct store_contract file_store(uint64_t capacity)
{
    static struct file_subject subject;
    subject.capacity = capacity;
    return (struct store_contract){&subject, open_file, close_file, reopen_file, 0};
}

START_TEST(it_keeps_the_contract_on_a_file)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = file_store(CAPACITY);
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        ck_assert_msg(store_contract_run(&subject, i, message) != STORE_CONTRACT_BROKEN, "%s: %s",
                      store_contract_case_name(i), message);
    }
}
END_TEST

/* With two buckets they take turns; with many, several are under way at once, and share their syncs. */
START_TEST(it_keeps_the_contract_between_threads)
{
    char message[STORE_CONTRACT_MESSAGE_BYTES];
    const struct store_contract subject = file_store(_i == 0 ? CAPACITY : MANY);
    ck_assert_msg(store_contract_run_threads(&subject, THREADS, ROUNDS, message) == STORE_CONTRACT_KEPT, "%s", message);
}
END_TEST

RUN_TESTS("file_store_contract", {it_keeps_the_contract_through_power_cuts, 2}, {it_keeps_the_contract_on_a_file, 0},
          {it_keeps_the_contract_between_threads, 2})
