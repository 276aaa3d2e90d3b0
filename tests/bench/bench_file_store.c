/*
 * Benchmarks of the file store. Each case is timed beside its baseline, in turn, for many rounds, so that the drift of
 * a machine and of its disk meets both; what counts is the median round of each and the ratio of the two. Prints a
 * Markdown table.
 *
 *   tjob_bench_file_store [--folder PATH] [--seconds N] [--jobs N] [--many N] [--cycles N]
 *
 * --folder   where the files are made, of which nothing is left: else TMPDIR, else /tmp. It must be on the disk to
 * measure.
 * --seconds  for how long the commits are timed, and a quarter of it the loads
 * --jobs     in the store that is written and read
 * --many     in the store that is opened
 * --cycles   creations and removals that make a store old
 */
#define _GNU_SOURCE /* NOLINT: for posix_fadvise, fdatasync and the kind of a file system */

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/random.h"
#include "timing.h"

enum {
    THREADS = 8,
    COMMITS = 64,      /* of one thread, in a round */
    LOADS_WARM = 1024, /* in a round */
    LOADS_COLD = 256,  /* in a round */
    OPENINGS = 256,    /* in a round */
    ROUNDS_MIN = 5,
    ROUNDS_MAX = 100000,
    SHORT_ROUNDS = 51,     /* where a round takes no time to speak of */
    AGING_CAPACITY = 4096, /* of the store that ages, of which half is in use all the while */
    AGING_CYCLES = 256,    /* creations and removals in a round, few beside those before */
    TMPFS = 0x01021994     /* what the system calls a file system without a disk */
};

struct options {
    const char *folder;
    uint64_t seconds;
    uint64_t jobs;
    uint64_t many;
    uint64_t cycles;
};

/* ---- Rounds ---------------------------------------------------------------------------------------------------- */

/* What the rounds of a case took, for each of its operations. */
struct times {
    double ns[ROUNDS_MAX];
    unsigned rounds;
};

static void add_round(struct times *times, uint64_t begin_ns, unsigned operations)
{
    check(times->rounds < ROUNDS_MAX);
    times->ns[times->rounds++] = (double)(now_ns() - begin_ns) / operations;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(struct times *times)
{
    qsort(times->ns, times->rounds, sizeof times->ns[0], compare);
    return times->ns[times->rounds / 2];
}

static void print_row(const char *name, double ns, const char *baseline_name, double baseline_ns, const char *target)
{
    printf("| %s | %.1f | %.0f | %s | %.1f | %.0f | %.3f | %s |\n", name, ns / 1000, 1e9 / ns, baseline_name,
           baseline_ns / 1000, 1e9 / baseline_ns, baseline_ns / ns, target);
    fflush(stdout);
}

/* Whether rounds go on until `end_ns`. */
static bool go_on(const struct times *times, uint64_t end_ns)
{
    return times->rounds < ROUNDS_MIN || (now_ns() < end_ns && times->rounds < ROUNDS_MAX);
}

/* ---- Stores ---------------------------------------------------------------------------------------------------- */

/* The system's disk, of which nothing is made durable: to fill a store in a short time. */
static int sync_nothing(void *context, int file)
{
    (void)context, (void)file;
    return 0;
}

static int sync_no_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    (void)context, (void)file, (void)offset, (void)bytes, (void)count;
    return 0;
}

static struct tjob_disk unsynced(void)
{
    struct tjob_disk disk = tjob__posix_disk;
    disk.sync = sync_nothing;
    disk.sync_range = sync_no_range;
    return disk;
}

/* A store that is open, and the names in it. */
struct bench {
    tjob_file_store store;
    tjob_store calls;
    int file; /* the same file, for what the store does not do */
    int bare; /* a file of the same size, all of it allocated */
    uint64_t file_bytes;
    uint32_t jobs;
    uint32_t *order; /* all names, shuffled: rounds take one after the other */
    uint32_t next;
    uint64_t random;
};

struct name {
    char bytes[TJOB_ARN_BYTES_MAX];
    size_t count;
};

