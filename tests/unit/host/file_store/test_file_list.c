/* A list of a file store goes through its buckets in pages, and past those that are not readable. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/state.h"
#include "host/file_store/store.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

enum {
    MANY = 3600, /* the capacity of a store of so many buckets: */
    MANY_BUCKETS = 600,
    MANY_BYTES = (MANY_BUCKETS + 3) * FILE_BUCKET_BYTES,
    JOBS = 400,
    PAGE = 40
};

static const tjob_list_query all;

/* A list in progress, and how often it had each job. */
struct listing {
    tjob_store_list list;
    tjob_list_cursor cursor;
    tjob_listed_job page[PAGE];
    uint32_t count;
    unsigned seen[JOBS];
};

static void make(struct store_machine *machine, struct listing *listing)
{
    char name[TJOB_ARN_BYTES_MAX];
    const tjob_job job = sample_job(TJOB_TRAINING);
    sim_init(&machine->disk, MANY_BYTES, SEED);
    sim_start(&machine->process, &machine->disk);
    EXPECT(tjob__file_store_create(&machine->process.table, "store", MANY) == TJOB_FILE_OK);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        store_machine_put(machine, store_machine_name(name, i), &job);
    }
    memset(listing, 0, sizeof *listing);
    listing->list = tjob_file_store_list(&machine->store);
}

/* The number of a name of store_machine_name. */
static unsigned number_of(const tjob_listed_job *listed)
{
    char name[TJOB_ARN_BYTES_MAX];
    unsigned number = 0;
    unsigned digit = 1;
    for (uint32_t at = listed->arn_bytes; isdigit((unsigned char)listed->arn[at - 1]); at--, digit *= 10) {
        number += (unsigned)(listed->arn[at - 1] - '0') * digit;
    }
    const tjob_text arn = store_machine_name(name, number);
    EXPECT(arn.bytes == listed->arn_bytes && memcmp(arn.data, listed->arn, arn.bytes) == 0);
    return number;
}

static tjob_list_status next_page(struct listing *listing)
{
    listing->count = UINT32_MAX;
    const tjob_list_status status =
        listing->list.list(listing->list.context, NULL, &all, &listing->cursor, listing->page, PAGE, &listing->count);
    ck_assert_uint_le(listing->count, PAGE);
    for (uint32_t i = 0; i < listing->count; i++) {
        listing->seen[number_of(&listing->page[i])]++;
    }
    return status;
}

static unsigned times_seen(const struct listing *listing, unsigned times)
{
    unsigned jobs = 0;
    for (unsigned job = 0; job < JOBS; job++) {
        jobs += listing->seen[job] == times ? 1 : 0;
    }
    return jobs;
}

/* The number of the first bucket that holds jobs, from `from` on. */
static uint32_t used_bucket(struct store_machine *machine, uint32_t from)
{
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count = 0;
    for (uint32_t bucket = from; count == 0; bucket++) {
        EXPECT(tjob_file_store_jobs(&machine->store, bucket, jobs, &count) == TJOB_FILE_OK);
        from = bucket;
    }
    return from;
}

static void damage(struct store_machine *machine, uint32_t bucket)
{
    uint64_t size;
    memset(sim_bytes(&machine->disk, "store", &size) + tjob__file_header_bucket_offset(MANY_BUCKETS, bucket), 0x5a,
           FILE_BUCKET_BYTES);
}

START_TEST(a_list_has_every_job_in_pages)
{
    static struct store_machine machine;
    static struct listing listing;
    uint32_t bucket = 0;
    tjob_list_status status = TJOB_LIST_MORE;
    make(&machine, &listing);
    for (unsigned pages = 0; status == TJOB_LIST_MORE; pages++) {
        ck_assert_uint_lt(pages, MANY_BUCKETS);
        status = next_page(&listing);
        const uint32_t now = tjob_file_store_list_bucket(&listing.cursor);
        ck_assert_uint_gt(now, bucket);
        bucket = now;
    }
    ck_assert_int_eq(status, TJOB_LIST_END);
    ck_assert_uint_eq(bucket, MANY_BUCKETS);
    ck_assert_uint_eq(times_seen(&listing, 1), JOBS);
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_END);
    ck_assert_uint_eq(listing.count, 0);
    store_machine_unmake(&machine);
}
END_TEST

/* No page covers more buckets than its bound, even if none of their jobs matches. */
START_TEST(a_page_of_the_smallest_size_has_the_jobs_of_a_bucket)
{
    static struct store_machine machine;
    static struct listing listing;
    const tjob_list_query every = {0};
    make(&machine, &listing);
    ck_assert_int_eq(listing.list.list(listing.list.context, NULL, &every, &listing.cursor, listing.page,
                                       TJOB_LIST_PAGE_MIN, &listing.count),
                     TJOB_LIST_MORE);
    ck_assert_uint_gt(listing.count, 0);
    store_machine_unmake(&machine);
}
END_TEST

