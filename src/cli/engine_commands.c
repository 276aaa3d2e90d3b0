/*
 * The store commands where a store is reached by a URL: create, check, stat, purge, renew; and copy, from any store to
 * any other.
 */
#include "cli/engine_commands.h"

#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/import.h"
#include "cli/output.h"
#include "host/file_store/header.h"

static bool prints_json(const struct arguments *arguments)
{
    return arguments->texts[OPTION_JSON] != NULL;
}

/* ---- create, purge and renew ----------------------------------------------------------------------------------- */

/* Opens the store of the first operand. It must be reached by a URL. */
static int open_engine(struct session *session, const struct arguments *arguments)
{
    if (engine_of(arguments->operands[0]) == NULL) {
        fprintf(stderr, "tjob %s: ", arguments->command->name);
        output_plain_string(stderr, arguments->operands[0]);
        fprintf(stderr, ": this command works on a store in a database only\n");
        return EXIT_USAGE;
    }
    return session_open(session, arguments);
}

/* Prints what was done to a store; in JSON, what follows its first member. */
static void print_done(const struct arguments *arguments, const char *what)
{
    if (prints_json(arguments)) {
        printf("{\"engine\":\"%s\"}\n", engine_of(arguments->operands[0])->name);
    } else {
        engine_print_location(stdout, arguments->operands[0]);
        printf(": %s\n", what);
    }
}

