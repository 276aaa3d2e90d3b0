/*
 * Optimistic reads beside a writer: all that they can read between its steps. And the calls that read so.
 */
#include <errno.h>
#include <string.h>

#include "host/file_store/call.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"
#include "host/file_store/state.h"
#include "support/jobs.h"
#include "support/store_machine.h"
#include "support/suite.h"

/* ---- Every reading beside a writer ------------------------------------------------------------------------------- */

enum { BEGINNING_BYTES = 368 }; /* of a page: its head and its first slot */

/*
 * A page is read and written in these pieces: they cut its sequence, a slot and its mark into two. A piece is read or
 * written in one step, and the writer may go on by any number of steps between two pieces.
 */
static const uint32_t cuts[] = {0, 9, 200, BEGINNING_BYTES, FILE_MARK_OFFSET + 4, FILE_PAGE_BYTES};

enum {
    PIECES_OF_PAGE = sizeof cuts / sizeof cuts[0] - 1,
    /* The progress has two pieces, which are read then. The last piece is the head of a page that is read again. */
    PROGRESS_PIECE = FILE_BUCKET_PAGES * PIECES_OF_PAGE,
    HEAD_PIECE = PROGRESS_PIECE + 2,
    PIECES = HEAD_PIECE + 1,
    IMAGE_BYTES = FILE_BUCKET_BYTES + FILE_PROGRESS_BYTES,
    SWAPS = 5, /* after each page has been written */
    LOST = 2,
    BUCKET = 0, /* of the names */
    STEPS_MAX = 64,
    NO_SWAP = SWAPS,
    SEQUENCE_MIN = 253 /* so that both bytes of it change */
};

/*
 * What one of the swaps loses: the mark, or the progress as well, as if the writer had died before them; or the page,
 * whose sync fails; or all of the page but its beginning. In the last two cases, the next swap writes another content
 * with the same sequence.
 */
enum loss { LOSES_NOTHING, LOSES_MARK, LOSES_BOTH, LOSES_PAGE, LOSES_REST, LOSS_COUNT };

static struct {
    struct store_machine machine;
    bool writes_backwards; /* the pieces of a page from the last to the first */
    bool reads_backwards;  /* the pages from the last to the first */
    unsigned swap;         /* in progress */
    unsigned losing;
    enum loss loss;
    unsigned begin; /* the step after which the swap began */
    unsigned steps;
    unsigned char seen[STEPS_MAX + 1][IMAGE_BYTES]; /* the bucket and its progress after each step */
    uint64_t durable[STEPS_MAX + 1];                /* the highest sequence that is durable by then */
    uint64_t acknowledged[STEPS_MAX + 1];           /* and the highest that was acknowledged */
    uint64_t versions[SWAPS];                       /* of each swap */
    unsigned at[PIECES];                            /* the step after which the nth piece is read */
    unsigned char image[IMAGE_BYTES];               /* as it is read so */
    unsigned long readings;
    unsigned long trusted; /* of them, those that were returned */
} beside;

static int64_t (*plain_write)(void *context, int file, uint64_t offset, const void *bytes, size_t count);
static int (*plain_sync_range)(void *context, int file, uint64_t offset, const void *bytes, size_t count);
static int64_t (*plain_read)(void *context, int file, uint64_t offset, void *bytes, size_t count);

static uint64_t pages_offset(void)
{
    return tjob__file_lock_bucket_offset(&beside.machine.store, BUCKET);
}

static uint64_t progress_offset(void)
{
    return tjob__file_progress_offset(MACHINE_BUCKETS, BUCKET);
}

static uint32_t piece_begin(unsigned piece)
{
    if (piece >= PROGRESS_PIECE) {
        return FILE_BUCKET_BYTES + (piece == PROGRESS_PIECE ? 0 : 1);
    }
    return piece / PIECES_OF_PAGE * FILE_PAGE_BYTES + cuts[piece % PIECES_OF_PAGE];
}

static uint32_t piece_bytes(unsigned piece)
{
    return (piece == HEAD_PIECE - 1 ? (uint32_t)IMAGE_BYTES : piece_begin(piece + 1)) - piece_begin(piece);
}

