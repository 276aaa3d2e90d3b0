/*
 * Deterministic simulation: many jobs at once, in virtual time, under every fault, from one seed.
 *
 * A workload decides what is asked of each job and by whom; every operation is the very tjob_operation that ships. Its
 * requests travel to a store and the answers back, which takes time, so that operations overlap and answers are lost,
 * late or wrong as the profile of faults says. What was asked and answered of each job goes to the judge of
 * tjob/history_checker.h; what the store applies and returns is compared with the table written down a second time.
 *
 * Everything that happens follows from the configuration alone, on every machine: there is no floating point, no clock
 * and no thread in it. What happens to one job follows from the seed and the number of the job, so that it may be run
 * again without the others. docs/simulation.md tells what is simulated, and how to read a failure.
 */
#ifndef TJOB_SIMULATOR_H
#define TJOB_SIMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/history_checker.h"
#include "tjob/invariant.h"
#include "tjob/seeded_bug.h"
#include "tjob/store.h"
#include "tjob/store_model.h"
#include "tjob/trace_printer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A simulation. Its fields are its own: see tjob_simulator_init. */
typedef struct tjob_simulator tjob_simulator;

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

#define TJOB_SIMULATOR_JOBS_MAX (UINT32_C(1) << 28) /* and one more than the greatest number of a job */
#define TJOB_SIMULATOR_MINUTES_MAX 70000            /* virtual time is counted in milliseconds of 32 bits */
#define TJOB_SIMULATOR_TAGS_MAX 8                   /* timers of one job are told apart by their tag, below this */
#define TJOB_SIMULATOR_STATE_WORDS 2                /* what a workload may keep of each job, in words of 64 bits */

/*
 * After the last minute no fault happens any more, and all has so long to settle. In the last part of it no timer is
 * told any more: what is under way comes to its end.
 */
#define TJOB_SIMULATOR_QUIESCE_MS (3 * 60 * 60 * 1000)
#define TJOB_SIMULATOR_DRAIN_MS (10 * 60 * 1000)

/* What a job takes at most, with its record in the store of the library, and its timers; and what a call takes. */
#define TJOB_SIMULATOR_BYTES_PER_JOB 256
#define TJOB_SIMULATOR_BYTES_PER_CALL 304

/* When the virtual clock of an actor starts that is not out of order, as Unix milliseconds. */
#define TJOB_SIMULATOR_EPOCH_MS UINT64_C(1600000000000)

/* ---- Actors and faults ----------------------------------------------------------------------------------------- */

typedef enum tjob_actor {
    TJOB_ACTOR_CLIENT = 0,
    TJOB_ACTOR_TRAINER,
    TJOB_ACTOR_SUPERVISOR,
    TJOB_ACTOR_HOST
} tjob_actor;

#define TJOB_ACTOR_COUNT 4

typedef enum tjob_fault {
    /* to a request of a client, before it touches the store */
    TJOB_FAULT_THROTTLED = 0,
    TJOB_FAULT_DENIED,
    TJOB_FAULT_CANNOT_AUTHORIZE,

    /* to a load */
    TJOB_FAULT_LOAD_UNAVAILABLE,

    /* to a swap */
    TJOB_FAULT_SWAP_UNAVAILABLE, /* not applied, and answered so */
    TJOB_FAULT_CONFLICT,         /* answered CONFLICT without a reason */
    TJOB_FAULT_FULL,             /* answered FULL; of a creation only */
    TJOB_FAULT_LOST_BEFORE,      /* lost on its way to the store */
    TJOB_FAULT_LOST_AFTER,       /* applied, and the answer lost */
    TJOB_FAULT_LATE,             /* answered UNKNOWN, and applied at a later time if its version then stands */
    TJOB_FAULT_DUPLICATED,       /* arrives a second time, later */
    TJOB_FAULT_STORE_CRASH,      /* applied, but the store crashes soon after without having acknowledged it */

    /* to loads and swaps */
    TJOB_FAULT_SLOW,        /* the answer takes long */
    TJOB_FAULT_ACTOR_CRASH, /* the actor forgets its operation, and comes back */
    TJOB_FAULT_PARTITION,   /* for a window of time, requests of one kind of actor do not reach the store */
    TJOB_FAULT_OUTAGE,      /* for a window of time, the store answers nobody */

    TJOB_FAULT_CLOCK /* for a window of time, an actor's clock is off, and drifts */
} tjob_fault;

#define TJOB_FAULT_COUNT 17

/* The name of an actor or a fault, such as "lost-after"; "?" outside the enum. Static. */
const char *tjob_actor_name(tjob_actor actor);
const char *tjob_fault_name(tjob_fault fault);

/*
 * How often what goes wrong. Time is cut into windows, each calm or, by chance, a burst. Whether in a window there is a
 * burst, an outage, a partition or a wrong clock follows from the seed and the number of the window.
 */
