/* Prints the results of simulations, as text and as JSON. */
#include <inttypes.h>
#include <string.h>

#include "cli/check.h"
#include "cli/html.h"
#include "cli/simulate.h"
#include "cli/signals.h"

enum { SIMULATE_BAR_WIDTH = 50, CLASSES_OF_A_ROW = 8, REPLAY_TEXT_BYTES = 256 };

static int simulate_code(const struct simulate *simulate)
{
    return simulate->failed_seed != UINT64_MAX ? EXIT_VIOLATED
           : simulate->inconclusive != 0       ? EXIT_INCONCLUSIVE
                                               : EXIT_DONE;
}

static const char *simulate_conclusion(const struct simulate *simulate)
{
    static const char *const words[] = {
        [EXIT_DONE] = "everything held", [EXIT_VIOLATED] = "violated", [EXIT_INCONCLUSIVE] = "inconclusive"};
    return words[simulate_code(simulate)];
}

static const char *simulate_text_or(const struct simulate *simulate, enum option option, const char *otherwise)
{
    const char *text = simulate->arguments->texts[option];
    return text != NULL ? text : otherwise;
}

/* Writes the command that runs the failed job again, alone. */
static void write_replay(const struct simulate *simulate, char text[REPLAY_TEXT_BYTES])
{
    const tjob_simulator_report *failure = &simulate->failure;
    const bool has_bug = simulate->config.bug != TJOB_BUG_NONE;
    (void)snprintf(text, REPLAY_TEXT_BYTES,
                   "tjob simulate --seed %" PRIu64 " --job %" PRIu32 " --minutes %" PRIu32
                   " --faults %s --store %s%s%s --shrink",
                   simulate->config.seed + simulate->failed_seed, failure->violation.job, simulate->config.minutes,
                   simulate_text_or(simulate, OPTION_FAULT_PROFILE, "default"),
                   simulate_text_or(simulate, OPTION_STORE_KIND, "simulated"), has_bug ? " --bug " : "",
                   has_bug ? tjob_seeded_bug_name(simulate->config.bug) : "");
}

static void print_replay(const struct simulate *simulate)
{
    char text[REPLAY_TEXT_BYTES];
    write_replay(simulate, text);
    printf("%s", text);
}

static tjob_shrunk simulate_shrink(struct simulate *simulate, void *memory, tjob_trace_printer *printer)
{
    tjob_simulator_config config = simulate->config;
    struct simulated_backing backing;
    config.seed += simulate->failed_seed;
    if (simulated_backing_open(&backing, simulate->store, &config) != NULL) {
        return (tjob_shrunk){.reproduced = false};
    }
    simulate->shrunk = tjob_simulator_shrink(&config, &simulate->failure, memory, printer);
    simulated_backing_close(&backing);
    signals_obey();
    return simulate->shrunk;
}

/* ---- Text ------------------------------------------------------------------------------------------------------ */

static void print_operations(const tjob_simulator_report *sum)
{
    for (int kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        uint64_t count = 0;
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            count += sum->operations[kind][status];
        }
        printf("%-24s %12" PRIu64, tjob_event_kind_name((tjob_event_kind)kind), count);
        const char *before = ":  ";
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            if (sum->operations[kind][status] != 0) {
                printf("%s%" PRIu64 " %s", before, sum->operations[kind][status],
                       tjob_status_name((tjob_status)status));
                before = ", ";
            }
        }
        printf("\n");
    }
}

static void print_faults(const tjob_simulator_report *sum)
{
    printf("\nFaults:");
    const char *before = " ";
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        if (sum->faults[fault] != 0) {
            printf("%s%" PRIu64 " %s", before, sum->faults[fault], tjob_fault_name((tjob_fault)fault));
            before = ", ";
        }
    }
    printf("%s\n", before[0] == ' ' ? " none" : "");
}

