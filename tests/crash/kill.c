/*
 * Processes that count in the jobs of one store are killed while they do, and others take their place. What was
 * acknowledged must be there, once; what was under way may be, once.
 *
 *   kill [--writers N] [--kills N] [--grow] [--copy] [--seeded bug]
 *
 * With --grow the first of them makes the store grow, again and again, and is killed like the others.
 * With --copy the first of them makes backups, again and again. Each backup that comes to its end must have every count
 * that was acknowledged before it was begun, and none that was not begun before its end.
 * With --seeded bug the writers acknowledge some time before they write, which must be seen.
 */
#define _DEFAULT_SOURCE /* NOLINT: for MAP_ANONYMOUS */

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/random.h"
#include "tjob/file_store.h"

enum { NAMES = 24, WRITERS_MAX = 64, CAPACITY = 60, PAUSE_US = 1000 };

/* What the processes report each other, beside the store. */
struct shared {
    atomic_uint begun[NAMES];        /* increments that were tried */
    atomic_uint ended[NAMES];        /* those that were answered, whatever */
    atomic_uint acknowledged[NAMES]; /* those that were answered OK */
    atomic_uint highest[NAMES];      /* the highest count that was acknowledged */
    atomic_uint went_back;           /* loads that saw less than was acknowledged before */
    atomic_uint unavailable;
    atomic_uint growths;  /* that came to their end */
    atomic_uint capacity; /* that was tried */
    atomic_uint backups;  /* that came to their end */
    atomic_uint untrue;   /* counts in them that are not what they can be */
};

static struct shared *shared;
static struct folder folder;
static bool seeded;

