/* tjob simulate: runs seeds on several threads. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for clock_gettime and nanosleep */

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/simulate.h"
#include "cli/commands.h"
#include "cli/html.h"
#include "cli/signals.h"

enum {
    SIMULATE_PROGRESS_MS = 200,
    JOBS_DEFAULT = 1000,
    MINUTES_DEFAULT = 24 * 60,
    SIMULATE_ALIGNMENT = 64,
    SLICE_MS = 10000,
    WHICH_BYTES = 80
};

/* ---- Seeds ----------------------------------------------------------------------------------------------------- */

struct simulate_thread {
    pthread_t handle;
    struct simulate *simulate;
    pthread_mutex_t *lock;
    void *memory; /* of one simulation */
    size_t bytes;
    const char *failure; /* error message, or NULL */
    int code;            /* the exit code that goes with it */
};

static void add_reports(tjob_simulator_report *sum, const tjob_simulator_report *report, uint64_t seed)
{
    for (int kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            sum->operations[kind][status] += report->operations[kind][status];
        }
    }
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        sum->faults[fault] += report->faults[fault];
    }
    for (int i = 0; i < TJOB_HISTOGRAM_BINS; i++) {
        sum->stops.counts[i] += report->stops.counts[i];
    }
    sum->stops.count += report->stops.count;
    sum->stops.most_ms = report->stops.most_ms > sum->stops.most_ms ? report->stops.most_ms : sum->stops.most_ms;
    sum->operation_count += report->operation_count;
    sum->loads += report->loads;
    sum->swaps += report->swaps;
    sum->inconclusive_jobs += report->inconclusive_jobs;
    sum->calls_most = report->calls_most > sum->calls_most ? report->calls_most : sum->calls_most;
    sum->timers_most = report->timers_most > sum->timers_most ? report->timers_most : sum->timers_most;
    sum->bound = report->bound != TJOB_SIMULATOR_BOUND_NONE ? report->bound : sum->bound;
    sum->digest += report->digest * (2 * seed + 1);
}

/* Adds the report of a seed to the results. */
static void simulate_take_in(struct simulate_thread *thread, uint64_t seed, const tjob_simulator_report *report)
{
    struct simulate *simulate = thread->simulate;
    (void)pthread_mutex_lock(thread->lock);
    add_reports(&simulate->sum, report, seed);
    simulate->passed += report->simulation == TJOB_SIMULATION_PASSED ? 1 : 0;
    simulate->inconclusive += report->simulation == TJOB_SIMULATION_INCONCLUSIVE ? 1 : 0;
    if (report->simulation == TJOB_SIMULATION_VIOLATED && seed < simulate->failed_seed) {
        simulate->failed_seed = seed;
        simulate->failure = *report;
        atomic_store(&simulate->stop, seed);
    }
    (void)pthread_mutex_unlock(thread->lock);
}

/* Runs in slices of virtual time, so that a signal can end it after a slice. */
static void run_to_the_end(tjob_simulator *simulator)
{
    uint32_t until_ms = 0;
    do {
        until_ms = until_ms <= UINT32_MAX - SLICE_MS ? until_ms + SLICE_MS : UINT32_MAX;
    } while (tjob_simulator_run(simulator, until_ms) == TJOB_SIMULATION_RUNNING && !signals_caught());
}

static void run_seed(struct simulate_thread *thread, uint64_t seed)
{
    struct simulated_backing backing;
    tjob_simulator_config config = thread->simulate->config;
    config.seed += seed;
    thread->failure = simulated_backing_open(&backing, thread->simulate->store, &config);
    thread->code = backing.problem != TJOB_FILE_OK ? exit_code_of_problem(backing.problem) : EXIT_INCONCLUSIVE;
    if (thread->failure == NULL) {
        tjob_simulator *simulator = tjob_simulator_init(&config, thread->memory, thread->bytes);
        run_to_the_end(simulator);
        simulate_take_in(thread, seed, tjob_simulator_report_of(simulator));
        simulated_backing_close(&backing);
    }
}