/* After a crash, a handle that only reads skips what it may not make durable. */
START_TEST(a_bucket_that_is_not_durable_is_skipped_by_a_reader)
{
    static struct store_machine machine;
    static struct listing listing;
    struct sim_process process;
    tjob_file_store reader;
    char name[TJOB_ARN_BYTES_MAX];
    make(&machine, &listing);
    store_machine_put_not_durable(&machine, store_machine_name(name, 0));
    sim_start(&process, &machine.disk);
    ck_assert_int_eq(tjob__file_store_open_for(&process.table, &reader, "store", WAIT_MS, FILE_ACCESS_READ),
                     TJOB_FILE_OK);
    listing.list = tjob_file_store_list(&reader);
    unsigned skipped = 0;
    for (tjob_list_status status = TJOB_LIST_MORE; status != TJOB_LIST_END;) {
        status = next_page(&listing);
        skipped += status == TJOB_LIST_SKIPPED ? 1 : 0;
        ck_assert(status != TJOB_LIST_UNAVAILABLE && status != TJOB_LIST_INVALID);
    }
    ck_assert_uint_eq(skipped, 1);
    ck_assert_int_eq(tjob_file_store_problem(&reader), TJOB_FILE_READ_ONLY);
    tjob_file_store_close(&reader);
    store_machine_unmake(&machine);
}
END_TEST

/* A process was halted with all buckets, of which only the one that is not durable has to be locked. Or it grows; or a
 * growth has died, before the new file or just before it got the name, which a handle that only reads leaves so. */
START_TEST(a_bucket_that_is_busy_is_skipped_unless_the_file_grows)
{
    static struct store_machine machine;
    static struct listing listing;
    struct sim_process process;
    struct sim_process *halted = &machine.process;
    tjob_file_store user;
    char name[TJOB_ARN_BYTES_MAX];
    make(&machine, &listing);
    store_machine_put_not_durable(&machine, store_machine_name(name, 0));
    sim_start(&process, &machine.disk);
    ck_assert_int_eq(tjob__file_store_open_for(&process.table, &user, "store", WAIT_MS,
                                               _i < 2 ? FILE_ACCESS_CHANGE : FILE_ACCESS_READ),
                     TJOB_FILE_OK);
    const struct file_header header = tjob__file_store_header(&machine.store);
    const uint64_t begin = _i == 1 ? 0 : tjob__file_header_begin(&header);
    ck_assert(_i == 0 || tjob__file_state_write(&halted->table, machine.store.file, &header,
                                                _i < 3 ? FILE_GROWING : FILE_SUPERSEDED) == TJOB_FILE_OK);
    ck_assert_int_eq(halted->table.lock(halted, machine.store.file, DISK_LOCK, begin,
                                        tjob__file_header_file_bytes(MANY_BUCKETS) - begin),
                     0);
    listing.list = tjob_file_store_list(&user);
    unsigned skipped = 0;
    unsigned unavailable = 0;
    tjob_list_cursor busy = {{0}};
    for (tjob_list_status status = TJOB_LIST_MORE; status != TJOB_LIST_END && unavailable == 0;) {
        const tjob_list_cursor before = listing.cursor;
        const uint64_t begin_us = process.table.clock_us(&process);
        status = next_page(&listing);
        const uint64_t waited_us = process.table.clock_us(&process) - begin_us;
        skipped += status == TJOB_LIST_SKIPPED ? 1 : 0;
        unavailable += status == TJOB_LIST_UNAVAILABLE ? 1 : 0;
        /* A page that ends before the busy bucket is no problem. */
        ck_assert(skipped + unavailable != 0 || tjob_file_store_problem(&user) == TJOB_FILE_OK);
        ck_assert(status == TJOB_LIST_SKIPPED || status == TJOB_LIST_UNAVAILABLE ? waited_us >= WAIT_MS * 1000
                                                                                 : waited_us == 0);
        busy = status == TJOB_LIST_SKIPPED ? before : busy;
        ck_assert(status != TJOB_LIST_UNAVAILABLE || memcmp(&before, &listing.cursor, sizeof before) == 0);
    }
    if (_i == 3) {
        ck_assert_uint_gt(skipped, 1); /* nothing is read there without a lock */
    } else {
        ck_assert_uint_eq(skipped, _i == 1 ? 0 : 1);
    }
    ck_assert_uint_eq(unavailable, _i == 1 ? 1 : 0);
    ck_assert_int_eq(tjob_file_store_problem(&user), TJOB_FILE_BUSY);
    /* Where it cannot be read whether the file grows, nothing is skipped. */
    for (unsigned call = 1; call <= 12 && _i == 0; call++) {
        listing.cursor = busy;
        process.fault_function = SIM_READ;
        process.fault_from = process.calls[SIM_READ] + call;
        process.fault = -EIO;
        const tjob_list_status status = next_page(&listing);
        ck_assert(status == TJOB_LIST_SKIPPED || status == TJOB_LIST_UNAVAILABLE);
        ck_assert(status == TJOB_LIST_SKIPPED || memcmp(&busy, &listing.cursor, sizeof busy) == 0);
        unavailable += status == TJOB_LIST_UNAVAILABLE ? 1 : 0;
    }
    ck_assert(_i >= 2 || unavailable != 0);
    tjob_file_store_close(&user);
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_page_is_bounded)
{
    static struct store_machine machine;
    static struct listing listing;
    const tjob_list_query none = {.states = TJOB_LIST_STATE(TJOB_IN_ERROR)};
    unsigned used = 0;
    make(&machine, &listing);
    ck_assert_int_eq(
        listing.list.list(listing.list.context, NULL, &none, &listing.cursor, listing.page, PAGE, &listing.count),
        TJOB_LIST_MORE);
    ck_assert_uint_eq(listing.count, 0);
    const uint32_t end = tjob_file_store_list_bucket(&listing.cursor);
    for (uint32_t bucket = 0; bucket < end; used++) {
        bucket = used_bucket(&machine, bucket) + 1;
    }
    ck_assert_uint_eq(used, TJOB_FILE_LIST_BUCKETS);
    store_machine_unmake(&machine);
}
END_TEST

