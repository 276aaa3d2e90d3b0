/*
 * Benchmark of the backup of a store that is in use, beside cp(1) of the same file in the same run: how long each takes
 * while threads change the store, and how much it slows them down. Prints a Markdown table.
 *
 *   tjob_bench_copy [--folder PATH] [--jobs N] [--rounds N]
 *
 * --folder   where the files are made, of which nothing is left: else TMPDIR, else /tmp. It must be on the disk to
 * measure.
 * --jobs     in the store: else a million
 * --rounds   of which the median counts: else 3
 */
#define _GNU_SOURCE /* NOLINT: for fdatasync */

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/file_store/create.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/store.h"
#include "support/folder.h"
#include "support/random.h"
#include "timing.h"

enum { WRITERS = 8, ROUNDS_MAX = 99, ALONE_SECONDS = 3 };

/* ---- The store ------------------------------------------------------------------------------------------------- */

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

static void fill_store(const char *path, uint64_t jobs)
{
    struct tjob_disk disk = tjob__posix_disk;
    tjob_file_store store;
    disk.sync = sync_nothing;
    disk.sync_range = sync_no_range;
    check(tjob__file_store_create(&disk, path, jobs) == TJOB_FILE_OK);
    check(tjob__file_store_open(&disk, &store, path, 0) == TJOB_FILE_OK);
    const tjob_store calls = tjob_file_store_callbacks(&store);
    for (uint64_t i = 0; i < jobs; i++) {
        struct name name;
        uint64_t version;
        tjob_job job;
        check(calls.load(&store, NULL, name_of(i, &name), &job, &version) == TJOB_LOAD_NOT_FOUND);
        job = (tjob_job){.state = TJOB_SUBMITTED, .submit_token = i + 1, .incarnation = 1, .submitted_ms = 1};
        check(calls.swap(&store, NULL, name_of(i, &name), version, &job) == TJOB_SWAP_OK);
    }
    tjob_file_store_close(&store);
}

/* ---- Writers --------------------------------------------------------------------------------------------------- */

struct writers {
    tjob_file_store store;
    uint64_t jobs;
    atomic_bool stop;
    atomic_ullong commits;
    atomic_uint seed;
};

static void *write_until_stopped(void *context)
{
    struct writers *writers = context;
    const tjob_store calls = tjob_file_store_callbacks(&writers->store);
    uint64_t random = atomic_fetch_add(&writers->seed, 1) + 1;
    while (!atomic_load(&writers->stop)) {
        struct name name;
        uint64_t version;
        tjob_job job;
        const tjob_text arn = name_of(next_random(&random) % writers->jobs, &name);
        check(calls.load(&writers->store, NULL, arn, &job, &version) == TJOB_LOAD_OK);
        job.host_code++;
        const tjob_swap_status status = calls.swap(&writers->store, NULL, arn, version, &job);
        check(status == TJOB_SWAP_OK || status == TJOB_SWAP_CONFLICT);
        atomic_fetch_add(&writers->commits, status == TJOB_SWAP_OK ? 1 : 0);
    }
    return NULL;
}

/* What happens beside the writers. */
typedef void activity(struct writers *writers, const struct folder *folder);

static void wait_only(struct writers *writers, const struct folder *folder)
{
    (void)writers, (void)folder;
    (void)sleep(ALONE_SECONDS);
}

static void copy_store(struct writers *writers, const struct folder *folder)
{
    static unsigned char memory[TJOB_FILE_STORE_COPY_BYTES];
    check(tjob_file_store_copy(&writers->store, folder_file(folder, "copy"), memory, sizeof memory) == TJOB_FILE_OK);
}

