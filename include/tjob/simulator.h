/*
 * Deterministic simulation: many jobs at once, in virtual time, under every fault, from one seed.
 *
 * A workload decides which actor starts which operation on each job; every operation is the tjob_operation that ships.
 * Its requests travel to a store and the answers travel back, which takes time: operations overlap, and answers are
 * lost, late or wrong as the fault profile says. The history of each job goes to the checker of tjob/history_checker.h;
 * what the store applies and returns is compared with a second, independent version of the transition table.
 *
 * A run is determined by the configuration alone, on every machine: it uses no floating point, no clock and no thread.
 * What happens to one job is determined by the seed and the number of the job, so that one job can be run again without
 * the others. docs/simulation.md describes what is simulated, and how to read a failure.
 */
#ifndef TJOB_SIMULATOR_H
#define TJOB_SIMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/actor.h"
#include "tjob/history_checker.h"
#include "tjob/invariant.h"
#include "tjob/seeded_bug.h"
#include "tjob/store.h"
#include "tjob/store_model.h"
#include "tjob/trace_printer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A simulation. Opaque: see tjob_simulator_init. */
typedef struct tjob_simulator tjob_simulator;

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

#define TJOB_SIMULATOR_JOBS_MAX (UINT32_C(1) << 28) /* also one more than the highest number of a job */
#define TJOB_SIMULATOR_CALLS_MAX (UINT32_C(1) << 28)
#define TJOB_SIMULATOR_TIMERS_MAX (UINT32_C(1) << 31)
#define TJOB_SIMULATOR_CLOCK_MS_MAX INT32_MAX /* of a fault profile */
#define TJOB_SIMULATOR_CALLS_OF_JOB_MAX 192   /* calls of one job that the history checker has not explained yet */
#define TJOB_SIMULATOR_MINUTES_MAX 70000      /* virtual time is in milliseconds, in 32 bits */
#define TJOB_SIMULATOR_TAGS_MAX 8             /* the tags of the timers of one job are below this */
#define TJOB_SIMULATOR_STATE_WORDS 2          /* what a workload may keep for each job, in words of 64 bits */

/*
 * After the last minute no more faults happen, and the system has TJOB_SIMULATOR_QUIESCE_MS to quiesce. In the last
 * TJOB_SIMULATOR_DRAIN_MS of that time no timer fires any more: operations in flight run to their end.
 */
#define TJOB_SIMULATOR_QUIESCE_MS (3 * 60 * 60 * 1000)
#define TJOB_SIMULATOR_DRAIN_MS (10 * 60 * 1000)

/* The maximum memory of a job, including its record in the library's store and its timers; and of a call. In bytes. */
#define TJOB_SIMULATOR_BYTES_PER_JOB 256
#define TJOB_SIMULATOR_BYTES_PER_CALL 408

/* The start of an actor's virtual clock, if that clock is right, in Unix milliseconds. */
#define TJOB_SIMULATOR_EPOCH_MS UINT64_C(1600000000000)

/* ---- Faults ---------------------------------------------------------------------------------------------------- */

/* The kinds of faults. */
typedef enum tjob_fault {
    /* of a client's request, before it touches the store */
    TJOB_FAULT_THROTTLED = 0,
    TJOB_FAULT_DENIED,
    TJOB_FAULT_CANNOT_AUTHORIZE,

    /* of a load */
    TJOB_FAULT_LOAD_UNAVAILABLE,

    /* of a swap */
    TJOB_FAULT_SWAP_UNAVAILABLE, /* answered UNAVAILABLE, not applied */
    TJOB_FAULT_CONFLICT,         /* answered CONFLICT without a reason: a spurious conflict */
    TJOB_FAULT_FULL,             /* answered FULL; only for a creation */
    TJOB_FAULT_LOST_BEFORE,      /* the request is lost on its way to the store */
    TJOB_FAULT_LOST_AFTER,       /* applied, and the answer is lost */
    TJOB_FAULT_LATE,             /* answered UNKNOWN, and applied late if its version still matches then */
    TJOB_FAULT_DUPLICATED,       /* arrives a second time, later */
    TJOB_FAULT_STORE_CRASH,      /* applied and not acknowledged, and soon after the store crashes */

    /* of loads and swaps */
    TJOB_FAULT_SLOW,        /* the answer takes long */
    TJOB_FAULT_ACTOR_CRASH, /* the actor loses its operation, and restarts */
    TJOB_FAULT_PARTITION,   /* for a window of time, requests of one kind of actor do not reach the store */
    TJOB_FAULT_OUTAGE,      /* for a window of time, the store answers nobody */

    TJOB_FAULT_CLOCK /* for a window of time, an actor's clock is off, and drifts */
} tjob_fault;

