/* A store that is only read: what it returns, what it refuses, and that nothing of the file changes. */
#include <errno.h>
#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/grow.h"
#include "host/file_store/lock.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

/* A process that has the store of a machine open, to read it. */
struct reader {
    struct sim_process process;
    tjob_file_store store;
};

static tjob_file_problem open_reader(struct reader *reader, struct store_machine *machine)
{
    sim_start(&reader->process, &machine->disk);
    return tjob__file_store_open_for(&reader->process.table, &reader->store, "store", WAIT_MS, FILE_ACCESS_READ);
}

/* Ends a reader, which must not have written anything. */
static void end_reader(struct reader *reader)
{
    EXPECT(reader->process.calls[SIM_WRITE] == 0);
    EXPECT(reader->process.calls[SIM_RESIZE] + reader->process.calls[SIM_RENAME] + reader->process.calls[SIM_REMOVE] ==
           0);
    tjob_file_store_close(&reader->store);
    sim_kill(&reader->process);
}

static tjob_load_status load_by(struct reader *reader, tjob_text arn, tjob_job *job)
{
    const tjob_store callbacks = tjob_file_store_callbacks(&reader->store);
    uint64_t version;
    return callbacks.load(callbacks.context, NULL, arn, job, &version);
}

static tjob_swap_status swap_by(struct reader *reader, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    const tjob_store callbacks = tjob_file_store_callbacks(&reader->store);
    return callbacks.swap(callbacks.context, NULL, arn, expected, next);
}

START_TEST(a_store_that_is_only_read_returns_what_it_holds)
{
    struct store_machine machine;
    struct reader reader;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_job found;
    uint32_t count;
    uint32_t bucket;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_OK);
    ck_assert_mem_eq(&found, &job, sizeof job);
    ck_assert_int_eq(load_by(&reader, other_arn, &found), TJOB_LOAD_NOT_FOUND);
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_jobs(&reader.store, bucket, jobs, &count), TJOB_FILE_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_OK);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_is_only_read_refuses_every_change)
{
    struct store_machine machine;
    struct reader reader;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(swap_by(&reader, sample_arn, 0, &job), TJOB_SWAP_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_READ_ONLY);
    ck_assert_int_eq(swap_by(&reader, sample_arn, 0, NULL), TJOB_SWAP_UNAVAILABLE);
    end_reader(&reader);
    ck_assert(store_machine_holds(&machine, sample_arn, NULL));
    store_machine_unmake(&machine);
}
END_TEST

/* Two who read share a bucket; one who reads and one who may write do not. */
START_TEST(locks_are_shared_among_those_that_only_read)
{
    struct store_machine machine;
    struct reader reader;
    struct reader other;
    tjob_job found;
    const uint64_t offset = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0);
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(open_reader(&other, &machine), TJOB_FILE_OK);
    struct sim_process *process = &other.process;
    ck_assert_int_eq(process->table.lock(process, other.store.file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_NOT_FOUND);
    ck_assert(!store_machine_holds(&machine, sample_arn, NULL));
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_BUSY);
    end_reader(&other);
    process = &machine.process;
    ck_assert_int_eq(process->table.lock(process, machine.store.file, DISK_LOCK, offset, FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_BUSY);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(what_is_not_known_to_be_durable_is_returned_to_nobody_who_only_reads)
{
    struct store_machine machine;
    struct reader reader;
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    tjob_job found;
    uint32_t count;
    unsigned refused = 0;
    unsigned not_durable = 0;
    store_machine_make(&machine);
    store_machine_put_not_durable(&machine, sample_arn);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_READ_ONLY);
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        tjob_file_bucket report;
        refused += tjob_file_store_jobs(&reader.store, bucket, jobs, &count) == TJOB_FILE_READ_ONLY ? 1 : 0;
        ck_assert_int_eq(tjob_file_store_inspect(&reader.store, bucket, &report), TJOB_FILE_OK);
        not_durable += report.not_durable ? 1 : 0;
    }
    ck_assert_uint_eq(refused, 1);
    ck_assert_uint_eq(not_durable, 1);
    (void)store_machine_version(&machine, sample_arn); /* a load that may write */
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_OK);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* A write that is durable but has lost its mark needs none to be read: the progress shows that it is. */
START_TEST(a_mark_that_was_lost_is_not_missed)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    uint64_t size;
    const tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_make(&machine);
    store_machine_put(&machine, sample_arn, &job);
    unsigned char *bytes = sim_bytes(&machine.disk, "store", &size);
    for (uint64_t at = machine.store.begin; at < size; at += FILE_PAGE_BYTES) {
        memset(bytes + at + FILE_MARK_OFFSET, 0, FILE_MARK_BYTES);
    }
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_OK);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