/* Prints the histogram of stop times: one row for each CLASSES_OF_A_ROW bins that are not all empty. */
static void print_stops(const tjob_histogram *stops)
{
    printf("\nTime to stop, by the records: %" PRIu64 " stops, p50 %" PRIu32 " ms, p99 %" PRIu32 " ms, max %" PRIu32
           " ms\n",
           stops->count, tjob_histogram_quantile(stops, 500), tjob_histogram_quantile(stops, 990), stops->most_ms);
    for (uint32_t first = 0; first < TJOB_HISTOGRAM_BINS; first += CLASSES_OF_A_ROW) {
        uint64_t count = 0;
        for (uint32_t i = first; i < first + CLASSES_OF_A_ROW; i++) {
            count += stops->counts[i];
        }
        if (count != 0) {
            const int width = (int)(count * SIMULATE_BAR_WIDTH / stops->count);
            printf("  up to %10" PRIu32 " ms %10" PRIu64 " %.*s\n",
                   tjob_histogram_bin_end(first + CLASSES_OF_A_ROW - 1), count, width,
                   "##################################################");
        }
    }
}

static void print_failure(struct simulate *simulate, void *memory, tjob_trace_format format)
{
    const tjob_simulator_report *failure = &simulate->failure;
    printf("\nSeed %" PRIu64 " violates %s: %s.\nSeen in job %" PRIu32 " after %" PRIu32
           " ms, on event: %s.\nTo reproduce: ",
           simulate->config.seed + simulate->failed_seed, tjob_invariant_name(failure->violation.invariant),
           tjob_invariant_sentence(failure->violation.invariant), failure->violation.job, failure->violation.time_ms,
           tjob_event_kind_name(failure->violation.event));
    print_replay(simulate);
    printf("\n");
    if (memory == NULL) {
        return;
    }
    tjob_trace_printer printer = {.format = format, .write = check_write};
    printf("\n");
    const tjob_shrunk shrunk = simulate_shrink(simulate, memory, &printer);
    if (!shrunk.reproduced) {
        printf(
            "Cannot shrink it: the job alone does not violate it before quiescence, or its store cannot be created.\n");
        return;
    }
    printf("\nShrunk from %" PRIu32 " operations and %" PRIu32 " accesses to %" PRIu32 " and %" PRIu32 " in %" PRIu64
           " runs. It violates %s: %s.\n",
           shrunk.operations_before, shrunk.accesses_before, shrunk.operations, shrunk.accesses, shrunk.runs,
           tjob_invariant_name(shrunk.invariant), tjob_invariant_sentence(shrunk.invariant));
}