/* Records a write to the bucket: a step for each piece that it touches. */
static void record(uint32_t begin, const unsigned char *bytes, size_t count)
{
    for (unsigned i = 0; i < HEAD_PIECE; i++) {
        const unsigned piece = beside.writes_backwards ? HEAD_PIECE - 1 - i : i;
        const uint32_t from = begin > piece_begin(piece) ? begin : piece_begin(piece);
        const uint32_t end = piece_begin(piece) + piece_bytes(piece);
        const uint32_t to = begin + count < end ? begin + (uint32_t)count : end;
        if (from < to) {
            EXPECT(beside.steps < STEPS_MAX);
            memcpy(beside.seen[beside.steps + 1], beside.seen[beside.steps], IMAGE_BYTES);
            beside.durable[beside.steps + 1] = beside.durable[beside.steps];
            beside.acknowledged[beside.steps + 1] = beside.acknowledged[beside.steps];
            beside.steps++;
            memcpy(beside.seen[beside.steps] + from, bytes + (from - begin), to - from);
        }
    }
}

static bool loses(enum loss loss)
{
    return beside.swap == beside.losing && beside.loss == loss;
}

static int64_t record_write(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    const uint64_t begin = pages_offset();
    const bool is_progress = offset == progress_offset();
    const bool is_mark = count == FILE_MARK_BYTES && !is_progress;
    if ((is_mark && (loses(LOSES_MARK) || loses(LOSES_BOTH))) || (is_progress && loses(LOSES_BOTH))) {
        return -EIO;
    }
    if (loses(LOSES_REST) && count == FILE_PAGE_BYTES) {
        record((uint32_t)(offset - begin), bytes, BEGINNING_BYTES);
        EXPECT(plain_write(context, file, offset, bytes, BEGINNING_BYTES) == BEGINNING_BYTES);
        return -EIO;
    }
    if (is_progress) {
        record(FILE_BUCKET_BYTES, bytes, count);
    } else if (offset >= begin && offset < begin + FILE_BUCKET_BYTES) {
        record((uint32_t)(offset - begin), bytes, count);
    }
    return plain_write(context, file, offset, bytes, count);
}

static int record_sync(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    if (count == FILE_PAGE_BYTES && loses(LOSES_PAGE)) {
        const unsigned char *before = beside.seen[beside.begin] + (offset - pages_offset());
        EXPECT(record_write(context, file, offset, before, count) == (int64_t)count);
        return -EIO;
    }
    if (count == FILE_PAGE_BYTES) {
        beside.durable[beside.steps] = tjob__file_page_sequence(bytes);
    }
    return plain_sync_range(context, file, offset, bytes, count);
}

/*
 * The names that the swaps change, both in one bucket. What the lost one writes differs from the next one's page only
 * at its beginning, and from the page below it also at its end.
 */
static const unsigned char swapped[SWAPS + 1] = {0, 1, 0, 0, 1, 0};

static void swap_once(unsigned number, tjob_text arn)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    job.host_code = (uint32_t)number;
    const uint64_t version = store_machine_version(&beside.machine, arn);
    const bool is_lost = number == beside.losing && beside.loss >= LOSES_PAGE;
    EXPECT(store_machine_swap(&beside.machine, arn, version, &job) == (is_lost ? TJOB_SWAP_UNKNOWN : TJOB_SWAP_OK));
}

/* Makes two names whose jobs are in the bucket: each new job goes to the emptier one of its buckets, or the first. */
static void make_names(tjob_text names[2])
{
    static char texts[3][TJOB_ARN_BYTES_MAX];
    const struct file_header header = tjob__file_store_header(&beside.machine.store);
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    tjob_text taken[3];
    unsigned number = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint32_t buckets[2];
        do {
            taken[i] = store_machine_name(texts[i], number++);
            tjob__file_header_buckets_of(&header, taken[i], buckets);
        } while (buckets[0] != BUCKET);
        store_machine_put(&beside.machine, taken[i], &job);
    }
    names[0] = taken[0];
    names[1] = taken[2];
}

