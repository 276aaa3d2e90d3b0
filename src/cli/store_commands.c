/* The commands on the file of a store: create, grow, copy, restore, check and stat. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for stat */

#include <inttypes.h>
#include <sys/stat.h>

#include "cli/engine_commands.h"
#include "cli/holders.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/commands.h"
#include "host/file_store/call.h"
#include "host/file_store/posix_disk.h"
#include "host/file_store/store.h"

/* Prints what a file now is. */
static int done(const struct arguments *arguments, const char *file, const char *what, uint64_t capacity)
{
    if (arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"capacity\":\"%" PRIu64 "\"}\n", capacity);
    } else {
        output_plain_string(stdout, file);
        printf(": %s for %" PRIu64 " jobs\n", what, capacity);
    }
    return EXIT_DONE;
}

int command_store_create(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL) {
        return engine_create(arguments);
    }
    const uint64_t capacity =
        arguments->texts[OPTION_CAPACITY] != NULL ? arguments->numbers[OPTION_CAPACITY] : TJOB_FILE_STORE_JOBS_DEFAULT;
    const tjob_file_problem problem = tjob_file_store_create(arguments->operands[0], capacity);
    return problem != TJOB_FILE_OK ? session_file_failed(arguments, problem)
                                   : done(arguments, arguments->operands[0], "a store", capacity);
}

int command_store_grow(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL) {
        return session_needs_a_file(arguments);
    }
    const uint64_t capacity = arguments->numbers[OPTION_CAPACITY];
    const tjob_file_problem problem =
        tjob_file_store_grow(arguments->operands[0], capacity, (uint32_t)arguments->numbers[OPTION_WAIT]);
    return problem != TJOB_FILE_OK ? session_growth_failed(arguments, problem)
                                   : done(arguments, arguments->operands[0], "a store", capacity);
}

/* ---- copy and restore ------------------------------------------------------------------------------------------ */

/* Makes a file, the second operand, from the first. Returns the problem of either. */
typedef tjob_file_problem make_file(tjob_file_store *from, const struct arguments *arguments);

static int make_from(const struct arguments *arguments, make_file *make, const char *what)
{
    tjob_file_store from;
    const tjob_file_problem opened = session_open_file_to_read(&from, arguments->operands[0], arguments);
    if (opened != TJOB_FILE_OK) {
        return session_file_failed(arguments, opened);
    }
    const tjob_file_problem problem = make(&from, arguments);
    const uint64_t capacity = arguments_number(arguments, OPTION_CAPACITY, tjob_file_store_capacity(&from));
    const bool is_of_source = tjob_file_store_problem(&from) != TJOB_FILE_OK;
    tjob_file_store_close(&from);
    return problem != TJOB_FILE_OK ? session_path_failed(arguments, arguments->operands[is_of_source ? 0 : 1], problem)
                                   : done(arguments, arguments->operands[1], what, capacity);
}

static tjob_file_problem copy_file(tjob_file_store *store, const struct arguments *arguments)
{
    static unsigned char memory[TJOB_FILE_STORE_COPY_BYTES];
    return tjob_file_store_copy(store, arguments->operands[1], memory, sizeof memory);
}

int command_store_copy(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL || engine_of(arguments->operands[1]) != NULL) {
        return engine_copy(arguments);
    }
    if (arguments->texts[OPTION_CAPACITY] != NULL) {
        return arguments_complain(arguments, "a backup has the capacity of its store; not allowed:", "--capacity");
    }
    return make_from(arguments, copy_file, "a backup of a store");
}

static tjob_file_problem restore_now(tjob_file_store *backup, const struct arguments *arguments)
{
    const tjob_clock clock = tjob_system_clock();
    return tjob_file_store_restore(backup, arguments->operands[1], arguments->numbers[OPTION_CAPACITY],
                                   clock.now_ms(clock.context, NULL));
}

int command_store_restore(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL || engine_of(arguments->operands[1]) != NULL) {
        return session_needs_a_file(arguments);
    }
    const int code = session_check_clock(arguments);
    return code == EXIT_DONE ? make_from(arguments, restore_now, "a store") : code;
}

/* ---- repair ---------------------------------------------------------------------------------------------------- */

static tjob_file_problem repair(tjob_file_store *store, const struct arguments *arguments)
{
    const tjob_clock clock = tjob_system_clock();
    return arguments->texts[OPTION_GIVE_UP] == NULL
               ? tjob_file_store_repair_header(store)
               : tjob_file_store_give_up(store, (uint32_t)arguments->numbers[OPTION_GIVE_UP],
                                         clock.now_ms(clock.context, NULL));
}