int simulate_print_text(struct simulate *simulate, void *memory, tjob_trace_format format)
{
    const tjob_simulator_report *sum = &simulate->sum;
    printf("Seeds from %" PRIu64 ": %" PRIu64 " passed, %" PRIu64 " inconclusive. Jobs: %" PRIu32 ", minutes: %" PRIu32
           ", faults: %s, store: %s.\n\n",
           simulate->config.seed, simulate->passed, simulate->inconclusive, simulate->config.jobs,
           simulate->config.minutes, simulate_text_or(simulate, OPTION_FAULT_PROFILE, "default"),
           simulate_text_or(simulate, OPTION_STORE_KIND, "simulated"));
    print_operations(sum);
    print_faults(sum);
    print_stops(&sum->stops);
    if (simulate->inconclusive != 0) {
        printf("\nBound reached: %s; inconclusive jobs: %" PRIu64 "\n", tjob_simulator_bound_name(sum->bound),
               sum->inconclusive_jobs);
    }
    printf("\n%" PRIu64 " operations, %" PRIu64 " loads, %" PRIu64
           " swaps in %.2f seconds: %.2f million operations per second\n",
           sum->operation_count, sum->loads, sum->swaps, simulate->seconds,
           (double)sum->operation_count / (simulate->seconds > 0 ? simulate->seconds : 1) / 1e6);
    printf("Digest: %016" PRIx64 "\n", sum->digest);
    if (simulate->failed_seed != UINT64_MAX) {
        print_failure(simulate, memory, format);
    }
    printf("\nVerdict: %s.\n", simulate_conclusion(simulate));
    return simulate_code(simulate);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void print_json_counts(const tjob_simulator_report *sum)
{
    printf(",\"operations\":{");
    for (int kind = 0; kind < TJOB_EVENT_KIND_COUNT; kind++) {
        const char *before = "";
        printf("%s\"%s\":{", kind != 0 ? "," : "", tjob_event_kind_name((tjob_event_kind)kind));
        for (int status = 0; status < TJOB_STATUS_COUNT; status++) {
            if (sum->operations[kind][status] != 0) {
                printf("%s\"%s\":\"%" PRIu64 "\"", before, tjob_status_name((tjob_status)status),
                       sum->operations[kind][status]);
                before = ",";
            }
        }
        printf("}");
    }
    printf("},\"faults\":{");
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        printf("%s\"%s\":\"%" PRIu64 "\"", fault != 0 ? "," : "", tjob_fault_name((tjob_fault)fault),
               sum->faults[fault]);
    }
    printf("},\"stops\":{\"count\":\"%" PRIu64 "\",\"p50_ms\":%" PRIu32 ",\"p99_ms\":%" PRIu32 ",\"most_ms\":%" PRIu32
           "}",
           sum->stops.count, tjob_histogram_quantile(&sum->stops, 500), tjob_histogram_quantile(&sum->stops, 990),
           sum->stops.most_ms);
}

static void print_json_failure(struct simulate *simulate, void *memory)
{
    const tjob_simulator_report *failure = &simulate->failure;
    printf(",\"violation\":{\"check\":\"%s\",\"says\":\"%s\",\"seed\":\"%" PRIu64 "\",\"job\":%" PRIu32
           ",\"time_ms\":%" PRIu32 ",\"event\":\"%s\",\"replay\":\"",
           tjob_invariant_name(failure->violation.invariant), tjob_invariant_sentence(failure->violation.invariant),
           simulate->config.seed + simulate->failed_seed, failure->violation.job, failure->violation.time_ms,
           tjob_event_kind_name(failure->violation.event));
    print_replay(simulate);
    printf("\"}");
    if (simulate->arguments->texts[OPTION_SHRINK] != NULL) {
        tjob_trace_printer printer = {.format = TJOB_TRACE_JSON, .write = check_write};
        printf(",\"trace\":");
        if (memory == NULL || !simulate_shrink(simulate, memory, &printer).reproduced) {
            printf("null");
        }
    }
}

int simulate_print_json(struct simulate *simulate, void *memory)
{
    const tjob_simulator_report *sum = &simulate->sum;
    printf("{\"verdict\":\"%s\",\"seed\":\"%" PRIu64 "\",\"passed\":\"%" PRIu64 "\",\"inconclusive\":\"%" PRIu64
           "\",\"digest\":\"%016" PRIx64 "\",\"operation_count\":\"%" PRIu64 "\",\"loads\":\"%" PRIu64
           "\",\"swaps\":\"%" PRIu64 "\",\"seconds\":%.3f",
           simulate_conclusion(simulate), simulate->config.seed, simulate->passed, simulate->inconclusive, sum->digest,
           sum->operation_count, sum->loads, sum->swaps, simulate->seconds);
    print_json_counts(sum);
    if (simulate->failed_seed != UINT64_MAX) {
        print_json_failure(simulate, memory);
    }
    printf("}\n");
    return simulate_code(simulate);
}

bool simulate_write_page(const struct simulate *simulate, void *memory)
{
    char command[REPLAY_TEXT_BYTES];
    write_replay(simulate, command);
    return html_write_simulation(simulate->arguments, &simulate->config, memory, &simulate->shrunk, command);
}