/* Runs one seed after the other; none after a seed that failed. */
static void *simulate_work(void *argument)
{
    struct simulate_thread *thread = argument;
    struct simulate *simulate = thread->simulate;
    for (;;) {
        const uint64_t seed = atomic_fetch_add(&simulate->next, 1);
        if (seed >= simulate->seeds || seed > atomic_load(&simulate->stop) || thread->failure != NULL ||
            signals_caught()) {
            return NULL;
        }
        run_seed(thread, seed);
        if (thread->failure != NULL) {
            atomic_store(&simulate->stop, 0);
        }
        atomic_fetch_add(&simulate->finished, 1);
    }
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

/* Prints the progress while seeds are running. */
static void simulate_watch(const struct simulate *simulate)
{
    static const struct timespec pause = {.tv_nsec = SIMULATE_PROGRESS_MS * 1000000L};
    while (atomic_load(&simulate->finished) < simulate->seeds && atomic_load(&simulate->stop) == UINT64_MAX &&
           !signals_caught()) {
        fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " seeds   ", (uint64_t)atomic_load(&simulate->finished),
                simulate->seeds);
        (void)nanosleep(&pause, NULL);
    }
    fprintf(stderr, "\r%*s\r", 60, "");
}

/* Returns an error message, with its exit code in *code, or NULL. */
static const char *simulate_run(struct simulate *simulate, uint32_t count, int *code)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct simulate_thread threads[SIMULATE_THREADS_MAX] = {{.simulate = NULL}};
    const size_t needed = (size_t)tjob_simulator_bytes(&simulate->config);
    const size_t bytes = (needed + SIMULATE_ALIGNMENT - 1) / SIMULATE_ALIGNMENT * SIMULATE_ALIGNMENT;
    uint32_t started = 0;
    const char *failure = NULL;
    *code = EXIT_INCONCLUSIVE;
    const double began = check_now_seconds();
    for (; started < count; started++) {
        struct simulate_thread *thread = &threads[started];
        *thread = (struct simulate_thread){.simulate = simulate, .lock = &lock, .bytes = bytes};
        thread->memory = aligned_alloc(SIMULATE_ALIGNMENT, bytes);
        if (thread->memory == NULL) {
            failure = "out of memory";
        } else if (pthread_create(&thread->handle, NULL, simulate_work, thread) != 0) {
            failure = "cannot start a thread";
        }
        if (failure != NULL) {
            free(thread->memory);
            break;
        }
    }
    if (isatty(STDERR_FILENO) && failure == NULL) {
        simulate_watch(simulate);
    }
    for (uint32_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i].handle, NULL);
        free(threads[i].memory);
        if (failure == NULL && threads[i].failure != NULL) {
            failure = threads[i].failure;
            *code = threads[i].code;
        }
    }
    simulate->seconds = check_now_seconds() - began;
    return failure;
}

/* ---- The command line ------------------------------------------------------------------------------------------ */

static const tjob_fault_profile *profile_of(unsigned choice)
{
    static const tjob_fault_profile *const profiles[] = {&tjob_fault_profile_none, &tjob_fault_profile_default,
                                                         &tjob_fault_profile_storm};
    return profiles[choice];
}

/* Whether the seeds and the job are in range. Prints an error with the two options if not. */
static bool check_range(const struct arguments *arguments)
{
    const uint64_t seed = arguments_number(arguments, OPTION_SEED, 1);
    const uint64_t seeds = arguments_number(arguments, OPTION_SEEDS, 1);
    const uint64_t job = arguments_number(arguments, OPTION_JOB, 0);
    const uint64_t jobs = arguments_number(arguments, OPTION_JOBS, TJOB_SIMULATOR_JOBS_MAX);
    char which[WHICH_BYTES];
    if (seeds - 1 > UINT64_MAX - seed) {
        (void)snprintf(which, sizeof which, "--seed %" PRIu64 " --seeds %" PRIu64, seed, seeds);
        (void)arguments_complain(arguments, "the last seed exceeds 18446744073709551615:", which);
        return false;
    }
    if (job >= jobs) {
        (void)snprintf(which, sizeof which, "--job %" PRIu64 " --jobs %" PRIu64, job, jobs);
        (void)arguments_complain(arguments, "--job must be less than --jobs:", which);
        return false;
    }
    return true;
}