static tjob_text name_of(uint64_t number, struct name *name)
{
    name->count =
        (size_t)snprintf(name->bytes, sizeof name->bytes,
                         "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-%07" PRIu64, number);
    return (tjob_text){name->bytes, name->count};
}

static tjob_job job_of(uint64_t number)
{
    return (tjob_job){.state = TJOB_SUBMITTED, .submit_token = number + 1, .incarnation = 1, .submitted_ms = 1};
}

static void create_job(const tjob_store *calls, uint64_t number)
{
    struct name name;
    tjob_job job;
    uint64_t version;
    const tjob_text arn = name_of(number, &name);
    check(calls->load(calls->context, NULL, arn, &job, &version) == TJOB_LOAD_NOT_FOUND);
    job = job_of(number);
    check(calls->swap(calls->context, NULL, arn, version, &job) == TJOB_SWAP_OK);
}

static void remove_job(const tjob_store *calls, uint64_t number)
{
    struct name name;
    tjob_job job;
    uint64_t version;
    const tjob_text arn = name_of(number, &name);
    check(calls->load(calls->context, NULL, arn, &job, &version) == TJOB_LOAD_OK);
    check(calls->swap(calls->context, NULL, arn, version, NULL) == TJOB_SWAP_OK);
}

/* Makes a store that is as full as it was made for. */
static void fill_store(const char *path, uint64_t jobs)
{
    const struct tjob_disk disk = unsynced();
    tjob_file_store store;
    check(tjob__file_store_create(&disk, path, jobs) == TJOB_FILE_OK);
    check(tjob__file_store_open(&disk, &store, path, 0) == TJOB_FILE_OK);
    const tjob_store calls = tjob_file_store_callbacks(&store);
    for (uint64_t i = 0; i < jobs; i++) {
        create_job(&calls, i);
    }
    tjob_file_store_close(&store);
}

/* A file of some size, whose every block is allocated, and cached in the same small pieces as those of a store. */
static int make_bare(const char *path, uint64_t bytes)
{
    static unsigned char page[FILE_PAGE_BYTES];
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    check(file >= 0 && bytes % sizeof page == 0);
    memset(page, 1, sizeof page);
    for (uint64_t at = 0; at < bytes; at += sizeof page) {
        check(write(file, page, sizeof page) == sizeof page);
    }
    check(fsync(file) == 0);
    return file;
}

static void shuffle(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->jobs; i++) {
        bench->order[i] = i;
    }
    for (uint32_t i = bench->jobs; i > 1; i--) {
        const uint32_t other = (uint32_t)(next_random(&bench->random) % i);
        const uint32_t kept = bench->order[i - 1];
        bench->order[i - 1] = bench->order[other];
        bench->order[other] = kept;
    }
}

static void set_up(struct bench *bench, const struct folder *folder, uint64_t jobs)
{
    *bench = (struct bench){.jobs = (uint32_t)jobs, .random = 5, .order = calloc(jobs, sizeof(uint32_t))};
    check(bench->order != NULL);
    shuffle(bench);
    fill_store(folder_file(folder, "store"), jobs);
    check(tjob_file_store_open(&bench->store, folder_file(folder, "store"), 0) == TJOB_FILE_OK);
    bench->calls = tjob_file_store_callbacks(&bench->store);
    bench->file_bytes = tjob__file_header_file_bytes(tjob_file_store_buckets(&bench->store));
    bench->file = open(folder_file(folder, "store"), O_RDWR | O_CLOEXEC);
    check(bench->file >= 0 && fsync(bench->file) == 0);
    bench->bare = make_bare(folder_file(folder, "bare"), bench->file_bytes);
}

static void tear_down(struct bench *bench)
{
    tjob_file_store_close(&bench->store);
    check(close(bench->file) == 0 && close(bench->bare) == 0);
    free(bench->order);
}

static uint64_t next_job(struct bench *bench)
{
    const uint32_t number = bench->order[bench->next];
    bench->next = (bench->next + 1) % bench->jobs;
    return number;
}

/* ---- Commits --------------------------------------------------------------------------------------------------- */

