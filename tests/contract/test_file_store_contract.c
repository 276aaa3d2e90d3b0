/* The file store keeps the contract: on the system's disk, and on one in memory where reopening is a power cut. */
#include <string.h>

#include "contract/bench_threads.h"
#include "host/file_store/create.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/sim_disk.h"
#include "support/suite.h"
#include "tjob/store_contract.h"

enum { THREADS = 8, ROUNDS = 100, FILE_BYTES_MAX = 1 << 18, SEED = 7 };

/* A store for one job has two buckets, so that every name has the same two: 24 slots, each of which can be taken. */
enum { CAPACITY = 1, SLOTS = 24, MANY = 1000, ALL_CASES = 21 };

static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];

static void expect_kept(void *context, const tjob_store_contract_result *result)
{
    unsigned *kept = context;
    ck_assert_msg(result->verdict != TJOB_STORE_CONTRACT_BROKEN, "%s: %s", result->name, result->message);
    *kept += result->verdict == TJOB_STORE_CONTRACT_KEPT;
}

/* ---- On a disk in memory --------------------------------------------------------------------------------------- */

struct sim_subject {
    struct sim_disk disk;
    struct sim_process process;
    tjob_file_store store;
    struct sim_process other_process;
    tjob_file_store other;
    bool has_other;
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

static bool open_another_sim(void *context, tjob_store *other)
{
    struct sim_subject *subject = context;
    sim_start(&subject->other_process, &subject->disk);
    *other = tjob_file_store_callbacks(&subject->other);
    subject->has_other =
        tjob__file_store_open(&subject->other_process.table, &subject->other, "store", 0) == TJOB_FILE_OK;
    return subject->has_other;
}

static void close_sim(void *context)
{
    struct sim_subject *subject = context;
    if (subject->has_other) {
        tjob_file_store_close(&subject->other);
        subject->has_other = false;
    }
    tjob_file_store_close(&subject->store);
    sim_destroy(&subject->disk);
}

static bool list_sim(void *context, tjob_store_list *list)
{
    *list = tjob_file_store_list(&((struct sim_subject *)context)->store);
    return true;
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
    static struct sim_subject subject;
    unsigned kept = 0;
    const tjob_store_contract contract = {.context = &subject,
                                          .memory = memory,
                                          .open = open_sim,
                                          .close = close_sim,
                                          .list = list_sim,
                                          .reopen = reopen_sim,
                                          .open_another = open_another_sim,
                                          .capacity = SLOTS};
    subject.tearing = _i == 0 ? SIM_TEARS_BYTES : SIM_TEARS_BLOCKS;
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &kept), 0);
    ck_assert_uint_eq(kept, ALL_CASES - 3); /* the others need lost calls, or threads */
}
END_TEST

/* ---- On the system's disk -------------------------------------------------------------------------------------- */

struct file_subject {
    uint64_t capacity;
    struct folder folder;
    tjob_file_store store;
    tjob_file_store other;
    bool has_other;
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

static bool open_another_file(void *context, tjob_store *other)
{
    struct file_subject *subject = context;
    *other = tjob_file_store_callbacks(&subject->other);
    subject->has_other =
        tjob_file_store_open(&subject->other, folder_file(&subject->folder, "store"), 0) == TJOB_FILE_OK;
    return subject->has_other;
}

static void close_file(void *context)
{
    struct file_subject *subject = context;
    if (subject->has_other) {
        tjob_file_store_close(&subject->other);
        subject->has_other = false;
    }
    tjob_file_store_close(&subject->store);
    folder_remove(&subject->folder);
}

static bool reopen_file(void *context, tjob_store *store)
{
    struct file_subject *subject = context;
    tjob_file_store_close(&subject->store);
    return open_path(subject, store);
}

static bool list_file(void *context, tjob_store_list *list)
{
    *list = tjob_file_store_list(&((struct file_subject *)context)->store);
    return true;
}

static tjob_store_contract file_store(uint64_t capacity)
{
    static struct file_subject subject;
    subject.capacity = capacity;
    return (tjob_store_contract){.context = &subject,
                                 .memory = memory,
                                 .open = open_file,
                                 .close = close_file,
                                 .list = list_file,
                                 .reopen = reopen_file,
                                 .open_another = open_another_file,
                                 .run_threads = bench_run_threads,
                                 .threads = THREADS,
                                 .rounds = ROUNDS};
}

/* With two buckets the threads take turns; with many, several are under way at once, and share their syncs. */
START_TEST(it_keeps_the_contract_on_a_file)
{
    unsigned kept = 0;
    const tjob_store_contract contract = file_store(_i == 0 ? CAPACITY : MANY);
    ck_assert_uint_eq(tjob_store_contract_run(&contract, expect_kept, &kept), 0);
    ck_assert_uint_eq(kept, ALL_CASES - 3); /* the others need lost calls, or a store that can be filled */
}
END_TEST

RUN_TESTS("file_store_contract", {it_keeps_the_contract_through_power_cuts, 2}, {it_keeps_the_contract_on_a_file, 2})