#define TJOB_FAULT_COUNT 17

/* Returns the name of a fault, such as "lost-after"; "?" outside the enum. Static; thread-safe. */
const char *tjob_fault_name(tjob_fault fault);

/*
 * How often each fault happens. Time is divided into windows; a window is calm or, at random, a burst. The seed and the
 * number of a window determine whether it is a burst, and whether it has an outage, a partition or a wrong clock.
 */
typedef struct tjob_fault_profile {
    uint32_t rates_ppm[TJOB_FAULT_COUNT]; /* faults in a million requests, or windows: 0 to 1,000,000 */
    uint32_t burst_ppm;                   /* bursts in a million windows */
    uint32_t burst_factor;                /* in a burst, the rates of single requests are multiplied by this */
    uint32_t window_ms;                   /* the length of a window; not 0 if any rate is not 0 */
    uint32_t slow_ms;                     /* the maximum delay of a slow answer */
    uint32_t late_ms;                     /* the maximum delay of a late or duplicated request */
    uint32_t clock_ms;                    /* the maximum error of a clock when it goes wrong, which it does for 40
                                             windows at a time, in which it drifts by at most 1/64 besides; at most
                                             TJOB_SIMULATOR_CLOCK_MS_MAX */
} tjob_fault_profile;

/* Profiles: no faults; a bad day; a storm, in which nearly every operation meets a fault. */
extern const tjob_fault_profile tjob_fault_profile_none;
extern const tjob_fault_profile tjob_fault_profile_default;
extern const tjob_fault_profile tjob_fault_profile_storm;

/* ---- The workload ---------------------------------------------------------------------------------------------- */

/*
 * What the actors do. A callback may call the functions below, for its own job. What it does must be determined by its
 * arguments and those functions; for a job to be run alone, by that job alone. The thread that runs the simulation
 * calls the callbacks; `context` is passed to them unchanged.
 */
typedef struct tjob_workload {
    void *context;

    /* A job begins: called once for each job, at time 0, by tjob_simulator_init. */
    void (*begin)(void *context, tjob_simulator *simulator, uint32_t job);

    /* A timer of the job is due; `tag` is that of tjob_simulator_timer. */
    void (*timer)(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag);

    /*
     * An operation ended with an outcome. An actor that crashed gets TJOB_UNRESOLVED when it restarts. Called for each
     * tjob_simulator_call that returned true. `event` and `outcome` are valid during the call.
     */
    void (*ended)(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome);
} tjob_workload;

/*
 * The default workload: hosts that submit, remove and submit again under the same name; trainers, some of which are
 * given up and still report; clients that stop, describe and delete, with back-off; supervisors. See
 * docs/simulation.md.
 */
extern const tjob_workload tjob_workload_default;

/* Starts an operation of an actor on a job, now. Copies *event. Returns false if there are too many calls: the
 * simulation then ends as inconclusive. */
bool tjob_simulator_call(tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event);

/* Sets a timer, which passes `tag`, below TJOB_SIMULATOR_TAGS_MAX, to the `timer` callback after `delay_ms`
 * milliseconds; 0 counts as 1. Returns false if there are too many timers: the simulation then ends as inconclusive. */
bool tjob_simulator_timer(tjob_simulator *simulator, uint32_t job, uint32_t tag, uint32_t delay_ms);

/* Returns the TJOB_SIMULATOR_STATE_WORDS words that the workload may keep for a job: 0 at first; valid as long as the
 * simulation. */
uint64_t *tjob_simulator_state(tjob_simulator *simulator, uint32_t job);

/* Return the next random number of a job: one of 64 random bits, by SplitMix64; and one that is exponentially
 * distributed with a mean of `mean_ms`. */
uint64_t tjob_simulator_random(tjob_simulator *simulator, uint32_t job);
uint32_t tjob_simulator_exponential(tjob_simulator *simulator, uint32_t job, uint32_t mean_ms);

/* Returns a random number that is always the same for a job. */
uint64_t tjob_simulator_trait(const tjob_simulator *simulator, uint32_t job);

/* Return the virtual time in milliseconds; and whether the last minute is over, after which a workload should start
 * nothing new. */
uint32_t tjob_simulator_now_ms(const tjob_simulator *simulator);
bool tjob_simulator_is_quiescing(const tjob_simulator *simulator);