static void set_state(struct store_machine *machine, enum file_state state)
{
    const struct file_header header = tjob__file_store_header(&machine->store);
    EXPECT(tjob__file_state_write(&machine->process.table, machine->store.file, &header, state) == TJOB_FILE_OK);
}

/* Its creator, or a growth, has died. A reader may have no permission to open the folder, and an image that is only
 * read may have no syncs. */
START_TEST(a_file_that_is_not_current_is_read_and_stays_as_it_is)
{
    static const enum file_state states[] = {FILE_NEW, FILE_GROWING, FILE_SUPERSEDED};
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    enum file_state state;
    store_machine_make(&machine);
    set_state(&machine, states[_i]);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    uint32_t bucket;
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_NOT_FOUND);
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_OK);
    set_state(&machine, FILE_GROWING); /* it begins when the file is open */
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_eq(reader.process.calls[SIM_SYNC] + reader.process.calls[SIM_SYNC_FOLDER], 0);
    end_reader(&reader);
    const struct file_header header = tjob__file_store_header(&machine.store);
    ck_assert_int_eq(tjob__file_state_read(&machine.process.table, machine.store.file, &header, &state), TJOB_FILE_OK);
    ck_assert_int_eq(state, FILE_GROWING);
    store_machine_unmake(&machine);
}
END_TEST

/* A read that fails once is not taken for a state of the file. Only what is read without a lock is read again. */
START_TEST(a_reader_returns_nothing_where_a_read_fails)
{
    static const enum file_state states[] = {FILE_CURRENT, FILE_GROWING, FILE_SUPERSEDED};
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    uint32_t bucket;
    bool is_met = true;
    store_machine_make(&machine);
    set_state(&machine, states[_i]);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    reader.process.fault_function = SIM_READ;
    reader.process.fault_count = 1;
    reader.process.fault = -EIO;
    for (unsigned call = 1; is_met; call++) {
        reader.process.fault_from = reader.process.calls[SIM_READ] + call;
        const tjob_load_status status = load_by(&reader, sample_arn, &found);
        is_met = reader.process.calls[SIM_READ] >= reader.process.fault_from;
        ck_assert_int_eq(status, is_met && call != 1 ? TJOB_LOAD_UNAVAILABLE : TJOB_LOAD_NOT_FOUND);
        ck_assert_uint_gt(reader.process.calls[SIM_READ], _i == 0 ? 3 : 5);
    }
    reader.process.fault_from = reader.process.calls[SIM_READ] + 1;
    ck_assert_int_eq(tjob_file_store_next_bucket(&reader.store, 0, &bucket), TJOB_FILE_IO);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

static void lock_by(struct store_machine *machine, uint64_t offset, uint64_t bytes)
{
    struct sim_process *process = &machine->process;
    EXPECT(process->table.lock(process, machine->store.file, DISK_LOCK, offset, bytes) == 0);
}

/* Who waits for a bucket has its turn, and a living growth has the header: both get the buckets, however many read. */
START_TEST(those_who_read_keep_nobody_out)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    if (_i == 0 || _i == 3) {
        struct reader halted; /* a reader that has the turn keeps other readers waiting, too */
        ck_assert_int_eq(open_reader(&halted, &machine), TJOB_FILE_OK);
        if (_i == 0) {
            lock_by(&machine, FILE_LOCK_TURNS_OFFSET, MACHINE_BUCKETS);
        } else {
            ck_assert_int_eq(halted.process.table.lock(&halted.process, halted.store.file, DISK_TURN,
                                                       FILE_LOCK_TURNS_OFFSET, MACHINE_BUCKETS),
                             0);
        }
        ck_assert_int_eq(tjob__file_call_check_store(&reader.store), TJOB_FILE_OK);
        struct file_call call;
        const uint32_t buckets[2] = {0, 1};
        ck_assert_int_eq(tjob__file_call_begin_until(&call, &reader.store, buckets, 0), TJOB_FILE_BUSY);
        end_reader(&halted);
    } else {
        set_state(&machine, _i == 1 ? FILE_GROWING : FILE_SUPERSEDED);
        lock_by(&machine, 0, FILE_PAGE_BYTES);
        ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
        ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_BUSY);
    }
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

static unsigned turns_taken;
static int (*lock_of_all)(void *, int, enum disk_lock, uint64_t, uint64_t);

static int lock_and_count_turns(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    const int result = lock_of_all(context, file, lock, offset, bytes);
    turns_taken += lock == DISK_TURN && result == 0 ? 1 : 0;
    return result;
}