static void simulate_set_up(struct simulate *simulate, const struct arguments *arguments, tjob_seeded_bug bug)
{
    const bool has_profile = arguments->texts[OPTION_FAULT_PROFILE] != NULL;
    const bool alone = arguments->texts[OPTION_JOB] != NULL;
    static const tjob_store some_store; /* stands for the store of each seed: see simulated_backing_open */
    const enum store_kind store = (enum store_kind)arguments->choices[OPTION_STORE_KIND];
    *simulate = (struct simulate){
        .arguments = arguments,
        .config = {.seed = arguments_number(arguments, OPTION_SEED, 1),
                   .first_job = (uint32_t)arguments_number(arguments, OPTION_JOB, 0),
                   .jobs = alone ? 1 : (uint32_t)arguments_number(arguments, OPTION_JOBS, JOBS_DEFAULT),
                   .minutes = (uint32_t)arguments_number(arguments, OPTION_MINUTES, MINUTES_DEFAULT),
                   .faults = *profile_of(has_profile ? arguments->choices[OPTION_FAULT_PROFILE] : 1),
                   .bug = bug,
                   .store = store == STORE_SIMULATED ? NULL : &some_store},
        .seeds = arguments_number(arguments, OPTION_SEEDS, 1),
        .store = store,
        .failed_seed = UINT64_MAX,
    };
    atomic_init(&simulate->stop, UINT64_MAX);
}

static int print(struct simulate *simulate)
{
    static const tjob_trace_format formats[] = {TJOB_TRACE_TEXT, TJOB_TRACE_MERMAID};
    const struct arguments *arguments = simulate->arguments;
    void *memory =
        arguments->texts[OPTION_SHRINK] != NULL ? aligned_alloc(SIMULATE_ALIGNMENT, TJOB_SHRINK_BYTES) : NULL;
    if (arguments->texts[OPTION_SHRINK] != NULL && memory == NULL) {
        fprintf(stderr, "tjob simulate: out of memory: the violation is not shrunk\n");
    }
    int code = arguments->choices[OPTION_REPORT_FORMAT] != 0
                   ? simulate_print_json(simulate, memory)
                   : simulate_print_text(simulate, memory, formats[arguments->choices[OPTION_TRACE_FORMAT]]);
    code = simulate_write_page(simulate, memory) ? code : EXIT_STORAGE;
    free(memory);
    return code;
}

int command_simulate(const struct arguments *arguments)
{
    struct simulate simulate;
    tjob_seeded_bug bug;
    if (!check_bug(arguments, &bug)) {
        return bug == TJOB_BUG_NONE ? EXIT_DONE : EXIT_USAGE;
    }
    if (!check_range(arguments) || !check_formats(arguments) || !html_is_possible(arguments)) {
        return EXIT_USAGE;
    }
    if (arguments->texts[OPTION_HTML] != NULL && arguments->texts[OPTION_SHRINK] == NULL) {
        return arguments_complain(arguments, "--shrink is required by", "--html");
    }
    simulate_set_up(&simulate, arguments, bug);
    if (tjob_simulator_bytes(&simulate.config) == 0) {
        return arguments_complain(arguments, "only the simulated store supports the seeded bug",
                                  tjob_seeded_bug_name(bug));
    }
    uint32_t threads = check_threads(arguments);
    threads = threads < simulate.seeds ? threads : (uint32_t)simulate.seeds;
    if (simulate.store == STORE_FILE) {
        signals_catch();
    }
    int code;
    const char *failure =
        simulate_run(&simulate, threads < SIMULATE_THREADS_MAX ? threads : SIMULATE_THREADS_MAX, &code);
    signals_obey();
    if (failure != NULL) {
        fprintf(stderr, "tjob simulate: %s\n", failure);
        return code;
    }
    return print(&simulate);
}