int command_store_repair(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL) {
        return session_needs_a_file(arguments);
    }
    const int code = session_check_clock(arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    tjob_file_store store;
    const uint64_t began_ms = session_monotonic_ms();
    tjob_file_problem problem =
        tjob__file_store_open_for(&tjob__posix_disk, &store, arguments->operands[0],
                                  (uint32_t)arguments->numbers[OPTION_WAIT], FILE_ACCESS_REPAIR);
    if (problem != TJOB_FILE_OK) {
        return session_file_failed(arguments, problem);
    }
    session_limit_waiting(&store, arguments, began_ms);
    const char *what = store.is_backup ? "a backup of a store" : "a store";
    problem = repair(&store, arguments);
    const uint64_t capacity = tjob_file_store_capacity(&store);
    tjob_file_store_close(&store);
    if (problem != TJOB_FILE_OK && arguments->texts[OPTION_GIVE_UP] != NULL) {
        return session_bucket_failed(arguments, (uint32_t)arguments->numbers[OPTION_GIVE_UP], problem);
    }
    return problem != TJOB_FILE_OK ? session_file_failed(arguments, problem)
                                   : done(arguments, arguments->operands[0], what, capacity);
}

/* ---- check ----------------------------------------------------------------------------------------------------- */

/* The findings about a bucket. */
enum finding {
    FINDING_HEADER,
    FINDING_LOST,
    FINDING_ROLLED_BACK,
    FINDING_BAD_JOBS,
    FINDING_TWICE,
    FINDING_UNREGISTERED,
    FINDING_COUNT
};

static const struct {
    const char *kind; /* in JSON */
    const char *text;
} findings[FINDING_COUNT] = {
    [FINDING_HEADER] = {"header", "the header or its copy is damaged, and the other is used: repair it"},
    [FINDING_LOST] = {"lost", "durable data is lost or unreadable"},
    [FINDING_ROLLED_BACK] = {"rolled_back", "rolled back to an earlier state"},
    [FINDING_BAD_JOBS] = {"bad_jobs", "invalid records"},
    [FINDING_TWICE] = {"twice", "records duplicated in their other bucket"},
    [FINDING_UNREGISTERED] = {"unregistered",
                              "not registered, but has held a job: nothing is lost, and its next change repairs it"},
};

struct store_check {
    const struct arguments *arguments;
    bool json;
    bool any;
    uint64_t jobs;
    uint64_t not_durable;
    uint64_t torn_pages;
    uint64_t found[FINDING_COUNT]; /* records, names, or buckets */
};

/* Prints a finding on standard error, and as an element of the open JSON array. */
static void print_finding(struct store_check *check, const tjob_file_bucket *report, enum finding finding,
                          uint32_t count)
{
    if (count == 0) {
        return;
    }
    fprintf(stderr, "tjob %s: ", check->arguments->command->name);
    output_plain_string(stderr, check->arguments->operands[0]);
    fprintf(stderr, ": bucket %" PRIu32 " at byte %" PRIu64 ": %s", report->index, report->offset,
            findings[finding].text);
    fprintf(stderr, finding == FINDING_BAD_JOBS || finding == FINDING_TWICE ? ": %" PRIu32 " of %" PRIu32 "\n" : "\n",
            count, report->jobs);
    if (check->json) {
        printf("%s{\"bucket\":%" PRIu32 ",\"kind\":\"%s\",\"offset\":\"%" PRIu64 "\"}", check->any ? "," : "",
               report->index, findings[finding].kind, report->offset);
    }
    check->any = true;
    check->found[finding] += count;
}

/* Prints that the header is damaged, in the same way. */
static void print_header_finding(struct store_check *check)
{
    fprintf(stderr, "tjob %s: ", check->arguments->command->name);
    output_plain_string(stderr, check->arguments->operands[0]);
    fprintf(stderr, ": %s\n", findings[FINDING_HEADER].text);
    if (check->json) {
        printf("{\"kind\":\"%s\",\"offset\":\"0\"}", findings[FINDING_HEADER].kind);
    }
    check->any = true;
}

static void print_bucket_findings(struct store_check *check, const tjob_file_bucket *report)
{
    print_finding(check, report, FINDING_LOST, report->lost ? 1 : 0);
    print_finding(check, report, FINDING_ROLLED_BACK, report->rolled_back ? 1 : 0);
    print_finding(check, report, FINDING_BAD_JOBS, report->bad_jobs);
    print_finding(check, report, FINDING_TWICE, report->twice);
    print_finding(check, report, FINDING_UNREGISTERED, report->unregistered ? 1 : 0);
    check->jobs += report->jobs;
    check->not_durable += report->not_durable ? 1 : 0;
    check->torn_pages += report->torn_pages;
}

