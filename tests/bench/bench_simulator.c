/*
 * What an operation costs in a simulation, from a thousand jobs to a million: the whole of it, checker, faults and
 * queue of events included; beside the bare operations, driven one after the other over as many records, with nothing
 * around them. Times are those of the processor, so that other programs on the machine count as little as they can.
 */
#define _DEFAULT_SOURCE /* NOLINT: for madvise */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "tjob/simulator.h"

enum { HUGE_PAGE = 2 << 20, OPERATIONS = 10000000, REPEATS = 3 };

static void *memory_of(size_t bytes)
{
    const size_t whole = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, whole);
    if (memory == NULL) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    (void)madvise(memory, whole, MADV_HUGEPAGE);
    return memory;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- Bare operations ------------------------------------------------------------------------------------------- */

struct record {
    tjob_job job;
    uint64_t version;
};

static void drive(struct record *record, const tjob_event *event, uint64_t now_ms)
{
    static const tjob_policy policy = {0};
    tjob_operation operation;
    tjob_operation_begin(&operation, event);
    tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    const tjob_load_status status = record->job.state == TJOB_ABSENT ? TJOB_LOAD_NOT_FOUND : TJOB_LOAD_OK;
    tjob_operation_loaded(&operation, &policy, status, &record->job, record->version, now_ms);
    if (operation.ask == TJOB_ASK_SWAP) {
        const tjob_job *next = tjob_operation_next(&operation);
        record->job = next != NULL ? *next : (tjob_job){.state = TJOB_ABSENT};
        record->version++;
        tjob_operation_swapped(&operation, TJOB_SWAP_OK);
    }
}

/* An incarnation of a job, over and over; one job after the other in no order that a processor could guess. */
static double bare_ns(uint32_t jobs)
{
    static const tjob_event incarnation[] = {{.kind = TJOB_SUBMIT, .token = 1},
                                             {.kind = TJOB_DESCRIBE},
                                             {.kind = TJOB_START, .trainer_token = 1},
                                             {.kind = TJOB_DESCRIBE},
                                             {.kind = TJOB_STOP},
                                             {.kind = TJOB_HALTED, .trainer_token = 1},
                                             {.kind = TJOB_DELETE},
                                             {.kind = TJOB_REMOVED}};
    struct record *records = memory_of(jobs * sizeof *records);
    for (uint32_t i = 0; i < jobs; i++) {
        records[i] = (struct record){.version = 0};
    }
    uint64_t random = 1;
    const double began = seconds();
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        struct record *record = &records[(random >> 32) * jobs >> 32];
        drive(record, &incarnation[record->version % (sizeof incarnation / sizeof incarnation[0])], 1 + i);
    }
    const double took = seconds() - began;
    free(records);
    return took / OPERATIONS * 1e9;
}

/* ---- Simulations ----------------------------------------------------------------------------------------------- */

/* As long as about ten million operations take; the best of some runs. */
static void simulate(uint32_t jobs, const tjob_fault_profile *faults, const char *name)
{
    const uint32_t hours = jobs < 100000 ? 24 : jobs < 1000000 ? 12 : 4;
    tjob_simulator_config config = {.seed = 1, .jobs = jobs, .minutes = hours * 60, .faults = *faults};
    const size_t bytes = (size_t)tjob_simulator_bytes(&config);
    void *memory = memory_of(bytes);
    double best = 0;
    uint64_t operations = 0;
    for (int repeat = 0; repeat < (jobs < 1000000 ? REPEATS : 1); repeat++) {
        const double began = seconds();
        tjob_simulator *simulator = tjob_simulator_init(&config, memory, bytes);
        const tjob_simulation end = tjob_simulator_run(simulator, UINT32_MAX);
        const double took = seconds() - began;
        if (end != TJOB_SIMULATION_PASSED) {
            fprintf(stderr, "%s\n", tjob_simulation_name(end));
            exit(EXIT_FAILURE);
        }
        operations = tjob_simulator_report_of(simulator)->operation_count;
        best = repeat == 0 || took < best ? took : best;
    }
    free(memory);
    printf("| %s | %" PRIu32 " | %" PRIu32 " h | %" PRIu64 " | %.0f ns | %.2f million | %.0f ns |\n", name, jobs, hours,
           operations, best / (double)operations * 1e9, (double)operations / best / 1e6, bare_ns(jobs));
}

int main(void)
{
    printf("| faults | jobs | virtual time | operations | an operation | operations a second | a bare one |\n"
           "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (uint32_t jobs = 1000; jobs <= 1000000; jobs *= 10) {
        simulate(jobs, &tjob_fault_profile_default, "default");
    }
    simulate(10000, &tjob_fault_profile_none, "none");
    simulate(10000, &tjob_fault_profile_storm, "storm");
    return EXIT_SUCCESS;
}