/* The swaps of one thread in one round, each of another job. */
struct writer {
    const tjob_store *calls;
    struct name names[COMMITS];
    uint64_t versions[COMMITS];
    tjob_job jobs[COMMITS];
};

/* What comes before the swaps: a swap needs the version that is there, and changes the record. */
static void prepare(struct writer *writer, struct bench *bench)
{
    writer->calls = &bench->calls;
    for (unsigned i = 0; i < COMMITS; i++) {
        const tjob_text arn = name_of(next_job(bench), &writer->names[i]);
        check(bench->calls.load(&bench->store, NULL, arn, &writer->jobs[i], &writer->versions[i]) == TJOB_LOAD_OK);
        writer->jobs[i].host_code++;
    }
}

static void *commit(void *context)
{
    struct writer *writer = context;
    for (unsigned i = 0; i < COMMITS; i++) {
        const tjob_text arn = {writer->names[i].bytes, writer->names[i].count};
        check(writer->calls->swap(writer->calls->context, NULL, arn, writer->versions[i], &writer->jobs[i]) ==
              TJOB_SWAP_OK);
    }
    return NULL;
}

static void commit_alone(struct bench *bench, struct times *times)
{
    static struct writer writer;
    prepare(&writer, bench);
    const uint64_t begin = now_ns();
    commit(&writer);
    add_round(times, begin, COMMITS);
}