/* Fills the history of the bucket: what a writer does to it. */
static void write_history(void)
{
    struct store_machine *machine = &beside.machine;
    tjob_text names[2];
    uint64_t size;
    store_machine_make(machine);
    make_names(names);
    do {
        swap_once(NO_SWAP, names[0]);
        swap_once(NO_SWAP, names[1]);
    } while (store_machine_version(machine, names[1]) < SEQUENCE_MIN);
    beside.steps = 0;
    const unsigned char *bytes = sim_bytes(&machine->disk, "store", &size);
    memcpy(beside.seen[0], bytes + pages_offset(), FILE_BUCKET_BYTES);
    memcpy(beside.seen[0] + FILE_BUCKET_BYTES, bytes + progress_offset(), FILE_PROGRESS_BYTES);
    beside.durable[0] = beside.acknowledged[0] = store_machine_version(machine, names[1]);
    plain_write = machine->process.table.write;
    plain_sync_range = machine->process.table.sync_range;
    machine->process.table.write = record_write;
    machine->process.table.sync_range = record_sync;
    for (beside.swap = 0; beside.swap < SWAPS; beside.swap++) {
        beside.begin = beside.steps;
        swap_once(beside.swap, names[swapped[beside.swap]]);
        beside.versions[beside.swap] = beside.durable[beside.steps];
        beside.acknowledged[beside.steps] = beside.durable[beside.steps];
    }
    machine->process.table.write = plain_write;
    machine->process.table.sync_range = plain_sync_range;
}

static int64_t read_pieces(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    (void)context, (void)file;
    if (offset == progress_offset()) {
        memcpy(bytes, beside.image + FILE_BUCKET_BYTES, count);
    } else if (count == FILE_PAGE_HEAD_BYTES) {
        memcpy(bytes, beside.seen[beside.at[HEAD_PIECE]] + (offset - pages_offset()), count);
    } else {
        EXPECT(offset == pages_offset() && count == FILE_BUCKET_BYTES);
        memcpy(bytes, beside.image, count);
    }
    return (int64_t)count;
}

/* Nothing is returned; or a content, whole and durable, and none before what was acknowledged when the read began. */
static void check_read(uint64_t acknowledged)
{
    struct file_call call;
    struct file_record record;
    const uint32_t buckets[2] = {BUCKET, BUCKET};
    tjob__file_call_init(&call, &beside.machine.store, buckets);
    beside.readings++;
    if (!tjob__file_call_try_read(&call, &call.bucket[0])) {
        return;
    }
    beside.trusted++;
    const struct file_bucket *bucket = &call.bucket[0];
    EXPECT(bucket->sequence >= acknowledged && bucket->sequence <= beside.durable[beside.at[PIECES - 1]]);
    EXPECT(tjob__file_page_count(bucket->page) == 2);
    for (uint32_t slot = 0; slot < 2; slot++) {
        EXPECT(tjob__file_page_read(bucket->page, slot, &record));
        EXPECT(record.job.host_code != beside.losing || beside.loss < LOSES_PAGE);
        EXPECT(record.job.host_code == NO_SWAP || record.version == beside.versions[record.job.host_code]);
    }
}

/* Returns the piece that is read as the nth. */
static unsigned nth_piece(unsigned nth)
{
    const unsigned page = nth / PIECES_OF_PAGE;
    if (page >= FILE_BUCKET_PAGES) {
        return nth;
    }
    return (beside.reads_backwards ? FILE_BUCKET_PAGES - 1 - page : page) * PIECES_OF_PAGE + nth % PIECES_OF_PAGE;
}

static bool piece_changes(unsigned nth, unsigned step)
{
    if (nth == HEAD_PIECE) {
        for (unsigned page = 0; page < FILE_BUCKET_PAGES; page++) {
            const size_t at = (size_t)page * FILE_PAGE_BYTES;
            if (memcmp(beside.seen[step] + at, beside.seen[step - 1] + at, FILE_PAGE_HEAD_BYTES) != 0) {
                return true;
            }
        }
        return false;
    }
    const uint32_t begin = piece_begin(nth_piece(nth));
    return memcmp(beside.seen[step] + begin, beside.seen[step - 1] + begin, piece_bytes(nth_piece(nth))) != 0;
}

/* Reads the nth piece after some step. */
static void piece_read(unsigned nth, unsigned step)
{
    beside.at[nth] = step;
    if (nth == HEAD_PIECE) {
        return;
    }
    const uint32_t begin = piece_begin(nth_piece(nth));
    memcpy(beside.image + begin, beside.seen[step] + begin, piece_bytes(nth_piece(nth)));
}