/* If each of many readers had the turn for a moment, some of them would always have it, and no writer could get it. */
START_TEST(those_who_read_take_no_turn)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    lock_of_all = reader.process.table.lock;
    reader.process.table.lock = lock_and_count_turns;
    turns_taken = 0;
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_NOT_FOUND);
    ck_assert_uint_eq(turns_taken, 0);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* Readers that had the turn together, some of them always, would keep every writer from it. */
START_TEST(those_who_read_have_a_turn_one_by_one)
{
    struct store_machine machine;
    struct reader reader;
    struct reader other;
    tjob_job found;
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(open_reader(&other, &machine), TJOB_FILE_OK);
    tjob_file_store_set_wait_ms(&reader.store, 1);
    lock_by(&machine, tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0), MACHINE_BUCKETS * FILE_BUCKET_BYTES);
    lock_of_all = reader.process.table.lock;
    reader.process.table.lock = lock_and_count_turns;
    for (unsigned turns = 0; turns < 2; turns++) {
        turns_taken = 0;
        ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
        ck_assert_uint_eq(turns_taken, 1 - turns);
        ck_assert_int_eq(
            lock_of_all(&other.process, other.store.file, DISK_TURN, FILE_LOCK_TURNS_OFFSET, MACHINE_BUCKETS), 0);
    }
    end_reader(&other);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

static int fail_to_probe(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    return lock == DISK_PROBE ? -EIO : lock_of_all(context, file, lock, offset, bytes);
}

START_TEST(a_turn_that_cannot_be_looked_at_is_an_error)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    lock_of_all = reader.process.table.lock;
    reader.process.table.lock = fail_to_probe;
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_IO);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_that_has_grown_is_no_longer_read)
{
    struct store_machine machine;
    struct reader reader;
    tjob_job found;
    store_machine_make(&machine);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__file_store_grow(&machine.process.table, "store", CAPACITY + 1, WAIT_MS), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&reader.store), TJOB_FILE_SUPERSEDED);
    end_reader(&reader);
    ck_assert_int_eq(open_reader(&reader, &machine), TJOB_FILE_OK);
    ck_assert_int_eq(load_by(&reader, sample_arn, &found), TJOB_LOAD_NOT_FOUND);
    end_reader(&reader);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_store_is_read_on_the_systems_disk)
{
    struct folder folder;
    tjob_file_store store;
    tjob_file_store other;
    tjob_job found;
    uint64_t version;
    folder_make(&folder);
    const char *path = folder_file(&folder, "store");
    ck_assert_int_eq(tjob_file_store_open_read_only(&store, path, 0), TJOB_FILE_MISSING);
    ck_assert_int_eq(tjob_file_store_create(path, CAPACITY), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open_read_only(&store, path, 0), TJOB_FILE_OK);
    ck_assert_int_eq(tjob_file_store_open_read_only(&other, path, WAIT_MS), TJOB_FILE_OK);
    ck_assert_uint_eq(store.wait_ms, TJOB_FILE_STORE_WAIT_MS_DEFAULT);
    ck_assert_uint_eq(other.wait_ms, WAIT_MS);
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    const tjob_job job = sample_job(TJOB_TRAINING);
    ck_assert_int_eq(callbacks.load(&store, NULL, sample_arn, &found, &version), TJOB_LOAD_NOT_FOUND);
    ck_assert_int_eq(callbacks.swap(&store, NULL, sample_arn, version, &job), TJOB_SWAP_UNAVAILABLE);
    tjob_file_store_close(&other);
    tjob_file_store_close(&store);
    folder_remove(&folder);
}
END_TEST

RUN_TESTS("file_read_only", {a_store_that_is_only_read_returns_what_it_holds, 0},
          {a_store_that_is_only_read_refuses_every_change, 0}, {locks_are_shared_among_those_that_only_read, 0},
          {what_is_not_known_to_be_durable_is_returned_to_nobody_who_only_reads, 0},
          {a_mark_that_was_lost_is_not_missed, 0}, {a_file_that_is_not_current_is_read_and_stays_as_it_is, 3},
          {a_reader_returns_nothing_where_a_read_fails, 3}, {those_who_read_keep_nobody_out, 4},
          {those_who_read_take_no_turn, 0}, {those_who_read_have_a_turn_one_by_one, 0},
          {a_turn_that_cannot_be_looked_at_is_an_error, 0}, {a_store_that_has_grown_is_no_longer_read, 0},
          {a_store_is_read_on_the_systems_disk, 0})