static void commit_together(struct bench *bench, struct times *times)
{
    static struct writer writers[THREADS];
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        prepare(&writers[i], bench);
    }
    const uint64_t begin = now_ns();
    for (unsigned i = 0; i < THREADS; i++) {
        check(pthread_create(&threads[i], NULL, commit, &writers[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        check(pthread_join(threads[i], NULL) == 0);
    }
    add_round(times, begin, THREADS * COMMITS);
}

/* What nobody who writes pages durably can do without. */
static void commit_bare(struct bench *bench, struct times *times)
{
    static unsigned char page[FILE_PAGE_BYTES];
    const uint64_t pages = bench->file_bytes / sizeof page;
    const uint64_t begin = now_ns();
    for (unsigned i = 0; i < COMMITS; i++) {
        const off_t offset = (off_t)(next_random(&bench->random) % pages * sizeof page);
        page[i]++;
        check(pwrite(bench->bare, page, sizeof page, offset) == sizeof page && fdatasync(bench->bare) == 0);
    }
    add_round(times, begin, COMMITS);
}

static void bench_commits(struct bench *bench, const struct options *options)
{
    static struct times bare;
    static struct times alone;
    static struct times together;
    const uint64_t end = now_ns() + options->seconds * 1000000000;
    while (go_on(&bare, end)) {
        commit_bare(bench, &bare);
        commit_alone(bench, &alone);
        commit_together(bench, &together);
    }
    const double baseline = median_of(&bare);
    print_row("durable swap, 1 thread", median_of(&alone), "pwrite 4096, fdatasync", baseline, "0.85");
    print_row("durable swap, 8 threads", median_of(&together), "the same, 1 thread", baseline, "2");
}

/* ---- Loads ----------------------------------------------------------------------------------------------------- */

static void load(struct bench *bench, unsigned count, struct times *times)
{
    const uint64_t begin = now_ns();
    for (unsigned i = 0; i < count; i++) {
        struct name name;
        tjob_job job;
        uint64_t version;
        const tjob_text arn = name_of(next_job(bench), &name);
        check(bench->calls.load(&bench->store, NULL, arn, &job, &version) == TJOB_LOAD_OK);
    }
    add_round(times, begin, count);
}

/* Two buckets, as they come off the disk, without a look at them. */
static void load_bare(struct bench *bench, unsigned count, struct times *times)
{
    unsigned char bytes[FILE_BUCKET_BYTES];
    const uint64_t buckets = bench->file_bytes / sizeof bytes;
    const uint64_t begin = now_ns();
    for (unsigned i = 0; i < 2 * count; i++) {
        const off_t offset = (off_t)(next_random(&bench->random) % buckets * sizeof bytes);
        check(pread(bench->bare, bytes, sizeof bytes, offset) == sizeof bytes);
    }
    add_round(times, begin, count);
}

/* Makes the system forget what it keeps of a file. What keeps it below the system, nobody can make forget. */
static void cool(int file)
{
    check(fdatasync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0);
}

static void bench_loads(struct bench *bench, const struct options *options)
{
    static struct times warm, bare_warm, cold, bare_cold;
    const uint64_t end = now_ns() + options->seconds * 1000000000 / 4;
    while (go_on(&warm, end)) {
        load(bench, LOADS_WARM, &warm);
        load_bare(bench, LOADS_WARM, &bare_warm);
    }
    while (go_on(&cold, end)) {
        cool(bench->file);
        load(bench, LOADS_COLD, &cold);
        cool(bench->bare);
        load_bare(bench, LOADS_COLD, &bare_cold);
    }
    print_row("load, warm", median_of(&warm), "2 pread of 12288", median_of(&bare_warm), "-");
    print_row("load, cold", median_of(&cold), "2 pread of 12288, cold", median_of(&bare_cold), "-");
}

/* ---- Opening --------------------------------------------------------------------------------------------------- */

static void open_and_close(const char *path, struct times *times)
{
    const uint64_t begin = now_ns();
    for (unsigned i = 0; i < OPENINGS; i++) {
        tjob_file_store store;
        check(tjob_file_store_open(&store, path, 0) == TJOB_FILE_OK);
        tjob_file_store_close(&store);
    }
    add_round(times, begin, OPENINGS);
}

static void bench_opening(const struct folder *folder, const struct options *options)
{
    static struct times many, one;
    char name[64];
    fill_store(folder_file(folder, "many"), options->many);
    fill_store(folder_file(folder, "one"), 1);
    for (unsigned i = 0; i < SHORT_ROUNDS; i++) {
        open_and_close(folder_file(folder, "many"), &many);
        open_and_close(folder_file(folder, "one"), &one);
    }
    snprintf(name, sizeof name, "open and close, %" PRIu64 " jobs", options->many);
    print_row(name, median_of(&many), "the same, 1 job", median_of(&one), "0.9");
}

/* ---- Aging ----------------------------------------------------------------------------------------------------- */

/* A disk without system calls, for one file and one process: what takes time is the store. `context` is its memory. */
static int64_t read_memory(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    (void)file;
    memcpy(bytes, (unsigned char *)context + offset, count);
    return (int64_t)count;
}

static int64_t write_memory(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    (void)file;
    memcpy((unsigned char *)context + offset, bytes, count);
    return (int64_t)count;
}

static int lock_nothing(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    (void)context, (void)file, (void)lock, (void)offset, (void)bytes;
    return 0;
}

/* A store of which half the capacity is in use, whatever happens to it. */
struct aging {
    struct tjob_disk disk;
    tjob_file_store store;
    tjob_store calls;
    uint64_t created; /* jobs so far, numbered in turn; the latest of them are there */
};

/* Creates new jobs and removes the oldest. */
static void age(struct aging *aging, uint64_t cycles)
{
    for (uint64_t i = 0; i < cycles; i++, aging->created++) {
        create_job(&aging->calls, aging->created);
        remove_job(&aging->calls, aging->created - AGING_CAPACITY / 2);
    }
}

static void begin_aging(struct aging *aging, const char *path)
{
    aging->disk = unsynced();
    aging->disk.read = read_memory;
    aging->disk.write = write_memory;
    aging->disk.lock = lock_nothing;
    aging->disk.context = calloc(1, tjob__file_header_file_bytes(tjob__file_header_buckets(AGING_CAPACITY)));
    check(aging->disk.context != NULL);
    check(tjob__file_store_create(&aging->disk, path, AGING_CAPACITY) == TJOB_FILE_OK);
    check(tjob__file_store_open(&aging->disk, &aging->store, path, 0) == TJOB_FILE_OK);
    aging->calls = tjob_file_store_callbacks(&aging->store);
    for (aging->created = 0; aging->created < AGING_CAPACITY / 2; aging->created++) {
        create_job(&aging->calls, aging->created);
    }
}

static void end_aging(struct aging *aging)
{
    tjob_file_store_close(&aging->store);
    free(aging->disk.context);
}

static void time_cycles(struct aging *aging, struct times *times)
{
    const uint64_t begin = now_ns();
    age(aging, AGING_CYCLES);
    add_round(times, begin, AGING_CYCLES);
}

/* Loads every job that is there. */
static void time_loads(struct aging *aging, struct times *times)
{
    const uint64_t begin = now_ns();
    for (unsigned i = 1; i <= AGING_CAPACITY / 2; i++) {
        struct name name;
        tjob_job job;
        uint64_t version;
        const tjob_text arn = name_of(aging->created - i, &name);
        check(aging->calls.load(aging->calls.context, NULL, arn, &job, &version) == TJOB_LOAD_OK);
    }
    add_round(times, begin, AGING_CAPACITY / 2);
}

static void bench_aging(const struct folder *folder, const struct options *options)
{
    static struct aging aged, fresh;
    static struct times cycles, fresh_cycles, loads, fresh_loads;
    begin_aging(&aged, folder_file(folder, "aged"));
    begin_aging(&fresh, folder_file(folder, "fresh"));
    age(&aged, options->cycles);
    for (unsigned i = 0; i < SHORT_ROUNDS; i++) {
        time_loads(&aged, &loads);
        time_cycles(&aged, &cycles);
        time_loads(&fresh, &fresh_loads);
        time_cycles(&fresh, &fresh_cycles);
    }
    end_aging(&aged);
    end_aging(&fresh);
    char name[96];
    snprintf(name, sizeof name, "load, after %" PRIu64 " creations and removals", options->cycles);
    print_row(name, median_of(&loads), "in a fresh store", median_of(&fresh_loads), "0.9");
    snprintf(name, sizeof name, "create and remove, after %" PRIu64 " of them", options->cycles);
    print_row(name, median_of(&cycles), "in a fresh store", median_of(&fresh_cycles), "0.9");
}

/* ---- The whole ------------------------------------------------------------------------------------------------- */

static bool read_options(int argc, char **argv, struct options *options)
{
    const struct {
        const char *name;
        uint64_t *value;
        uint64_t least;
        uint64_t most;
    } numbers[] = {
        {"--seconds", &options->seconds, 1, 3600},
        {"--jobs", &options->jobs, (THREADS + 1) * COMMITS, 10000000},
        {"--many", &options->many, 1, 10000000},
        {"--cycles", &options->cycles, 0, UINT64_C(1000000000)},
    };
    *options = (struct options){.seconds = 8, .jobs = 100000, .many = 1000000, .cycles = 1000000};
    for (int i = 1; i + 1 < argc; i += 2) {
        bool known = strcmp(argv[i], "--folder") == 0;
        options->folder = known ? argv[i + 1] : options->folder;
        for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++) {
            if (strcmp(argv[i], numbers[k].name) == 0) {
                *numbers[k].value = strtoull(argv[i + 1], NULL, 10);
                known = *numbers[k].value >= numbers[k].least && *numbers[k].value <= numbers[k].most;
            }
        }
        if (!known) {
            return false;
        }
    }
    return argc % 2 == 1;
}

static void warn_of_tmpfs(const struct folder *folder)
{
    struct statfs system;
    check(statfs(folder->path, &system) == 0);
    if (system.f_type == TMPFS) {
        fprintf(stderr, "bench: %s has no disk beneath it: its syncs measure nothing\n", folder->path);
    }
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "bench: takes --folder PATH, --seconds N, --jobs N, --many N, --cycles N\n");
        return 2;
    }
    if (options.folder != NULL) {
        check(setenv("TMPDIR", options.folder, 1) == 0);
    }
    struct folder folder;
    folder_make(&folder);
    warn_of_tmpfs(&folder);
    printf("| case | us/op | op/s | baseline | us/op | op/s | ratio of op/s | at least |\n"
           "| --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |\n");
    set_up(&bench, &folder, options.jobs);
    bench_commits(&bench, &options);
    bench_loads(&bench, &options);
    tear_down(&bench);
    bench_opening(&folder, &options);
    bench_aging(&folder, &options);
    folder_remove(&folder);
    return 0;
}