static void copy_by_cp(struct writers *writers, const struct folder *folder)
{
    char from[FOLDER_PATH_BYTES_MAX + 16];
    int status;
    (void)writers;
    snprintf(from, sizeof from, "%s", folder_file(folder, "store"));
    const pid_t child = fork();
    if (child == 0) {
        (void)execlp("cp", "cp", "--reflink=never", from, folder_file(folder, "copy"), (char *)NULL);
        _exit(127);
    }
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* The same, and durable, as a backup of the library is. */
static void copy_by_cp_and_sync(struct writers *writers, const struct folder *folder)
{
    copy_by_cp(writers, folder);
    const int file = open(folder_file(folder, "copy"), O_RDWR | O_CLOEXEC);
    check(file >= 0 && fdatasync(file) == 0 && close(file) == 0);
}

struct measured {
    double seconds;
    double commits; /* of the writers in a second */
    uint64_t bytes; /* that the copy takes */
};

static struct measured measure(struct writers *writers, const struct folder *folder, activity *run, unsigned count)
{
    pthread_t threads[WRITERS];
    struct stat copy = {.st_blocks = 0};
    check(fdatasync(writers->store.file) == 0);
    atomic_store(&writers->stop, false);
    for (unsigned i = 0; i < count; i++) {
        check(pthread_create(&threads[i], NULL, write_until_stopped, writers) == 0);
    }
    (void)usleep(200000);
    atomic_store(&writers->commits, 0);
    const uint64_t begin = now_ns();
    run(writers, folder);
    const double seconds = (double)(now_ns() - begin) / 1e9;
    const double commits = (double)atomic_load(&writers->commits) / seconds;
    atomic_store(&writers->stop, true);
    for (unsigned i = 0; i < count; i++) {
        check(pthread_join(threads[i], NULL) == 0);
    }
    (void)stat(folder_file(folder, "copy"), &copy);
    (void)unlink(folder_file(folder, "copy"));
    return (struct measured){seconds, commits, (uint64_t)copy.st_blocks * 512};
}

/* ---- The table ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    activity *activity;
    unsigned writers;
} cases[] = {
    {"writers alone", wait_only, WRITERS},
    {"store copy", copy_store, WRITERS},
    {"cp", copy_by_cp, WRITERS},
    {"cp, fdatasync", copy_by_cp_and_sync, WRITERS},
    {"store copy, no writers", copy_store, 0},
    {"cp, no writers", copy_by_cp, 0},
    {"cp, fdatasync, no writers", copy_by_cp_and_sync, 0},
};

enum { CASES = sizeof cases / sizeof cases[0] };

static int compare(const void *a, const void *b)
{
    const struct measured *x = a;
    const struct measured *y = b;
    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

static int compare_commits(const void *a, const void *b)
{
    const struct measured *x = a;
    const struct measured *y = b;
    return (x->commits > y->commits) - (x->commits < y->commits);
}

static unsigned long option(int argc, char **argv, const char *name, unsigned long otherwise)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return strtoul(argv[i + 1], NULL, 10);
        }
    }
    return otherwise;
}

int main(int argc, char **argv)
{
    static struct measured results[CASES][ROUNDS_MAX];
    static struct writers writers;
    struct folder folder;
    for (int i = 1; i + 1 < argc; i++) {
        check(strcmp(argv[i], "--folder") != 0 || setenv("TMPDIR", argv[i + 1], 1) == 0);
    }
    const unsigned long rounds = option(argc, argv, "--rounds", 3);
    check(rounds > 0 && rounds <= ROUNDS_MAX);
    writers.jobs = option(argc, argv, "--jobs", 1000000);
    folder_make(&folder);
    fill_store(folder_file(&folder, "store"), writers.jobs);
    check(tjob_file_store_open(&writers.store, folder_file(&folder, "store"), 60000) == TJOB_FILE_OK);
    for (unsigned long round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < CASES; i++) {
            results[i][round] = measure(&writers, &folder, cases[i].activity, cases[i].writers);
        }
    }
    printf("| %" PRIu64 " jobs | seconds | MiB of the copy | commits/s of %d writers |\n| --- | ---: | ---: | ---: |\n",
           writers.jobs, WRITERS);
    for (unsigned i = 0; i < CASES; i++) {
        qsort(results[i], rounds, sizeof results[i][0], compare_commits);
        const double commits = results[i][rounds / 2].commits;
        qsort(results[i], rounds, sizeof results[i][0], compare);
        printf("| %s | %.2f | %" PRIu64 " | %.0f |\n", cases[i].name, results[i][rounds / 2].seconds,
               results[i][rounds / 2].bytes >> 20, commits);
    }
    tjob_file_store_close(&writers.store);
    folder_remove(&folder);
    return EXIT_SUCCESS;
}
