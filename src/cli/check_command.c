/* tjob check: explores the lifecycle model. */
#define _DEFAULT_SOURCE /* NOLINT: for madvise and sysconf */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/commands.h"
#include "cli/html.h"
#include "verify/explorer/conclusion.h"

enum { CHECK_PROGRESS_MS = 200 };

#define MEMORY_DEFAULT (UINT64_C(1) << 28)

/* ---- Configuration --------------------------------------------------------------------------------------------- */

/* Parses a size such as 512M; returns 0 if it is invalid. */
static uint64_t size_of(const char *text)
{
    static const char units[] = "KMG";
    char *end;
    errno = 0;
    uint64_t size = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    if (size == 0 || errno != 0) {
        return 0;
    }
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (unit != NULL) {
        const unsigned shift = 10 * (unsigned)(unit - units + 1);
        size = size <= UINT64_MAX >> shift ? size << shift : 0;
        end++;
    }
    return *end == '\0' ? size : 0;
}

static tjob_seeded_bug bug_of(const char *name)
{
    int bug = 0;
    while (bug < TJOB_SEEDED_BUG_COUNT && strcmp(tjob_seeded_bug_name((tjob_seeded_bug)bug), name) != 0) {
        bug++;
    }
    return (tjob_seeded_bug)bug;
}

static void list_seeded_bugs(void)
{
    for (int bug = TJOB_BUG_NONE + 1; bug < TJOB_SEEDED_BUG_COUNT; bug++) {
        printf("%-28s %s\n", tjob_seeded_bug_name((tjob_seeded_bug)bug),
               tjob_seeded_bug_sentence((tjob_seeded_bug)bug));
    }
}

bool check_bug(const struct arguments *arguments, tjob_seeded_bug *bug)
{
    const char *name = arguments->texts[OPTION_BUG];
    *bug = TJOB_BUG_NONE;
    if (name != NULL && strcmp(name, "list") == 0) {
        list_seeded_bugs();
        return false;
    }
    *bug = name != NULL ? bug_of(name) : TJOB_BUG_NONE;
    if (*bug == TJOB_SEEDED_BUG_COUNT) {
        (void)arguments_complain(arguments, "unknown seeded bug", name);
        return false;
    }
    return true;
}

bool check_formats(const struct arguments *arguments)
{
    if (arguments->texts[OPTION_TRACE_FORMAT] != NULL && arguments->choices[OPTION_REPORT_FORMAT] != 0) {
        (void)arguments_complain(arguments, "--trace-format is not for --format",
                                 arguments->texts[OPTION_REPORT_FORMAT]);
        return false;
    }
    return true;
}

tjob_lifecycle_config check_config(const struct arguments *arguments)
{
    return (tjob_lifecycle_config){
        .clients = (uint32_t)arguments_number(arguments, OPTION_CLIENTS, 2),
        .trainers = (uint32_t)arguments_number(arguments, OPTION_TRAINERS, 2),
        .retries = (uint32_t)arguments_number(arguments, OPTION_RETRIES, 1),
        .faults = (uint32_t)arguments_number(arguments, OPTION_FAULTS, 1),
        .incarnations = (uint32_t)arguments_number(arguments, OPTION_INCARNATIONS, 2),
        .policy = {.stop_submitted = arguments->choices[OPTION_STOP_SUBMITTED],
                   .stop_finished = arguments->choices[OPTION_STOP_FINISHED]},
        .no_symmetry = arguments->texts[OPTION_NO_REDUCTION] != NULL,
        .no_reduction = arguments->texts[OPTION_NO_REDUCTION] != NULL,
    };
}

/* ---- The search ------------------------------------------------------------------------------------------------ */

static void *check_map(uint64_t bytes)
{
    if (bytes > SIZE_MAX) {
        return NULL;
    }
    void *memory =
        mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    /* Accesses to the state table are random: huge pages save most TLB misses. */
    (void)madvise(memory, (size_t)bytes, MADV_HUGEPAGE);
    return memory;
}

static void yield(void)
{
    (void)sched_yield();
}

bool check_set_up(struct check *check, const tjob_lifecycle_config *config, uint64_t memory, uint32_t threads)
{
    const uint64_t model_bytes = tjob_lifecycle_model_bytes(config);
    *check = (struct check){.threads = threads, .model_bytes = model_bytes, .search_bytes = memory};
    check->model_memory = check_map(model_bytes);
    check->search_memory = check_map(memory);
    if (check->model_memory == NULL || check->search_memory == NULL) {
        return false;
    }
    check->model = tjob_lifecycle_model_init(config, check->model_memory, (size_t)model_bytes);
    check->explorer =
        tjob_explorer_init(tjob_lifecycle_model_of(check->model), check->search_memory, (size_t)memory, threads, yield);
    return check->explorer != NULL;
}