static tjob_text name_of(unsigned number)
{
    static char name[TJOB_ARN_BYTES_MAX];
    const int bytes =
        snprintf(name, sizeof name, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/n%u", number);
    return (tjob_text){name, (size_t)bytes};
}

static tjob_job counting(uint32_t count)
{
    return (tjob_job){
        .submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED, .host_code = count};
}

static void sleep_us(uint64_t microseconds)
{
    const struct timespec pause = {.tv_nsec = (long)microseconds * 1000};
    nanosleep(&pause, NULL);
}

/* ---- Writers --------------------------------------------------------------------------------------------------- */

static void raise_highest(unsigned name, uint32_t count)
{
    unsigned highest = atomic_load(&shared->highest[name]);
    while (highest < count && !atomic_compare_exchange_weak(&shared->highest[name], &highest, count)) {
    }
}

/* Whether it was refused because the store has grown, and not for another reason. */
static bool has_grown(const tjob_store *store)
{
    return tjob_file_store_problem(store->context) == TJOB_FILE_SUPERSEDED;
}

static void increment(const tjob_store *store, unsigned name)
{
    tjob_job job;
    uint64_t version;
    const unsigned highest = atomic_load(&shared->highest[name]);
    const tjob_load_status loaded = store->load(store->context, NULL, name_of(name), &job, &version);
    if (loaded == TJOB_LOAD_UNAVAILABLE) {
        atomic_fetch_add(&shared->unavailable, has_grown(store) ? 0 : 1);
        return;
    }
    const uint32_t count = loaded == TJOB_LOAD_OK ? job.host_code : 0;
    atomic_fetch_add(&shared->went_back, count < highest ? 1 : 0);
    const tjob_job next = counting(count + 1);
    atomic_fetch_add(&shared->begun[name], 1);
    if (seeded) {
        atomic_fetch_add(&shared->acknowledged[name], 1);
        sleep_us(PAUSE_US);
    }
    const tjob_swap_status swapped = store->swap(store->context, NULL, name_of(name), version, &next);
    if (swapped == TJOB_SWAP_OK) {
        raise_highest(name, count + 1);
        atomic_fetch_add(&shared->acknowledged[name], seeded ? 0 : 1);
    }
    atomic_fetch_add(&shared->ended[name], 1);
}

/* A process that cannot go on ends before it is killed. */
static void end_with(tjob_file_problem problem)
{
    fprintf(stderr, "a process has ended: %s\n", tjob_file_problem_text(problem));
    _exit(1);
}

static void write_for_ever(uint64_t seed)
{
    tjob_file_store store;
    tjob_file_problem problem = tjob_file_store_open(&store, folder_file(&folder, "store"), 0);
    while (problem == TJOB_FILE_OK) {
        const tjob_store callbacks = tjob_file_store_callbacks(&store);
        while (!has_grown(&callbacks)) {
            increment(&callbacks, (unsigned)(next_random(&seed) % NAMES));
        }
        tjob_file_store_close(&store);
        problem = tjob_file_store_open(&store, folder_file(&folder, "store"), 0);
    }
    end_with(problem);
}

static void grow_for_ever(void)
{
    tjob_file_problem problem = TJOB_FILE_OK;
    while (problem == TJOB_FILE_OK) {
        const uint64_t capacity = CAPACITY + atomic_fetch_add(&shared->capacity, 1) + 1;
        problem = tjob_file_store_grow(folder_file(&folder, "store"), capacity, 0);
        atomic_fetch_add(&shared->growths, problem == TJOB_FILE_OK ? 1 : 0);
        sleep_us(2 * PAUSE_US);
    }
    end_with(problem);
}

/* Checks a backup: `least` are the counts that were acknowledged before it was begun. */
static tjob_file_problem check_backup(const char *path, const unsigned least[NAMES])
{
    tjob_file_store backup;
    const tjob_file_problem problem = tjob_file_store_open_read_only(&backup, path, 0);
    if (problem != TJOB_FILE_OK) {
        return problem;
    }
    const tjob_store callbacks = tjob_file_store_callbacks(&backup);
    for (unsigned name = 0; name < NAMES; name++) {
        tjob_job job = counting(0);
        uint64_t version;
        const tjob_load_status loaded = callbacks.load(&backup, NULL, name_of(name), &job, &version);
        const bool can_be = loaded != TJOB_LOAD_UNAVAILABLE && job.host_code >= least[name] &&
                            job.host_code <= atomic_load(&shared->begun[name]);
        atomic_fetch_add(&shared->untrue, can_be ? 0 : 1);
    }
    tjob_file_store_close(&backup);
    atomic_fetch_add(&shared->backups, 1);
    return TJOB_FILE_OK;
}

static void copy_for_ever(void)
{
    static unsigned char memory[64]; /* a filter that says "maybe" often */
    char path[FOLDER_PATH_BYTES_MAX + 16];
    tjob_file_problem problem = TJOB_FILE_OK;
    snprintf(path, sizeof path, "%s", folder_file(&folder, "copy"));
    while (problem == TJOB_FILE_OK) {
        tjob_file_store store;
        unsigned least[NAMES];
        (void)unlink(path); /* of the one that was killed, or is checked */
        for (unsigned name = 0; name < NAMES; name++) {
            least[name] = atomic_load(&shared->highest[name]);
        }
        problem = tjob_file_store_open(&store, folder_file(&folder, "store"), 0);
        if (problem == TJOB_FILE_OK) {
            problem = tjob_file_store_copy(&store, path, memory, sizeof memory);
            tjob_file_store_close(&store);
        }
        problem = problem == TJOB_FILE_OK ? check_backup(path, least) : problem;
    }
    end_with(problem);
}

/* What the first process does in place of writing. */
enum role { ROLE_WRITES, ROLE_GROWS, ROLE_COPIES };

static pid_t start_process(uint64_t seed, enum role role)
{
    const pid_t writer = fork();
    if (writer == 0 && role == ROLE_GROWS) {
        grow_for_ever();
    }
    if (writer == 0 && role == ROLE_COPIES) {
        copy_for_ever();
    }
    if (writer == 0) {
        write_for_ever(seed);
    }
    if (writer < 0) {
        abort();
    }
    return writer;
}

/* Kills a process; it must have lived until then. */
static bool end_process(pid_t writer)
{
    int status;
    kill(writer, SIGKILL);
    waitpid(writer, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* ---- The checker ------------------------------------------------------------------------------------------------- */

static bool check_history_of(void)
{
    tjob_file_store store;
    unsigned total = 0;
    unsigned open = 0;
    bool sound = tjob_file_store_open(&store, folder_file(&folder, "store"), 0) == TJOB_FILE_OK;
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    for (unsigned name = 0; name < NAMES && sound; name++) {
        tjob_job job = counting(0);
        uint64_t version;
        const tjob_load_status loaded = callbacks.load(&store, NULL, name_of(name), &job, &version);
        const unsigned least = shared->acknowledged[name];
        const unsigned most = least + shared->begun[name] - shared->ended[name];
        if (loaded == TJOB_LOAD_UNAVAILABLE || job.host_code < least || job.host_code > most) {
            printf("recognizer n%u: counted %u, acknowledged %u, and %u left open\n", name, job.host_code, least,
                   most - least);
            sound = false;
        }
        total += least;
        open += most - least;
    }
    for (uint32_t bucket = 0; bucket < tjob_file_store_buckets(&store) && sound; bucket++) {
        tjob_file_bucket report;
        sound = tjob_file_store_inspect(&store, bucket, &report) == TJOB_FILE_OK;
    }
    tjob_file_store_close(&store);
    printf("%u acknowledged, %u left open, %u loads went back, %u unavailable, %u growths, %u backups, %u untrue\n",
           total, open, shared->went_back, shared->unavailable, shared->growths, shared->backups, shared->untrue);
    return sound && total != 0 && shared->went_back == 0 && shared->unavailable == 0 && shared->untrue == 0;
}

/* ---- The killer ------------------------------------------------------------------------------------------------ */

enum { PAUSES_MAX = 1000 };

static unsigned count_begun(void)
{
    unsigned begun = 0;
    for (unsigned name = 0; name < NAMES; name++) {
        begun += shared->begun[name];
    }
    return begun;
}

/* Waits until there is work to interrupt, however slow the machine is, and for some time more. */
static void wait_for_work(uint64_t *random)
{
    const unsigned before = count_begun();
    for (int pauses = 0; count_begun() == before && pauses < PAUSES_MAX; pauses++) {
        sleep_us(PAUSE_US);
    }
    sleep_us(next_random(random) % 10000);
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
    const unsigned long writers = option(argc, argv, "--writers", 8);
    const unsigned long kills = option(argc, argv, "--kills", 200);
    pid_t processes[WRITERS_MAX];
    uint64_t random = 1;
    bool killed = true;
    seeded = argc > 1 && strcmp(argv[argc - 1], "--bug") == 0;
    const bool grows = argc > 1 && strcmp(argv[argc - 1], "--grow") == 0;
    const bool copies = argc > 1 && strcmp(argv[argc - 1], "--copy") == 0;
    const enum role first = grows ? ROLE_GROWS : copies ? ROLE_COPIES : ROLE_WRITES;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    folder_make(&folder);
    if (writers == 0 || writers > WRITERS_MAX || shared == MAP_FAILED ||
        tjob_file_store_create(folder_file(&folder, "store"), CAPACITY) != TJOB_FILE_OK) {
        return 2;
    }
    for (unsigned long i = 0; i < writers; i++) {
        processes[i] = start_process(i, i == 0 ? first : ROLE_WRITES);
    }
    for (unsigned long i = 0; i < kills; i++) {
        wait_for_work(&random);
        const size_t overwritten = (size_t)(next_random(&random) % writers);
        killed = end_process(processes[overwritten]) && killed;
        processes[overwritten] = start_process(writers + i, overwritten == 0 ? first : ROLE_WRITES);
    }
    for (unsigned long i = 0; i < writers; i++) {
        killed = end_process(processes[i]) && killed;
    }
    const bool sound =
        check_history_of() && killed && (!grows || shared->growths != 0) && (!copies || shared->backups != 0);
    folder_remove(&folder);
    printf("%lu writers, %lu kills: %s\n", writers, kills, sound ? "nothing lost" : "FAILED");
    return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