/* ---- The simulation -------------------------------------------------------------------------------------------- */

/* What to simulate. `jobs` and `minutes` must be set; every other member may be 0. */
typedef struct tjob_simulator_config {
    uint64_t seed;
    uint32_t first_job; /* jobs are numbered from here */
    uint32_t jobs;      /* 1 to TJOB_SIMULATOR_JOBS_MAX - first_job */
    uint32_t minutes;   /* of virtual time, before the system quiesces; 1 to TJOB_SIMULATOR_MINUTES_MAX */
    uint32_t calls;     /* the maximum number of calls in flight or not yet linearized, of all jobs, and the maximum
                           number of late writes, up to TJOB_SIMULATOR_CALLS_MAX; 0 = 4096 plus one for 16 jobs, or one
                           for each job if more than one answer in a hundred is lost */
    uint32_t timers;    /* the maximum number of timers set at once, of all jobs, up to TJOB_SIMULATOR_TIMERS_MAX; 0 =
                           4096 plus twelve for five jobs */

    tjob_policy policy; /* with a transition of the caller's own, what the library's table promises is not checked */
    tjob_fault_profile faults;
    tjob_seeded_bug bug; /* a seeded bug of the store replaces `store_model`; it is invalid together with `store` */

    const tjob_workload *workload;       /* NULL: the default one */
    const tjob_store_model *store_model; /* NULL: tjob_store_model_sound */

    /*
     * A store of the caller in place of a model; NULL: none. It is called at the virtual time at which a request
     * arrives, by the thread that runs the simulation, with the ARNs of tjob_simulator_arn. It must be empty at first.
     */
    const tjob_store *store;

    /*
     * Empties `store`; returns false if it cannot. tjob_simulator_shrink calls it before each run. NULL: failures over
     * `store` are not shrunk.
     */
    bool (*empty)(void *context);
    void *empty_context; /* passed to `empty` */
} tjob_simulator_config;

#define TJOB_SIMULATOR_ARN_BYTES 80

/* Writes the ARN of a job into `arn`, for a store of the caller, and returns its length in bytes. Thread-safe. */
size_t tjob_simulator_arn(uint32_t job, char arn[TJOB_SIMULATOR_ARN_BYTES]);

/* The bound that made a simulation inconclusive. */
typedef enum tjob_simulator_bound {
    TJOB_SIMULATOR_BOUND_NONE = 0,
    TJOB_SIMULATOR_BOUND_CALLS,   /* more calls at once than config.calls */
    TJOB_SIMULATOR_BOUND_TIMERS,  /* more timers at once than config.timers */
    TJOB_SIMULATOR_BOUND_HISTORY, /* for some job, the history checker reached a bound of its own, or had more than
                                     TJOB_SIMULATOR_CALLS_OF_JOB_MAX calls to explain */
    TJOB_SIMULATOR_BOUND_STEPS    /* more steps than the recording holds */
} tjob_simulator_bound;

/* Returns the name of a bound, such as "timers at once"; "?" outside the enum. Static; thread-safe. */
const char *tjob_simulator_bound_name(tjob_simulator_bound bound);

/* The state of a simulation. */
typedef enum tjob_simulation {
    TJOB_SIMULATION_RUNNING = 0,
    TJOB_SIMULATION_PASSED,      /* it ended, and every invariant held */
    TJOB_SIMULATION_VIOLATED,    /* it ended at the first violation */
    TJOB_SIMULATION_INCONCLUSIVE /* a bound was reached: if of the history checker, the job is no longer checked;
                                    otherwise the simulation ended at once */
} tjob_simulation;

/* Returns the name of a state, such as "passed"; "?" outside the enum. Static; thread-safe. */
const char *tjob_simulation_name(tjob_simulation simulation);

/* A histogram of durations: four bins to each doubling. */
#define TJOB_HISTOGRAM_BINS 128

typedef struct tjob_histogram {
    uint64_t counts[TJOB_HISTOGRAM_BINS];
    uint64_t count;
    uint32_t most_ms; /* the longest duration */
} tjob_histogram;

/* Return the bin of a duration; and the longest duration of a bin, in milliseconds. Thread-safe. */
uint32_t tjob_histogram_bin(uint32_t duration_ms);
uint32_t tjob_histogram_bin_end(uint32_t bin);

/* Returns a quantile in milliseconds, with the precision of a bin: `per_mille` thousandths of all durations do not
 * exceed it. 0 if there are no durations. Thread-safe. */