/* Both name the bucket if the problem is of one of them alone. */
static int bucket_failed(const struct arguments *arguments, tjob_file_problem problem, uint32_t bucket,
                         uint32_t buckets)
{
    return bucket < buckets ? session_bucket_failed(arguments, bucket, problem)
                            : session_file_failed(arguments, problem);
}

static void print_problem(tjob_file_problem problem, uint32_t bucket, uint32_t buckets)
{
    printf("\"problem\":\"%s\",\"text\":\"%s\"", tjob_file_problem_name(problem), tjob_file_problem_text(problem));
    if (bucket < buckets) {
        printf(",\"bucket\":%" PRIu32, bucket);
    }
}

/* Sets *bucket to the one that cannot be inspected; to their number if the problem concerns all. */
static tjob_file_problem check_all(tjob_file_store *store, struct store_check *check, uint32_t *bucket)
{
    const uint32_t buckets = tjob_file_store_buckets(store);
    tjob_file_problem problem = tjob_file_store_inspect_header(store);
    *bucket = buckets;
    if (problem == TJOB_FILE_DAMAGED) {
        print_header_finding(check);
        problem = TJOB_FILE_OK;
    }
    for (uint32_t next = 0; problem == TJOB_FILE_OK; next++) {
        tjob_file_bucket report;
        problem = tjob_file_store_next_bucket(store, next, &next);
        if (problem != TJOB_FILE_OK || next == buckets) {
            break;
        }
        problem = tjob_file_store_inspect(store, next, &report);
        print_bucket_findings(check, &report);
        problem = problem == TJOB_FILE_DAMAGED ? TJOB_FILE_OK : problem;
        *bucket = problem != TJOB_FILE_OK && tjob__file_call_is_of_bucket(store, problem) ? next : buckets;
    }
    return problem;
}

static void print_check(const struct store_check *check, uint32_t buckets)
{
    const uint64_t *found = check->found;
    if (check->json) {
        printf("],\"sound\":%s,\"buckets\":%" PRIu32 ",\"jobs\":\"%" PRIu64 "\",\"not_durable\":\"%" PRIu64
               "\",\"torn_pages\":\"%" PRIu64 "\",\"bad_jobs\":\"%" PRIu64 "\",\"twice\":\"%" PRIu64
               "\",\"lost_buckets\":\"%" PRIu64 "\",\"rolled_back_buckets\":\"%" PRIu64
               "\",\"unregistered_buckets\":\"%" PRIu64 "\"}\n",
               check->any ? "false" : "true", buckets, check->jobs, check->not_durable, check->torn_pages,
               found[FINDING_BAD_JOBS], found[FINDING_TWICE], found[FINDING_LOST], found[FINDING_ROLLED_BACK],
               found[FINDING_UNREGISTERED]);
        return;
    }
    printf("%s: %" PRIu32 " buckets, %" PRIu64 " jobs; %" PRIu64 " writes not known to be durable, %" PRIu64
           " pages torn by crashes, %" PRIu64 " invalid records, %" PRIu64 " duplicate records; %" PRIu64
           " buckets lost, %" PRIu64 " rolled back, %" PRIu64 " unregistered\n",
           check->any ? "DAMAGED" : "sound", buckets, check->jobs, check->not_durable, check->torn_pages,
           found[FINDING_BAD_JOBS], found[FINDING_TWICE], found[FINDING_LOST], found[FINDING_ROLLED_BACK],
           found[FINDING_UNREGISTERED]);
}

int command_store_check(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL) {
        return engine_check(arguments);
    }
    tjob_file_store store;
    struct store_check check = {.arguments = arguments, .json = arguments->texts[OPTION_JSON] != NULL};
    tjob_file_problem problem = session_open_file_to_read(&store, arguments->operands[0], arguments);
    if (problem != TJOB_FILE_OK) {
        return session_file_failed(arguments, problem);
    }
    if (check.json) {
        printf("{\"findings\":[");
    }
    uint32_t bucket;
    problem = check_all(&store, &check, &bucket);
    const uint32_t buckets = tjob_file_store_buckets(&store);
    tjob_file_store_close(&store);
    if (problem != TJOB_FILE_OK && check.json) {
        printf("],"); /* in the open object */
        print_problem(problem, bucket, buckets);
        printf("}\n");
        return exit_code_of_problem(problem);
    }
    if (problem != TJOB_FILE_OK) {
        return bucket_failed(arguments, problem, bucket, buckets);
    }
    print_check(&check, buckets);
    return exit_code_of_problem(check.any ? TJOB_FILE_DAMAGED : TJOB_FILE_OK);
}

/* ---- stat ------------------------------------------------------------------------------------------------------ */

struct census {
    uint64_t jobs;
    uint64_t states[TJOB_STATE_COUNT];
    uint32_t fullest;
};