/* The pages on both sides of a damaged bucket are whole; it is a page of its own. */
START_TEST(a_damaged_bucket_is_skipped)
{
    static struct store_machine machine;
    static struct listing listing;
    unsigned skipped = 0;
    tjob_list_status status = TJOB_LIST_MORE;
    make(&machine, &listing);
    const uint32_t bucket = used_bucket(&machine, _i == 0 ? 0 : 3);
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t lost;
    ck_assert_int_eq(tjob_file_store_jobs(&machine.store, bucket, jobs, &lost), TJOB_FILE_OK);
    damage(&machine, bucket);
    while (status != TJOB_LIST_END) {
        status = next_page(&listing);
        if (status == TJOB_LIST_SKIPPED) {
            ck_assert_uint_eq(listing.count, 0);
            ck_assert_uint_eq(tjob_file_store_list_bucket(&listing.cursor), bucket + 1);
            ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_DAMAGED);
            skipped++;
        } else {
            ck_assert(status == TJOB_LIST_MORE || status == TJOB_LIST_END);
        }
    }
    ck_assert_uint_eq(skipped, 1);
    ck_assert_uint_eq(times_seen(&listing, 1), JOBS - lost);
    ck_assert_uint_eq(times_seen(&listing, 0), lost);
    store_machine_unmake(&machine);
}
END_TEST

/* Whichever read fails: the list is complete in the end, and has each job once, but for those of skipped buckets. */
START_TEST(a_read_that_fails_loses_no_other_job)
{
    static const struct {
        int fault;
        unsigned count; /* of reads that fail: an optimistic one is repeated */
        bool skips;     /* a bucket whose read fails so */
    } faults[] = {{-EIO, 1, true}, {-EACCES, 1, false}, {-EACCES, 2, false}};
    static struct store_machine machine;
    static struct listing listing;
    make(&machine, &listing);
    for (unsigned call = 1; call <= 60; call++) {
        tjob_list_status status = TJOB_LIST_MORE;
        unsigned skipped = 0;
        unsigned unavailable = 0;
        memset(&listing.cursor, 0, sizeof listing.cursor);
        memset(listing.seen, 0, sizeof listing.seen);
        machine.process.fault_function = SIM_READ;
        machine.process.fault_from = machine.process.calls[SIM_READ] + call;
        machine.process.fault_count = faults[_i].count;
        machine.process.fault = faults[_i].fault;
        while (status != TJOB_LIST_END) {
            const tjob_list_cursor before = listing.cursor;
            status = next_page(&listing);
            ck_assert(status != TJOB_LIST_UNAVAILABLE || memcmp(&before, &listing.cursor, sizeof before) == 0);
            skipped += status == TJOB_LIST_SKIPPED ? 1 : 0;
            unavailable += status == TJOB_LIST_UNAVAILABLE ? 1 : 0;
            ck_assert(status == TJOB_LIST_MORE || status == TJOB_LIST_END || listing.count == 0);
        }
        ck_assert_uint_le(skipped, faults[_i].skips ? 1 : 0);
        ck_assert_uint_le(unavailable, faults[_i].count);
        ck_assert_uint_eq(times_seen(&listing, 0) + times_seen(&listing, 1), JOBS);
        ck_assert_uint_le(times_seen(&listing, 0), skipped * TJOB_FILE_BUCKET_JOBS_MAX);
    }
    store_machine_unmake(&machine);
}
END_TEST