void check_tear_down(struct check *check)
{
    if (check->model_memory != NULL) {
        (void)munmap(check->model_memory, (size_t)check->model_bytes);
    }
    if (check->search_memory != NULL) {
        (void)munmap(check->search_memory, (size_t)check->search_bytes);
    }
}

struct check_thread {
    pthread_t handle;
    struct check *check;
    uint32_t number;
};

static void *check_work(void *argument)
{
    const struct check_thread *thread = argument;
    (void)tjob_explorer_run(thread->check->explorer, thread->number);
    atomic_fetch_add(&thread->check->finished, 1);
    return NULL;
}

double check_now_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void print_progress(const struct check *check, double seconds)
{
    tjob_exploration_counts counts;
    tjob_explorer_counts(check->explorer, &counts);
    fprintf(stderr,
            "\r%" PRIu64 " states, %.2f million per second, depth %" PRIu64 ", %" PRIu64 " queued, %" PRIu64
            " checked for liveness   ",
            counts.states, seconds > 0 ? (double)counts.states / seconds / 1e6 : 0, counts.depth, counts.waiting,
            counts.live);
}

static void check_watch(const struct check *check, uint32_t started, double began)
{
    static const struct timespec pause = {.tv_nsec = CHECK_PROGRESS_MS * 1000000L};
    while (atomic_load(&check->finished) < started) {
        print_progress(check, check_now_seconds() - began);
        (void)nanosleep(&pause, NULL);
    }
    fprintf(stderr, "\r%*s\r", 100, "");
}

bool check_run(struct check *check)
{
    struct check_thread threads[TJOB_EXPLORER_THREADS_MAX];
    uint32_t started = 0;
    const double began = check_now_seconds();
    for (; started < check->threads; started++) {
        threads[started] = (struct check_thread){.check = check, .number = started};
        if (pthread_create(&threads[started].handle, NULL, check_work, &threads[started]) != 0) {
            /* The started threads wait for the others forever, so the program must exit. */
            fprintf(stderr, "tjob check: cannot start a thread\n");
            exit(EXIT_STORAGE);
        }
    }
    if (isatty(STDERR_FILENO)) {
        check_watch(check, started, began);
    }
    for (uint32_t i = 0; i < started; i++) {
        (void)pthread_join(threads[i].handle, NULL);
    }
    check->seconds = check_now_seconds() - began;
    return tjob_explorer_end(check->explorer) == TJOB_EXPLORATION_COMPLETE;
}

uint32_t check_threads(const struct arguments *arguments)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const uint64_t otherwise = processors < 1                           ? 1
                               : processors > TJOB_EXPLORER_THREADS_MAX ? TJOB_EXPLORER_THREADS_MAX
                                                                        : (uint64_t)processors;
    return (uint32_t)arguments_number(arguments, OPTION_THREADS, otherwise);
}

/* ---- Results --------------------------------------------------------------------------------------------------- */

void check_write(void *context, const char *text, size_t bytes)
{
    (void)context;
    (void)fwrite(text, 1, bytes, stdout);
}

static void print_trace(struct check *check, uint32_t property, tjob_trace_format format)
{
    tjob_trace_printer printer = {.format = format, .write = check_write};
    (void)tjob_trace_print(&printer, check->explorer, tjob_lifecycle_model_of(check->model), property);
}

static int check_code(const struct check *check)
{
    const tjob_verdict conclusion = tjob__conclusion_of(check->explorer);
    return conclusion == TJOB_VERDICT_HOLDS      ? EXIT_DONE
           : conclusion == TJOB_VERDICT_VIOLATED ? EXIT_VIOLATED
                                                 : EXIT_INCONCLUSIVE;
}

static const char *check_conclusion(const struct check *check)
{
    return tjob__conclusion_name(tjob__conclusion_of(check->explorer));
}