typedef struct tjob_fault_profile {
    uint32_t rates_ppm[TJOB_FAULT_COUNT]; /* in a million requests, or windows, 0 to 1,000,000 */
    uint32_t burst_ppm;                   /* in a million windows, so many are bursts */
    uint32_t burst_factor;                /* in a burst the rates of single requests are so many times as high */
    uint32_t window_ms;                   /* not 0 if any rate is */
    uint32_t slow_ms;                     /* at most so long a slow answer takes */
    uint32_t late_ms;                     /* at most so much later a request arrives that is late or duplicated */
    uint32_t clock_ms;                    /* at most so much a clock is off */
} tjob_fault_profile;

/* Profiles: nothing; what a bad day brings; a storm, in which nearly every operation meets something. */
extern const tjob_fault_profile tjob_fault_profile_none;
extern const tjob_fault_profile tjob_fault_profile_default;
extern const tjob_fault_profile tjob_fault_profile_storm;

/* ---- The workload ---------------------------------------------------------------------------------------------- */

/*
 * What is asked of the jobs. The callbacks may call the functions below for the job that they are called for; whatever
 * they do must follow from what they are given and from those functions, and where one job shall be run alone, from
 * that job.
 */
typedef struct tjob_workload {
    void *context;

    /* The job is one of this simulation: called once for each, at time 0. */
    void (*begin)(void *context, tjob_simulator *simulator, uint32_t job);

    /* A timer of the job is due. */
    void (*timer)(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag);

    /*
     * An operation was answered. TJOB_UNRESOLVED is also told of an actor that crashed, once it is back. Called for
     * each tjob_simulator_call that returned true.
     */
    void (*ended)(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome);
} tjob_workload;

/*
 * Hosts that submit, remove and submit again under the same name; trainers, some of which are given up and still
 * report; clients that stop, describe and delete, with back-off; supervisors. See docs/simulation.md.
 */
extern const tjob_workload tjob_workload_default;

/* Lets an actor begin an operation on a job, now. False if there is no room: the simulation ends as inconclusive. */
bool tjob_simulator_call(tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event);

/* Sets a timer: `tag` will be told back. `delay_ms` of 0 counts as 1. False if there is no room, as above. */
bool tjob_simulator_timer(tjob_simulator *simulator, uint32_t job, uint32_t tag, uint32_t delay_ms);

/* The words that the workload may keep of a job: 0 at first. */
uint64_t *tjob_simulator_state(tjob_simulator *simulator, uint32_t job);

/* The next random number of a job, all 64 bits; and one around a mean, exponentially distributed. */
uint64_t tjob_simulator_random(tjob_simulator *simulator, uint32_t job);
uint32_t tjob_simulator_exponential(tjob_simulator *simulator, uint32_t job, uint32_t mean_ms);

/* A random number that is always the same for a job. */
uint64_t tjob_simulator_trait(const tjob_simulator *simulator, uint32_t job);

/* Virtual time; and whether the last minute is over, when a workload should ask for nothing new. */
uint32_t tjob_simulator_now_ms(const tjob_simulator *simulator);
bool tjob_simulator_is_quiescing(const tjob_simulator *simulator);

/* ---- The simulation -------------------------------------------------------------------------------------------- */

/* What to simulate. All zero is not enough: jobs and minutes are needed. */
typedef struct tjob_simulator_config {
    uint64_t seed;
    uint32_t first_job; /* jobs are numbered from here */
    uint32_t jobs;
    uint32_t minutes; /* of virtual time, before all settles */
    uint32_t calls;   /* how many may be under way or unexplained at once, in all; 0 = 4096, and one for
                       16 jobs, or for each where more than one answer in a hundred is lost */
    uint32_t timers;  /* how many may be set at once, in all; 0 = 4096, and twelve for five jobs */

    tjob_policy policy; /* with a rule of the caller's own, what the library's table promises is not judged */
    tjob_fault_profile faults;
    tjob_seeded_bug bug; /* a plant of the store takes the place of `store_model` */

    const tjob_workload *workload;       /* NULL: the default one */
    const tjob_store_model *store_model; /* NULL: tjob_store_model_sound */

    /*
     * A store of the caller's in place of a model; NULL: none. It is called at the virtual instant at which a request
     * arrives, with the ARNs that tjob_simulator_arn makes, and must be empty at first.
     */
    const tjob_store *store;

    /*
     * Makes `store` empty again, or returns false. tjob_simulator_shrink calls it before each run. NULL: what fails
     * over `store` is not shrunk.
     */
    bool (*empty)(void *context);
    void *empty_context;
} tjob_simulator_config;

#define TJOB_SIMULATOR_ARN_BYTES 80

/* The ARN of a job, for a store of the caller's: written into `arn`, its length returned. */
size_t tjob_simulator_arn(uint32_t job, char arn[TJOB_SIMULATOR_ARN_BYTES]);

/* A bound that was met, so that nothing more can be said. */
typedef enum tjob_simulator_bound {
    TJOB_SIMULATOR_BOUND_NONE = 0,
    TJOB_SIMULATOR_BOUND_CALLS,   /* more calls at once than config.calls */
    TJOB_SIMULATOR_BOUND_TIMERS,  /* more timers at once than config.timers */
    TJOB_SIMULATOR_BOUND_HISTORY, /* the judge of the histories met a bound of its own, for some job */
    TJOB_SIMULATOR_BOUND_STEPS    /* more steps than there was room to record */
} tjob_simulator_bound;