/* Counts the jobs of all buckets. Sets *bucket to the one with the problem; to their number if it concerns all. */
static tjob_file_problem count_all(tjob_file_store *store, struct census *census, uint32_t *bucket)
{
    const uint32_t buckets = tjob_file_store_buckets(store);
    for (*bucket = 0; *bucket < buckets; ++*bucket) {
        tjob_listed_job jobs[TJOB_FILE_BUCKET_JOBS_MAX];
        uint32_t count = 0;
        tjob_file_problem problem = tjob_file_store_next_bucket(store, *bucket, bucket);
        if (problem != TJOB_FILE_OK || *bucket == buckets) {
            *bucket = buckets;
            return problem;
        }
        problem = tjob_file_store_jobs(store, *bucket, jobs, &count);
        if (problem != TJOB_FILE_OK) {
            *bucket = tjob__file_call_is_of_bucket(store, problem) ? *bucket : buckets;
            return problem;
        }
        census->jobs += count;
        census->fullest = count > census->fullest ? count : census->fullest;
        for (uint32_t i = 0; i < count; i++) {
            census->states[jobs[i].job.state]++;
        }
    }
    return TJOB_FILE_OK;
}

static void print_census(const struct arguments *arguments, const tjob_file_store *store, const struct census *census,
                         const struct stat *file)
{
    const uint64_t bytes = (uint64_t)file->st_size;
    const uint64_t allocated = (uint64_t)file->st_blocks * 512;
    const bool json = arguments->texts[OPTION_JSON] != NULL;
    printf(json ? "{\"capacity\":\"%" PRIu64 "\",\"jobs\":\"%" PRIu64 "\",\"buckets\":%" PRIu32
                  ",\"fullest_bucket\":%" PRIu32 ",\"bytes\":\"%" PRIu64 "\",\"allocated_bytes\":\"%" PRIu64 "\""
                : "capacity   %" PRIu64 " jobs\njobs       %" PRIu64 "\nbuckets    %" PRIu32 ", %" PRIu32
                  " jobs in the fullest\nfile       %" PRIu64 " bytes, %" PRIu64 " of them allocated\n",
           tjob_file_store_capacity(store), census->jobs, tjob_file_store_buckets(store), census->fullest, bytes,
           allocated);
    for (int state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        if (census->states[state] != 0) {
            printf(json ? ",\"%s\":\"%" PRIu64 "\"" : "%-21s %" PRIu64 "\n", tjob_state_name((tjob_state)state),
                   census->states[state]);
        }
    }
    if (json) {
        printf(",\"processes\":[");
    }
    holders_print(arguments->operands[0], store, json);
    printf("%s", json ? "]}\n" : "");
}

/* Prints that a lock was not to be had, of a bucket or of all, and who has the locks. `store` is NULL if it could not
 * be opened. */
static int stat_busy(const struct arguments *arguments, const tjob_file_store *store, uint32_t bucket)
{
    const char *path = arguments->operands[0];
    const uint32_t buckets = store != NULL ? tjob_file_store_buckets(store) : bucket;
    if (arguments->texts[OPTION_JSON] == NULL) {
        holders_print(path, store, false);
        return bucket_failed(arguments, TJOB_FILE_BUSY, bucket, buckets);
    }
    printf("{");
    print_problem(TJOB_FILE_BUSY, bucket, buckets);
    printf(",\"processes\":[");
    holders_print(path, store, true);
    printf("]}\n");
    return exit_code_of_problem(TJOB_FILE_BUSY);
}

int command_store_stat(const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) != NULL) {
        return engine_stat(arguments);
    }
    tjob_file_store store;
    struct census census = {.jobs = 0};
    struct stat file;
    const tjob_file_problem opened = session_open_file_to_read(&store, arguments->operands[0], arguments);
    if (opened != TJOB_FILE_OK) {
        return opened == TJOB_FILE_BUSY ? stat_busy(arguments, NULL, 0) : session_file_failed(arguments, opened);
    }
    uint32_t bucket;
    tjob_file_problem problem = count_all(&store, &census, &bucket);
    const uint32_t buckets = tjob_file_store_buckets(&store);
    if (problem == TJOB_FILE_OK && stat(arguments->operands[0], &file) != 0) {
        problem = TJOB_FILE_MISSING;
    }
    if (problem == TJOB_FILE_OK) {
        print_census(arguments, &store, &census, &file);
    }
    const int busy = problem == TJOB_FILE_BUSY ? stat_busy(arguments, &store, bucket) : EXIT_DONE;
    tjob_file_store_close(&store);
    if (problem == TJOB_FILE_OK || problem == TJOB_FILE_BUSY) {
        return busy;
    }
    return bucket_failed(arguments, problem, bucket, buckets);
}