/* Reads a piece after the next step that changes it, and the following ones at once. Returns false after the last. */
static bool read_otherwise(void)
{
    for (unsigned nth = PIECES; nth-- > 0;) {
        unsigned step = beside.at[nth] + 1;
        while (step <= beside.steps && !piece_changes(nth, step)) {
            step++;
        }
        if (step <= beside.steps) {
            for (; nth < PIECES; nth++) {
                piece_read(nth, step);
            }
            return true;
        }
    }
    return false;
}

static void read_in_every_way(void)
{
    for (unsigned begin = 0; begin <= beside.steps; begin++) {
        if (begin != 0 && beside.acknowledged[begin] == beside.acknowledged[begin - 1]) {
            continue; /* a read that begins later must return as much */
        }
        for (unsigned nth = 0; nth < PIECES; nth++) {
            piece_read(nth, begin);
        }
        do {
            check_read(beside.acknowledged[begin]);
        } while (read_otherwise());
    }
}

START_TEST(no_optimistic_read_beside_a_writer_misses_what_was_acknowledged)
{
    beside.writes_backwards = _i % 2 != 0;
    beside.reads_backwards = _i / 2 % 2 != 0;
    beside.loss = (enum loss)(_i / 4);
    beside.losing = beside.loss == LOSES_NOTHING ? NO_SWAP : LOST;
    beside.readings = beside.trusted = 0;
    write_history();
    plain_read = beside.machine.process.table.read;
    beside.machine.process.table.read = read_pieces;
    read_in_every_way();
    beside.machine.process.table.read = plain_read;
    ck_assert_uint_gt(beside.trusted, SWAPS);
    ck_assert_uint_gt(beside.readings - beside.trusted, SWAPS);
    store_machine_unmake(&beside.machine);
}
END_TEST

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

/* Where the name is. */
enum where { IN_FIRST, IN_SECOND, IN_NEITHER, WHERE_COUNT };

/* What is read. */
enum read { FIRST_BUCKET, SECOND_BUCKET, STATE, READ_COUNT };

static struct {
    struct store_machine machine;
    char name[TJOB_ARN_BYTES_MAX];
    tjob_text arn;
    uint32_t buckets[2];
    unsigned reads[READ_COUNT];
    unsigned until_change; /* the read before which something changes; 0 = none */
    bool loses_marks;      /* the store loses its marks and its progress; otherwise another process changes the name */
    const tjob_job *next;  /* to this */
} subject;

static uint64_t offset_of(enum read read)
{
    return read == STATE ? FILE_STATE_OFFSET
                         : tjob__file_lock_bucket_offset(&subject.machine.store, subject.buckets[read]);
}

static void change_by_other(const tjob_job *next)
{
    struct sim_process process;
    tjob_file_store store;
    tjob_job job;
    uint64_t version;
    sim_start(&process, &subject.machine.disk);
    EXPECT(tjob__file_store_open(&process.table, &store, "store", WAIT_MS) == TJOB_FILE_OK);
    const tjob_store calls = tjob_file_store_callbacks(&store);
    EXPECT(calls.load(calls.context, NULL, subject.arn, &job, &version) != TJOB_LOAD_UNAVAILABLE);
    EXPECT(calls.swap(calls.context, NULL, subject.arn, version, next) == TJOB_SWAP_OK);
    tjob_file_store_close(&store);
    sim_kill(&process);
}

static int64_t read_counted(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    if (subject.until_change != 0 && --subject.until_change == 0) {
        if (subject.loses_marks) {
            store_machine_unmark(&subject.machine);
        } else {
            change_by_other(subject.next);
        }
    }
    for (unsigned i = 0; i < READ_COUNT; i++) {
        subject.reads[i] += offset == offset_of((enum read)i) && count != FILE_PAGE_HEAD_BYTES ? 1 : 0;
    }
    return plain_read(context, file, offset, bytes, count);
}

/* Takes the next name that has bucket 0 as its first one. */
static void take_name(unsigned *number)
{
    const struct file_header header = tjob__file_store_header(&subject.machine.store);
    do {
        subject.arn = store_machine_name(subject.name, (*number)++);
        tjob__file_header_buckets_of(&header, subject.arn, subject.buckets);
    } while (subject.buckets[0] != 0);
}