static int check_print_text(struct check *check, tjob_trace_format format)
{
    const tjob_model *model = tjob_lifecycle_model_of(check->model);
    tjob_exploration_counts counts;
    tjob_explorer_counts(check->explorer, &counts);
    printf("%" PRIu64 " states, %" PRIu64 " transitions, depth %" PRIu64 "; %.2f seconds, %.1f bytes per state\n\n",
           counts.states, counts.transitions, counts.depth, check->seconds,
           (double)counts.bytes_used / (double)(counts.states != 0 ? counts.states : 1));
    for (uint32_t i = 0; i < model->property_count; i++) {
        const tjob_property *property = &model->properties[i];
        printf("%-25s %-14s %12" PRIu64 "  %s\n", property->name,
               tjob_verdict_name(tjob_explorer_verdict(check->explorer, i)),
               tjob_explorer_exercised(check->explorer, i), property->sentence);
    }
    const uint32_t property = tjob__conclusion_violated(check->explorer);
    if (property < model->property_count) {
        printf("\nA shortest trace to a violation of %s:\n\n", model->properties[property].name);
        print_trace(check, property, format);
    }
    printf("\nSearch: %s. Verdict: %s.\n", tjob_exploration_name(tjob_explorer_end(check->explorer)),
           check_conclusion(check));
    return check_code(check);
}

static int check_print_json(struct check *check)
{
    const tjob_model *model = tjob_lifecycle_model_of(check->model);
    tjob_exploration_counts counts;
    tjob_explorer_counts(check->explorer, &counts);
    printf("{\"verdict\":\"%s\",\"search\":\"%s\",\"states\":\"%" PRIu64 "\",\"transitions\":\"%" PRIu64
           "\",\"depth\":\"%" PRIu64 "\",\"seconds\":%.3f,\"properties\":[",
           check_conclusion(check), tjob_exploration_name(tjob_explorer_end(check->explorer)), counts.states,
           counts.transitions, counts.depth, check->seconds);
    for (uint32_t i = 0; i < model->property_count; i++) {
        printf("%s{\"name\":\"%s\",\"verdict\":\"%s\",\"exercised\":\"%" PRIu64 "\",\"says\":\"%s\"}",
               i != 0 ? "," : "", model->properties[i].name,
               tjob_verdict_name(tjob_explorer_verdict(check->explorer, i)),
               tjob_explorer_exercised(check->explorer, i), model->properties[i].sentence);
    }
    printf("]");
    const uint32_t property = tjob__conclusion_violated(check->explorer);
    if (property < model->property_count) {
        printf(",\"violated\":\"%s\",\"trace\":", model->properties[property].name);
        print_trace(check, property, TJOB_TRACE_JSON);
    }
    printf("}\n");
    return check_code(check);
}

/* Writes the page, if the command line asks for it. */
static int check_write_page(const struct arguments *arguments, struct check *check, int code)
{
    const tjob_model *model = tjob_lifecycle_model_of(check->model);
    const uint32_t number = tjob__conclusion_violated(check->explorer);
    const tjob_property *property = number < model->property_count ? &model->properties[number] : NULL;
    return html_write_check(arguments, check->model, check->explorer, property, number) ? code : EXIT_STORAGE;
}

int command_check(const struct arguments *arguments)
{
    static const tjob_trace_format formats[] = {TJOB_TRACE_TEXT, TJOB_TRACE_MERMAID};
    tjob_lifecycle_config config = check_config(arguments);
    if (!check_bug(arguments, &config.bug)) {
        return config.bug == TJOB_BUG_NONE ? EXIT_DONE : EXIT_USAGE;
    }
    if (!check_formats(arguments) || !html_is_possible(arguments)) {
        return EXIT_USAGE;
    }
    const char *size = arguments->texts[OPTION_MEMORY];
    const uint64_t memory = size != NULL ? size_of(size) : MEMORY_DEFAULT;
    if (memory == 0) {
        return arguments_complain(arguments, "--memory must be a size such as 512M, not", size);
    }
    struct check check;
    int code = EXIT_INCONCLUSIVE;
    if (check_set_up(&check, &config, memory, check_threads(arguments))) {
        (void)check_run(&check);
        code = arguments->choices[OPTION_REPORT_FORMAT] != 0
                   ? check_print_json(&check)
                   : check_print_text(&check, formats[arguments->choices[OPTION_TRACE_FORMAT]]);
        code = check_write_page(arguments, &check, code);
    } else {
        const bool mapped = check.model_memory != NULL && check.search_memory != NULL;
        fprintf(stderr, "tjob check: %s\n", mapped ? "--memory is too small" : "out of memory");
    }
    check_tear_down(&check);
    return code;
}