/* Opens the store of the first operand, lets `act` change it, and prints what was done. */
static int change_engine(const struct arguments *arguments, bool (*act)(const struct engine_calls *engine, void *store),
                         const char *what)
{
    struct session session;
    int code = open_engine(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    if (act(session.engine, session.engine_store)) {
        print_done(arguments, what);
    } else {
        code = session_store_failed(&session);
    }
    session_close(&session);
    return code;
}

static bool create_in(const struct engine_calls *engine, void *store)
{
    return engine->create(store);
}

static int refuse_capacity(const struct arguments *arguments)
{
    return arguments_complain(arguments, "a store in a database has no capacity; not allowed:", "--capacity");
}

int engine_create(const struct arguments *arguments)
{
    if (arguments->texts[OPTION_CAPACITY] != NULL) {
        return refuse_capacity(arguments);
    }
    return change_engine(arguments, create_in, "a store");
}

static bool renew_in(const struct engine_calls *engine, void *store)
{
    return engine->renew(store);
}

int command_store_renew(const struct arguments *arguments)
{
    const struct engine *engine = engine_of(arguments->operands[0]);
    if (engine != NULL && engine->calls != NULL && engine->calls->renew == NULL) {
        fprintf(stderr,
                "tjob store renew: not for %s: docs/postgresql.md has the statements to run after a restoration\n",
                engine->name);
        return EXIT_USAGE;
    }
    return change_engine(arguments, renew_in, "no version is issued twice");
}

int command_store_purge(const struct arguments *arguments)
{
    struct session session;
    uint64_t purged = 0;
    int code = open_engine(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    if (!session.engine->purge(session.engine_store, &purged)) {
        code = session_store_failed(&session);
    } else if (prints_json(arguments)) {
        printf("{\"purged\":\"%" PRIu64 "\"}\n", purged);
    } else {
        engine_print_location(stdout, arguments->operands[0]);
        printf(": %" PRIu64 " removed jobs purged\n", purged);
    }
    session_close(&session);
    return code;
}

/* ---- All jobs -------------------------------------------------------------------------------------------------- */

enum { ENGINE_PAGE = 64 };

/* Called for each job; any result other than EXIT_DONE ends the sweep. */
typedef int visit_listed(void *context, const tjob_listed_job *found);

/* Visits all jobs. A part of the store that is not readable ends the sweep. */
static int visit_all(struct session *session, visit_listed *visit, void *context)
{
    static const tjob_list_query all;
    tjob_listed_job jobs[ENGINE_PAGE];
    tjob_list_cursor cursor = {{0}};
    tjob_list_status status = TJOB_LIST_MORE;
    int code = EXIT_DONE;
    while (status == TJOB_LIST_MORE && code == EXIT_DONE) {
        uint32_t count;
        status = session->list.list(session->list.context, NULL, &all, &cursor, jobs, ENGINE_PAGE, &count);
        if (status == TJOB_LIST_SKIPPED) {
            code = session_part_failed(session, &cursor);
        } else if (status != TJOB_LIST_MORE && status != TJOB_LIST_END) {
            code = session_store_failed(session);
        }
        for (uint32_t i = 0; i < count && code == EXIT_DONE; i++) {
            code = visit(context, &jobs[i]);
        }
    }
    return code;
}

/* ---- check and stat -------------------------------------------------------------------------------------------- */

struct engine_census {
    uint64_t jobs;
    uint64_t states[TJOB_STATE_COUNT];
};

static int count_listed(void *context, const tjob_listed_job *found)
{
    struct engine_census *census = context;
    census->jobs++;
    census->states[found->job.state]++;
    return EXIT_DONE;
}

/* Checks a store and counts its jobs. */
static int take_census(const struct arguments *arguments, struct engine_census *census)
{
    struct session session;
    int code = session_open_to_read(&session, arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    *census = (struct engine_census){.jobs = 0};
    code = session.engine->check(session.engine_store) ? visit_all(&session, count_listed, census)
                                                       : session_store_failed(&session);
    session_close(&session);
    return code;
}

int engine_check(const struct arguments *arguments)
{
    struct engine_census census;
    const int code = take_census(arguments, &census);
    if (code != EXIT_DONE) {
        return code;
    }
    printf(prints_json(arguments) ? "{\"sound\":true,\"jobs\":\"%" PRIu64 "\"}\n" : "sound: %" PRIu64 " jobs\n",
           census.jobs);
    return EXIT_DONE;
}

int engine_stat(const struct arguments *arguments)
{
    struct engine_census census;
    const bool json = prints_json(arguments);
    const int code = take_census(arguments, &census);
    if (code != EXIT_DONE) {
        return code;
    }
    printf(json ? "{\"jobs\":\"%" PRIu64 "\"" : "jobs                  %" PRIu64 "\n", census.jobs);
    for (int state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT; state++) {
        if (census.states[state] != 0) {
            printf(json ? ",\"%s\":\"%" PRIu64 "\"" : "%-21s %" PRIu64 "\n", tjob_state_name((tjob_state)state),
                   census.states[state]);
        }
    }
    printf("%s", json ? "}\n" : "");
    return EXIT_DONE;
}

/* ---- copy ------------------------------------------------------------------------------------------------------ */

/* A copy in progress. */
struct engine_copy {
    const struct arguments *arguments;
    struct session from;
    struct session to;
    struct import file; /* if the target is a file, in place of `to` */
    uint64_t highest;   /* version or incarnation of a job of the source */
    uint64_t jobs;
    uint64_t put; /* that were not yet in the target, or not as they are in the source */
    uint64_t different;
};

static int find_highest(void *context, const tjob_listed_job *found)
{
    struct engine_copy *copy = context;
    const uint64_t of_job = found->version > found->job.incarnation ? found->version : found->job.incarnation;
    copy->highest = of_job > copy->highest ? of_job : copy->highest;
    return EXIT_DONE;
}

static int copy_refuse(const struct engine_copy *copy, const tjob_listed_job *found, const char *text)
{
    const tjob_text arn = {found->arn, found->arn_bytes};
    if (prints_json(copy->arguments)) {
        printf("{\"arn\":");
        output_quoted(stdout, arn);
        printf(",\"problem\":\"DIFFERENT\",\"text\":\"%s\"}\n", text);
    } else {
        fprintf(stderr, "tjob %s: ", copy->arguments->command->name);
        output_plain(stderr, arn);
        fprintf(stderr, ": %s\n", text);
    }
    return EXIT_STORAGE;
}

/* Puts a job into a file. */
static int fill_file(void *context, const tjob_listed_job *found)
{
    struct engine_copy *copy = context;
    copy->jobs++;
    copy->put++;
    return import_put(&copy->file, found);
}

static bool is_same_job(const tjob_job *a, const tjob_job *b)
{
    unsigned char encoded[2][TJOB_JOB_ENCODED_BYTES];
    tjob_job_encode(a, encoded[0]);
    tjob_job_encode(b, encoded[1]);
    return memcmp(encoded[0], encoded[1], sizeof encoded[0]) == 0;
}

/* Loads a job of one of the two stores. Returns EXIT_DONE, or the exit code after printing. */
static int copy_load(struct session *session, const tjob_listed_job *found, tjob_job *job, bool *is_there,
                     uint64_t *version)
{
    const tjob_store *store = &session->service.store;
    const tjob_text arn = {found->arn, found->arn_bytes};
    const tjob_load_status loaded = store->load(store->context, NULL, arn, job, version);
    *is_there = loaded == TJOB_LOAD_OK;
    return *is_there || loaded == TJOB_LOAD_NOT_FOUND ? EXIT_DONE : session_job_failed(session, arn, TJOB_UNAVAILABLE);
}

/* Returns whether a value that is set is kept. */
static bool is_kept(uint64_t value, uint64_t later)
{
    return value == 0 || value == later;
}

/*
 * Returns whether one record of an incarnation can have become another: what is set stays, and the state moves on. The
 * states are numbered so that every transition goes up; a job that has ended can only be deleted.
 */
static bool can_become(const tjob_job *job, const tjob_job *later)
{
    return job->submit_token == later->submit_token && is_kept(job->trainer_token, later->trainer_token) &&
           is_kept(job->submitted_ms, later->submitted_ms) &&
           is_kept(job->training_started_ms, later->training_started_ms) &&
           is_kept(job->stop_requested_ms, later->stop_requested_ms) && is_kept(job->ended_ms, later->ended_ms) &&
           (tjob_state_is_terminal((tjob_state)job->state) ? later->state == TJOB_DELETING : job->state < later->state);
}

/*
 * Refuses a target that has gone on by itself: a job of it, from an earlier copy, that cannot have become what is now
 * in the source. Otherwise a copy would take back what the target has acknowledged.
 */
static int copy_check_target(void *context, const tjob_listed_job *found)
{
    struct engine_copy *copy = context;
    tjob_job source;
    bool is_there;
    uint64_t version;
    const int code = copy_load(&copy->from, found, &source, &is_there, &version);
    if (code != EXIT_DONE || !is_there || is_same_job(&found->job, &source) ||
        found->job.incarnation < source.incarnation) {
        return code;
    }
    return found->job.incarnation == source.incarnation && can_become(&found->job, &source)
               ? EXIT_DONE
               : copy_refuse(copy, found, "the target has changed this job by itself; nothing was copied");
}

/* Puts a job into the target, unless it is there from an earlier attempt. */
static int copy_put_job(void *context, const tjob_listed_job *found)
{
    struct engine_copy *copy = context;
    const tjob_store *store = &copy->to.service.store;
    const tjob_text arn = {found->arn, found->arn_bytes};
    tjob_job there;
    bool is_there;
    uint64_t version;
    copy->jobs++;
    const int code = copy_load(&copy->to, found, &there, &is_there, &version);
    if (code != EXIT_DONE || (is_there && is_same_job(&there, &found->job))) {
        return code;
    }
    const tjob_swap_status swapped = store->swap(store->context, NULL, arn, version, &found->job);
    copy->put += swapped == TJOB_SWAP_OK ? 1 : 0;
    if (swapped == TJOB_SWAP_CONFLICT) {
        return copy_refuse(copy, found,
                           "somebody else has changed this job of the target: stop its hosts, and copy again");
    }
    return swapped == TJOB_SWAP_OK ? EXIT_DONE : session_job_failed(&copy->to, arn, TJOB_UNAVAILABLE);
}

/* Compares a job of the target with the source. */
static int compare_job(void *context, const tjob_listed_job *found)
{
    struct engine_copy *copy = context;
    tjob_job there;
    bool is_there;
    uint64_t version;
    copy->jobs++;
    const int code = copy_load(&copy->from, found, &there, &is_there, &version);
    copy->different += is_there && is_same_job(&there, &found->job) ? 0 : 1;
    return code;
}

static int print_copied(const struct engine_copy *copy)
{
    const uint64_t jobs = copy->jobs;
    if (prints_json(copy->arguments)) {
        printf("{\"jobs\":\"%" PRIu64 "\",\"copied\":\"%" PRIu64 "\",\"different\":\"%" PRIu64 "\"}\n", jobs, copy->put,
               copy->different);
    } else if (copy->different == 0) {
        engine_print_location(stdout, copy->arguments->operands[1]);
        printf(": %" PRIu64 " jobs, %" PRIu64 " of them copied now; all are as in the source\n", jobs, copy->put);
    } else {
        fprintf(stderr,
                "tjob store copy: %" PRIu64 " of %" PRIu64
                " jobs are not as in the source: stop its hosts, and copy again\n",
                copy->different, jobs);
    }
    return copy->different == 0 ? EXIT_DONE : EXIT_STORAGE;
}

/* Copies into an engine, and compares what is there then. */
static int copy_to_engine(struct engine_copy *copy)
{
    const tjob_clock clock = tjob_system_clock();
    const uint64_t base = tjob__file_header_raise(copy->highest, clock.now_ms(clock.context, NULL));
    const struct engine_calls *engine = copy->to.engine;
    if (!engine->check(copy->to.engine_store)) {
        return session_store_failed(&copy->to);
    }
    int code = visit_all(&copy->to, copy_check_target, copy);
    if (code == EXIT_DONE && !engine->raise(copy->to.engine_store, base)) {
        code = session_store_failed(&copy->to);
    }
    code = code == EXIT_DONE ? visit_all(&copy->from, copy_put_job, copy) : code;
    const uint64_t jobs = copy->jobs;
    copy->jobs = 0;
    code = code == EXIT_DONE ? visit_all(&copy->to, compare_job, copy) : code;
    copy->different += copy->jobs < jobs ? jobs - copy->jobs : 0;
    return code == EXIT_DONE ? print_copied(copy) : code;
}

static int copy_to_file(struct engine_copy *copy)
{
    int code = import_begin(&copy->file, copy->arguments, copy->arguments->operands[1]);
    if (code != EXIT_DONE) {
        return code;
    }
    code = visit_all(&copy->from, fill_file, copy);
    const struct job_json_end last = {.jobs = copy->jobs, .base = copy->highest};
    code = code == EXIT_DONE ? import_last(&copy->file, &last) : code;
    if (code != EXIT_DONE) {
        tjob__file_creation_abandon(&copy->file.new);
        return code;
    }
    return import_end(&copy->file);
}

int engine_copy(const struct arguments *arguments)
{
    static struct engine_copy copy;
    const char *to = arguments->operands[1];
    copy = (struct engine_copy){.arguments = arguments};
    if (engine_of(to) != NULL && arguments->texts[OPTION_CAPACITY] != NULL) {
        return refuse_capacity(arguments);
    }
    int code = session_check_clock(arguments);
    code = code == EXIT_DONE ? session_open_to_read(&copy.from, arguments) : code;
    if (code != EXIT_DONE) {
        return code;
    }
    code = visit_all(&copy.from, find_highest, &copy);
    if (code == EXIT_DONE && engine_of(to) == NULL) {
        code = copy_to_file(&copy);
    } else if (code == EXIT_DONE) {
        code = session_open_location(&copy.to, to, arguments, NULL);
        if (code == EXIT_DONE) {
            code = copy_to_engine(&copy);
            session_close(&copy.to);
        }
    }
    session_close(&copy.from);
    return code;
}