/* Makes a store in which both buckets have been used, and a name: each new one goes into the emptier bucket. */
static void make_subject(enum where where)
{
    const tjob_job job = sample_job(TJOB_SUBMITTED);
    const unsigned jobs = where == IN_FIRST ? 3 : 4;
    unsigned number = 0;
    store_machine_make(&subject.machine);
    for (unsigned i = 0; i < jobs; i++) {
        take_name(&number);
        store_machine_put(&subject.machine, subject.arn, &job);
    }
    if (where == IN_NEITHER) {
        take_name(&number);
    }
    subject.until_change = 0;
    subject.loses_marks = false;
    memset(subject.reads, 0, sizeof subject.reads);
    plain_read = subject.machine.process.table.read;
    subject.machine.process.table.read = read_counted;
}

START_TEST(a_load_and_a_list_wait_for_nobody_and_read_no_more_than_they_need)
{
    static const unsigned reads[WHERE_COUNT][READ_COUNT] = {{1, 0, 1}, {1, 1, 1}, {2, 1, 1}};
    struct store_machine *machine = &subject.machine;
    struct sim_process holder;
    tjob_job job;
    uint64_t version;
    make_subject((enum where)_i);
    sim_start(&holder, &machine->disk);
    const int file = holder.table.open(&holder, "store", DISK_EXISTING);
    const uint64_t begin = tjob__file_header_bucket_offset(MACHINE_BUCKETS, 0);
    ck_assert_int_eq(holder.table.lock(&holder, file, DISK_LOCK, begin, (uint64_t)2 * FILE_BUCKET_BYTES), 0);
    ck_assert_int_eq(store_machine_load(machine, subject.arn, &job, &version),
                     _i == IN_NEITHER ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK);
    ck_assert_mem_eq(subject.reads, reads[_i], sizeof subject.reads);
    for (uint32_t bucket = 0; bucket < MACHINE_BUCKETS; bucket++) {
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count;
        ck_assert_int_eq(tjob_file_store_jobs(&machine->store, bucket, jobs, &count), TJOB_FILE_OK);
        ck_assert_uint_ge(count, 1);
    }
    ck_assert_uint_eq(machine->process.paused_us, 0);
    sim_kill(&holder);
    store_machine_unmake(machine);
}
END_TEST

/* Before each read of a load, another process changes or removes the job, or creates it: the load sees that, or not. */
START_TEST(a_load_sees_a_change_that_it_meets_whole_or_not_at_all)
{
    const enum where where = (enum where)(_i % WHERE_COUNT);
    const bool removes = _i >= WHERE_COUNT && where != IN_NEITHER;
    const tjob_job before = sample_job(TJOB_SUBMITTED);
    const tjob_job after = sample_job(TJOB_TRAINING);
    unsigned nth = 0;
    unsigned seen[2] = {0, 0};
    do {
        tjob_job job;
        uint64_t version;
        make_subject(where);
        const uint64_t old = store_machine_version(&subject.machine, subject.arn);
        subject.until_change = ++nth;
        subject.next = removes ? NULL : &after;
        const tjob_load_status status = store_machine_load(&subject.machine, subject.arn, &job, &version);
        const bool is_old = version == old;
        const tjob_job *expected = is_old ? where == IN_NEITHER ? NULL : &before : subject.next;
        ck_assert_int_eq(status, expected == NULL ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK);
        ck_assert(expected == NULL || memcmp(&job, expected, sizeof job) == 0);
        if (subject.until_change == 0) {
            seen[is_old ? 0 : 1]++;
            ck_assert(is_old || version == store_machine_version(&subject.machine, subject.arn));
        }
        store_machine_unmake(&subject.machine);
    } while (subject.until_change == 0);
    ck_assert_uint_gt(seen[0], 0);
    ck_assert_uint_gt(seen[1], 0);
}
END_TEST

/* Before each read of a load, what says that the buckets are durable is lost: the load makes them durable. */
START_TEST(a_load_that_meets_a_loss_of_marks_returns_the_same)
{
    unsigned nth = 0;
    do {
        tjob_job job;
        uint64_t version;
        make_subject((enum where)_i);
        const uint64_t old = store_machine_version(&subject.machine, subject.arn);
        subject.until_change = ++nth;
        subject.loses_marks = true;
        ck_assert_int_eq(store_machine_load(&subject.machine, subject.arn, &job, &version),
                         _i == IN_NEITHER ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK);
        ck_assert_uint_eq(version, old);
        store_machine_unmake(&subject.machine);
    } while (subject.until_change == 0);
    ck_assert_uint_gt(nth, _i == IN_FIRST ? 1 : 2);
}
END_TEST