START_TEST(a_file_that_is_no_longer_the_store_is_unavailable)
{
    static struct store_machine machine;
    static struct listing listing;
    struct sim_process grower;
    store_machine_make(&machine);
    listing = (struct listing){.list = tjob_file_store_list(&machine.store)};
    sim_start(&grower, &machine.disk);
    ck_assert_int_eq(tjob__file_store_grow(&grower.table, "store", CAPACITY + 12, WAIT_MS), TJOB_FILE_OK);
    sim_kill(&grower);
    const tjob_list_cursor first = {{0}};
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_UNAVAILABLE);
    ck_assert_uint_eq(listing.count, 0);
    ck_assert_mem_eq(&listing.cursor, &first, sizeof first); /* it is valid for the file that is there now */
    ck_assert_int_eq(tjob_file_store_problem(&machine.store), TJOB_FILE_SUPERSEDED);
    store_machine_unmake(&machine);
}
END_TEST

/* Of another file, of the file before a growth, or beyond the end. */
START_TEST(a_cursor_of_another_file_is_invalid)
{
    static struct store_machine machine;
    static struct listing listing;
    make(&machine, &listing);
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_MORE);
    const tjob_list_cursor cursor = listing.cursor;
    for (unsigned bit = 1; bit < 64; bit++) {
        listing.cursor = cursor;
        listing.cursor.words[0] ^= UINT64_C(1) << bit;
        ck_assert_int_eq(next_page(&listing), TJOB_LIST_INVALID);
    }
    ck_assert_uint_gt(cursor.words[0], UINT32_MAX); /* it is the file's own, not one for all */
    listing.cursor = (tjob_list_cursor){.words = {0, 1}};
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_INVALID);
    listing.cursor = cursor;
    listing.cursor.words[1] = MANY_BUCKETS + 1;
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_INVALID);
    ck_assert_uint_eq(listing.count, 0);
    listing.cursor = cursor;
    ck_assert_int_eq(next_page(&listing), TJOB_LIST_MORE);
    store_machine_unmake(&machine);
}
END_TEST

/* Whoever has a cursor cannot choose names that share a bucket. */
START_TEST(a_cursor_tells_nothing_of_the_key)
{
    static struct store_machine machine;
    static struct listing listing;
    make(&machine, &listing);
    const struct tjob_list_cursor begin = listing.cursor;
    (void)next_page(&listing);
    const uint64_t first = listing.cursor.words[0];
    for (unsigned byte = 0; byte < TJOB_FILE_STORE_KEY_BYTES; byte++) {
        uint64_t differing = 0;
        machine.store.key[byte] ^= 0xff;
        listing.cursor = begin;
        (void)next_page(&listing);
        for (uint64_t bits = first ^ listing.cursor.words[0]; bits != 0; bits &= bits - 1) {
            differing++;
        }
        ck_assert_uint_gt(differing, 8); /* of 63: every byte of the key changes all of them by chance */
        machine.store.key[byte] ^= 0xff;
    }
    store_machine_unmake(&machine);
}
END_TEST

/* Otherwise the cursor would be that of a beginning as long as no bucket is passed. */
START_TEST(a_cursor_is_the_files_own_even_if_the_key_begins_with_zeros)
{
    static struct store_machine machine;
    static struct listing listing;
    make(&machine, &listing);
    memset(machine.store.key, 0, sizeof(uint64_t));
    (void)next_page(&listing);
    ck_assert_uint_ne(listing.cursor.words[0], 0);
    store_machine_unmake(&machine);
}
END_TEST

RUN_TESTS("file_list", {a_list_has_every_job_in_pages, 0}, {a_page_is_bounded, 0},
          {a_page_of_the_smallest_size_has_the_jobs_of_a_bucket, 0},
          {a_bucket_that_is_not_durable_is_skipped_by_a_reader, 0},
          {a_bucket_that_is_busy_is_skipped_unless_the_file_grows, 4}, {a_damaged_bucket_is_skipped, 2},
          {a_read_that_fails_loses_no_other_job, 3}, {a_file_that_is_no_longer_the_store_is_unavailable, 0},
          {a_cursor_of_another_file_is_invalid, 0}, {a_cursor_tells_nothing_of_the_key, 0},
          {a_cursor_is_the_files_own_even_if_the_key_begins_with_zeros, 0})