const char *tjob_simulator_bound_name(tjob_simulator_bound bound);

/* How a simulation stands. */
typedef enum tjob_simulation {
    TJOB_SIMULATION_RUNNING = 0,
    TJOB_SIMULATION_PASSED,      /* it came to its end, and everything held */
    TJOB_SIMULATION_VIOLATED,    /* it ended at the first violation */
    TJOB_SIMULATION_INCONCLUSIVE /* a bound was met: of a judge, for a job that is then judged no more; else at once */
} tjob_simulation;

const char *tjob_simulation_name(tjob_simulation simulation);

/* Durations in classes: four to each doubling. */
#define TJOB_HISTOGRAM_BINS 128

typedef struct tjob_histogram {
    uint64_t counts[TJOB_HISTOGRAM_BINS];
    uint64_t count;
    uint32_t most_ms;
} tjob_histogram;

/* The class of a duration, and the longest duration in a class. */
uint32_t tjob_histogram_bin(uint32_t duration_ms);
uint32_t tjob_histogram_bin_end(uint32_t bin);

/* What `per_mille` of all durations do not exceed, but for the width of a class; 0 if there are none. */
uint32_t tjob_histogram_quantile(const tjob_histogram *histogram, uint32_t per_mille);

/* A violation. */
typedef struct tjob_simulator_violation {
    tjob_invariant invariant;
    uint32_t job;
    uint32_t time_ms;
    tjob_event_kind event; /* of the operation that brought it to light, if one did */
} tjob_simulator_violation;

/* What came of a simulation so far. */
typedef struct tjob_simulator_report {
    tjob_simulation simulation;
    tjob_simulator_bound bound;
    uint64_t digest; /* of every invocation and answer, in their order */
    uint64_t operations[TJOB_EVENT_KIND_COUNT][TJOB_STATUS_COUNT];
    uint64_t operation_count;
    uint64_t loads;
    uint64_t swaps;
    uint64_t faults[TJOB_FAULT_COUNT]; /* injected; of a clock that is off, how many loads went by it */
    uint64_t inconclusive_jobs;
    tjob_histogram stops; /* how long stops took, as the records tell it */
    uint32_t now_ms;
    uint32_t calls_most;                /* at once */
    uint32_t timers_most;               /* at once, in the room that they took */
    tjob_simulator_violation violation; /* the first, if there is any */
} tjob_simulator_report;

/*
 * Sets up a simulation in memory of the caller's.
 *
 * config  copied; what it points to must outlive the simulation.
 * memory  aligned to 64 bytes; tjob_simulator_bytes(config) are enough, or 0 if the configuration cannot be.
 *
 * NULL if the configuration cannot be, or the memory is too small. A simulation belongs to one thread at a time;
 * different ones may run in different threads if their workloads and stores allow it.
 */
tjob_simulator *tjob_simulator_init(const tjob_simulator_config *config, void *memory, size_t bytes);
uint64_t tjob_simulator_bytes(const tjob_simulator_config *config);

/* Runs until a virtual time, and to the end if that is later: UINT32_MAX. Returns how it stands then. */
tjob_simulation tjob_simulator_run(tjob_simulator *simulator, uint32_t until_ms);

/* What came of it so far; valid as long as the simulation. */
const tjob_simulator_report *tjob_simulator_report_of(const tjob_simulator *simulator);

/* ---- A failure, shrunk ----------------------------------------------------------------------------------------- */

/* The memory for shrinking: ample for a job that lives for days, and for the simulation of that job alone. */
#define TJOB_SHRINK_BYTES (UINT32_C(24) << 20)

/* What was found. */
typedef struct tjob_shrunk {
    bool reproduced;            /* run alone, the job fails again; if not, all below is 0 */
    tjob_invariant invariant;   /* what the shrunk run violates */
    uint32_t operations_before; /* of the job, up to the violation */
    uint32_t operations;
    uint32_t accesses_before; /* loads and swaps, and what else happens in the store */
    uint32_t accesses;
    uint32_t steps; /* of the story */
    uint64_t runs;  /* how often a shorter run was tried */
} tjob_shrunk;

/*
 * Finds a short run that violates something too, and tells it. First the job is run again alone, and each access to the
 * store recorded. Then operations, accesses and faults are left out, as long as what is left, run again with the very
 * same operations and store, violates something. Over a store of the caller's it takes config->empty. The violation
 * must be one that is seen in the store or the answers: not TJOB_INVARIANT_STOPS_COMPLETE or TJOB_INVARIANT_OPERATIONS_END, for of a run that
 * is cut short nothing needs to have settled.
 *
 * config    as it was for the simulation that failed; its calls and timers do not matter.
 * violated  the report of that.
 * memory    aligned to 64 bytes, TJOB_SHRINK_BYTES of it.
 * story     is told the shrunk run, from its beginning to its end; NULL: nobody is.
 */
tjob_shrunk tjob_simulator_shrink(const tjob_simulator_config *config, const tjob_simulator_report *violated,
                                  void *memory, tjob_trace_printer *printer);

#ifdef __cplusplus
}
#endif

#endif