/* The progress is read after the pages: that of a change between the two is no damage. */
START_TEST(a_list_that_meets_a_change_reads_again)
{
    const tjob_job after = sample_job(TJOB_TRAINING);
    tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t count;
    make_subject(IN_FIRST);
    subject.next = &after;
    subject.until_change = 2;
    ck_assert_int_eq(tjob_file_store_jobs(&subject.machine.store, 0, jobs, &count), TJOB_FILE_OK);
    ck_assert_uint_eq(subject.reads[FIRST_BUCKET], 2);
    ck_assert_uint_eq(count, 2);
    ck_assert(memcmp(&jobs[1].job, &after, sizeof after) == 0);
    store_machine_unmake(&subject.machine);
}
END_TEST

/* Progress in place of a mark, as in a store that was just restored or has grown; higher progress is damage. */
START_TEST(progress_says_that_a_bucket_without_marks_is_durable)
{
    struct store_machine *machine = &subject.machine;
    unsigned char kept[MACHINE_BUCKETS * FILE_PROGRESS_BYTES];
    struct file_bucket bucket;
    struct file_call call;
    tjob_job job;
    uint64_t version;
    uint64_t size;
    make_subject(IN_FIRST);
    tjob__file_call_init(&call, &machine->store, subject.buckets);
    ck_assert(tjob__file_call_try_read(&call, &call.bucket[0]));
    bucket = call.bucket[0];
    unsigned char *progress =
        sim_bytes(&machine->disk, "store", &size) + tjob__file_progress_offset(MACHINE_BUCKETS, 0);
    memcpy(kept, progress, sizeof kept);
    store_machine_unmark(machine);
    memcpy(progress, kept, sizeof kept);
    const unsigned writes = machine->process.calls[SIM_WRITE];
    ck_assert_int_eq(store_machine_load(machine, subject.arn, &job, &version), TJOB_LOAD_OK);
    ck_assert_uint_eq(machine->process.calls[SIM_WRITE], writes);
    tjob__file_progress_encode(&bucket.file, 0, bucket.sequence + 1, progress);
    ck_assert_int_eq(store_machine_load(machine, subject.arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine->store), TJOB_FILE_DAMAGED);
    store_machine_unmake(machine);
}
END_TEST

/* The buckets are held where the file is neither a store nor growing; and a child reads nothing. */
START_TEST(an_optimistic_read_counts_only_in_its_process_and_in_the_store)
{
    struct store_machine *machine = &subject.machine;
    tjob_job job;
    uint64_t version;
    make_subject(IN_FIRST);
    const struct file_header header = tjob__file_store_header(&machine->store);
    ck_assert_int_eq(tjob__file_state_write(&machine->process.table, machine->store.file, &header, FILE_NEW),
                     TJOB_FILE_OK);
    ck_assert_int_eq(store_machine_load(machine, subject.arn, &job, &version), TJOB_LOAD_OK);
    ck_assert_uint_eq(subject.reads[FIRST_BUCKET], 2);
    ck_assert_uint_eq(subject.reads[SECOND_BUCKET], 1);
    machine->process.number++;
    ck_assert_int_eq(store_machine_load(machine, subject.arn, &job, &version), TJOB_LOAD_UNAVAILABLE);
    ck_assert_int_eq(tjob_file_store_problem(&machine->store), TJOB_FILE_FORKED);
    store_machine_unmake(machine);
}
END_TEST

RUN_TESTS("file_optimistic_read", {no_optimistic_read_beside_a_writer_misses_what_was_acknowledged, 4 * LOSS_COUNT},
          {a_load_and_a_list_wait_for_nobody_and_read_no_more_than_they_need, WHERE_COUNT},
          {a_load_sees_a_change_that_it_meets_whole_or_not_at_all, 2 * WHERE_COUNT},
          {a_load_that_meets_a_loss_of_marks_returns_the_same, WHERE_COUNT},
          {a_list_that_meets_a_change_reads_again, 0}, {progress_says_that_a_bucket_without_marks_is_durable, 0},
          {an_optimistic_read_counts_only_in_its_process_and_in_the_store, 0})