uint32_t tjob_histogram_quantile(const tjob_histogram *histogram, uint32_t per_mille);

/* The violation of an invariant. */
typedef struct tjob_simulator_violation {
    tjob_invariant invariant;
    uint32_t job;
    uint32_t time_ms;      /* virtual time */
    tjob_event_kind event; /* of the operation that revealed it, if one did */
} tjob_simulator_violation;

/* The report of a simulation so far. */
typedef struct tjob_simulator_report {
    tjob_simulation simulation;
    tjob_simulator_bound bound;
    uint64_t digest; /* of every invocation and every answer, in order */
    uint64_t operations[TJOB_EVENT_KIND_COUNT][TJOB_STATUS_COUNT];
    uint64_t operation_count;
    uint64_t loads;
    uint64_t swaps;
    uint64_t faults[TJOB_FAULT_COUNT]; /* how many were injected; for TJOB_FAULT_CLOCK, the loads with a wrong clock */
    uint64_t inconclusive_jobs;
    tjob_histogram stops; /* how long stops took, by the times in the records */
    uint32_t now_ms;
    uint32_t calls_most;                /* the maximum of calls at once */
    uint32_t timers_most;               /* the maximum of timers at once, by the memory that they took */
    tjob_simulator_violation violation; /* the first one, if there is one */
} tjob_simulator_report;

/*
 * tjob_simulator_init sets up a simulation in memory of the caller. tjob_simulator_bytes returns how many bytes are
 * enough; 0 if the configuration is invalid.
 *
 * config  copied; what it points to must outlive the simulation.
 * memory  aligned to 64 bytes, `bytes` bytes; it belongs to the simulation until the caller takes it back.
 *
 * tjob_simulator_init returns NULL if the configuration is invalid or the memory is too small. Nothing needs to be
 * released. A simulation belongs to one thread at a time; several may run in several threads if their workloads and
 * stores allow it.
 */
tjob_simulator *tjob_simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes);
uint64_t tjob_simulator_bytes(const tjob_simulator_config *config);

/* Runs until the virtual time `until_ms`, or to the end if the end comes first, as it does for UINT32_MAX. Returns the
 * state of the simulation. */
tjob_simulation tjob_simulator_run(tjob_simulator *simulator, uint32_t until_ms);

/* Returns the report so far; valid, and kept up to date, as long as the simulation; `now_ms`, `calls_most` and
 * `timers_most` are those of the last return of tjob_simulator_run. */
const tjob_simulator_report *tjob_simulator_report_of(const tjob_simulator *simulator);

/* ---- Shrinking a failure --------------------------------------------------------------------------------------- */

/* The memory for shrinking, in bytes: ample for a job that exists for days and for the simulation of that job alone. */
#define TJOB_SHRINK_BYTES (UINT32_C(24) << 20)

/* The result of shrinking. */
typedef struct tjob_shrunk {
    bool reproduced;            /* run alone, the job failed again; otherwise everything below is 0 */
    tjob_invariant invariant;   /* the invariant that the shrunk run violates */
    uint32_t operations_before; /* of the job, up to the violation */
    uint32_t operations;
    uint32_t accesses_before; /* loads, swaps, and whatever else happens in the store */
    uint32_t accesses;        /* the steps of the trace */
    uint64_t runs;            /* how many runs were tried */
} tjob_shrunk;

/*
 * Finds a short run that violates an invariant, and prints its trace. It runs the job again alone and records each
 * access to the store. Then it leaves out operations, accesses and faults, as long as the replay of the rest, with the
 * same operations and store, violates an invariant. With a store of the caller it needs config->empty. It shrinks
 * violations that show in the store or in an answer: not TJOB_INVARIANT_STOPS_COMPLETE or
 * TJOB_INVARIANT_OPERATIONS_END, because a run that is cut short need not have quiesced.
 *
 * config    the configuration of the simulation that failed; `calls` and `timers` are ignored.
 * violated  the report of that simulation.
 * memory    TJOB_SHRINK_BYTES bytes, aligned to 64; the caller's again afterwards.
 * printer   prints the trace of the shrunk run, from its beginning to its end; NULL: nothing is printed.
 *
 * Returns the result; `reproduced` is false if the job did not fail again, or `store` could not be emptied. Several
 * threads may shrink at the same time if their workloads and stores allow it.
 */
tjob_shrunk tjob_simulator_shrink(const tjob_simulator_config *config, const tjob_simulator_report *violated,
                                  void *memory, tjob_trace_printer *printer);

#ifdef __cplusplus
}
#endif

#endif
