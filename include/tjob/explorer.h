/*
 * Exhaustive exploration: every state that a model can reach, breadth first, and what holds of all of them.
 *
 * A model is a handful of functions over states that are short strings of bytes. The search is explicit and exact:
 * whole states are stored and compared. It ends with a verdict on each property, and where one is violated with a
 * shortest way to the violation, step by step. What it could not look at it never passes off as looked at.
 *
 * It allocates nothing and starts no thread: memory comes from the caller, and as many threads of the caller's may work
 * at one search as it was set up for. Verdicts, counts and ways are the same whatever their number.
 */
#ifndef TJOB_EXPLORER_H
#define TJOB_EXPLORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Limits ---------------------------------------------------------------------------------------------------- */

#define TJOB_EXPLORER_STATE_BYTES_MAX 63
#define TJOB_EXPLORER_PROPERTIES_MAX 32
#define TJOB_EXPLORER_ALWAYS_REACHABLE_MAX 3 /* properties of kind TJOB_PROPERTY_ALWAYS_REACHABLE in one model */
#define TJOB_EXPLORER_SUCCESSORS_MAX 512     /* of one state, and initial states */
#define TJOB_EXPLORER_THREADS_MAX 64
#define TJOB_EXPLORER_STATES_MAX UINT64_C(3400000000)

/* ---- Properties ------------------------------------------------------------------------------------------------ */

/* What a property says. Bit i of a tjob_observation is about property i of the model. */
typedef enum tjob_property_kind {
    TJOB_PROPERTY_ALWAYS = 0,       /* no state and no step violates it */
    TJOB_PROPERTY_ALWAYS_REACHABLE, /* from every reachable state, a state that shows it stays reachable */
    TJOB_PROPERTY_SOMETIMES,        /* some state or step shows it */
    TJOB_PROPERTY_NO_LIVELOCK       /* every cycle passes a step that makes progress; at most one in a model */
} tjob_property_kind;

typedef struct tjob_property {
    tjob_property_kind kind;
    bool applies;         /* false: the model as it is set up does not promise it; it is not judged */
    const char *name;     /* short, such as "I2" */
    const char *sentence; /* what it says */
} tjob_property;

/* What can be seen of a state, or of a step: bit i is about property i. */
typedef struct tjob_observation {
    uint32_t exercised; /* ALWAYS: it was put to the test here; POSSIBLE: this is a goal; SOMETIMES: here it is */
    uint32_t violated;  /* ALWAYS: here it does not hold */
} tjob_observation;

/* ---- Models ---------------------------------------------------------------------------------------------------- */

/* One step out of a state. */
typedef struct tjob_step {
    uint64_t label; /* what the step is, in the model's own terms, for `tell` */
    tjob_observation observation;
    bool progress; /* see TJOB_PROPERTY_NO_LIVELOCK */
} tjob_step;

/* The room for what comes after one state. Its fields are the explorer's; models call the functions below. */
typedef struct tjob_successors {
    unsigned char *states;
    tjob_step *steps;
    uint32_t state_bytes;
    uint32_t count;
    uint32_t limit;
    bool failed;
} tjob_successors;

/*
 * Adds a step, and returns where the model must write the whole state that it leads to: `state_bytes` bytes, all zero,
 * aligned to 8. The same state may be added more than once. After TJOB_EXPLORER_SUCCESSORS_MAX of them it returns room
 * that does not count, and the search will end with TJOB_EXPLORATION_MODEL_FAILED.
 */
unsigned char *tjob_successors_add(tjob_successors *successors, const tjob_step *step);

/* Says that the model cannot tell what comes after this state: a limit of its own is reached. */
void tjob_successors_fail(tjob_successors *successors);

/* How a step is told: texts without line breaks, cut off where they do not fit. */
typedef struct tjob_step_description {
    char actor[32];   /* who acts, such as "client 1" */
    char partner[32]; /* with whom, such as "store"; empty: the actor by itself */
    char action[160]; /* what it does or asks, such as "load" */
    char answer[160]; /* what the partner answers; empty: nothing */
    char before[192]; /* what there was, and what there is after it: of interest to a reader, such as the job */
    char after[192];
} tjob_step_description;

/*
 * A model. All functions are deterministic and may be called by several threads at once; `context` is theirs. States
 * are `state_bytes` bytes, all of which count.
 */
typedef struct tjob_model {
    void *context;
    uint32_t state_bytes; /* 1 to TJOB_EXPLORER_STATE_BYTES_MAX */
    uint32_t property_count;
    const tjob_property *properties; /* bit i of a sight is about properties[i] */

    /* Adds the initial states, by steps whose labels and sights do not count. */
    void (*begin)(void *context, tjob_successors *initial);

    /* Adds every step out of a state, always in the same order. */
    void (*next)(void *context, const unsigned char *state, tjob_successors *successors);

    /* What can be seen of a state. NULL: nothing. */
    tjob_observation (*observe)(void *context, const unsigned char *state);

    /*
     * Makes of a state the one that stands for all that differ from it in the names of interchangeable actors only. It
     * must be one and the same for all of them or the search is larger than need be; states that are not of one kind
     * must stay apart or the search is wrong. NULL: no two states are alike. A way is told of states as they are, not
     * as they stand for others.
     */
    void (*canonicalize)(void *context, unsigned char *state);

    /*
     * Tells the step with `label` from one state to another. `telling` is all zero before: what the model does not fill
     * is empty. NULL: steps are told by their labels.
     */
    void (*describe)(void *context, const unsigned char *before, uint64_t label, const unsigned char *after,
                     tjob_step_description *description);
} tjob_model;

/* ---- The search ------------------------------------------------------------------------------------------------ */

/* How a search ended. A violation that was found counts before whatever else ended it. */
typedef enum tjob_exploration {
    TJOB_EXPLORATION_RUNNING = 0,
    TJOB_EXPLORATION_COMPLETE,      /* every reachable state was seen, and no property that applies is violated */
    TJOB_EXPLORATION_VIOLATED,      /* some property is; where it is an ALWAYS, the search ended with that depth */
    TJOB_EXPLORATION_OUT_OF_MEMORY, /* there are more states than the memory holds */
    TJOB_EXPLORATION_MODEL_FAILED,  /* the model could not tell what comes after some state, or that was too much */
    TJOB_EXPLORATION_CANCELLED      /* by tjob_explorer_cancel */
} tjob_exploration;

/* The verdict on one property. */
typedef enum tjob_verdict {
    TJOB_VERDICT_HOLDS = 0, /* of all that is reachable; SOMETIMES: it was seen */
    TJOB_VERDICT_VIOLATED,  /* SOMETIMES: everything was seen, but never this */
    TJOB_VERDICT_VACUOUS,   /* ALWAYS: it was never put to the test, and so says nothing; POSSIBLE: there is no state */
    TJOB_VERDICT_NOT_APPLICABLE, /* the model as it is set up does not promise it */
    TJOB_VERDICT_UNDECIDED       /* the search did not come to its end */
} tjob_verdict;

/* A name in lower case, such as "not applicable"; "?" for a value outside the enum. Static. */
const char *tjob_exploration_name(tjob_exploration exploration);
const char *tjob_verdict_name(tjob_verdict verdict);

/*
 * What is known so far: of a search under way, roughly; of one that has ended, exactly. A search that could not look at
 * all states of some depth counts none of what it saw there but the states that it stored.
 */
typedef struct tjob_exploration_counts {
    uint64_t states;      /* stored, each once */
    uint64_t transitions; /* steps out of them, each state's own */
    uint64_t depth;       /* steps from an initial state to the farthest one */
    uint64_t waiting;     /* states whose steps were not yet looked at */
    uint64_t live;     /* states that violate no property of kind POSSIBLE or NO_LIVELOCK; 0 before that is looked at */
    uint64_t capacity; /* states that the memory can hold: the search ends when there is one more */
    uint64_t bytes_used; /* of the memory, for the states stored, their share of empty places in the table included */
} tjob_exploration_counts;

/* A search. Its fields are its own: see tjob_explorer_init. */
typedef struct tjob_explorer tjob_explorer;

/*
 * Sets up a search in memory of the caller's. The threads clear it when they begin, each its part.
 *
 * model    kept, and must outlive the search, as what it points to.
 * memory   aligned to 64 bytes; what it holds is the explorer's until the caller takes it back. Huge pages make the
 *          search faster, for it goes to and fro in all of it.
 * bytes    tjob_explorer_bytes(model, threads, states) hold so many states; what is more holds more.
 * threads  1 to TJOB_EXPLORER_THREADS_MAX: how many threads will work at it.
 * wait     called over and over by a thread that waits for others: for a scheduler's yield. May be NULL.
 *
 * NULL if an argument cannot be, or the memory is too small for a single state. The bytes are a multiple of 64; 0 if an
 * argument cannot be, or there are more states than TJOB_EXPLORER_STATES_MAX. For a state of n bytes it is 1.25 times
 * the next multiple of 8 above n, and 4, and some 30 KiB for each thread.
 */
tjob_explorer *tjob_explorer_init(const tjob_model *model, void *memory, size_t bytes, uint32_t threads,
                                  void (*wait)(void));
uint64_t tjob_explorer_bytes(const tjob_model *model, uint32_t threads, uint64_t states);

/*
 * Works at the search until it ends, as thread `thread`, from 0. Each thread must call it once, in a thread of its own:
 * none returns before all have been called. Returns how the search ended, to all of them. When there is no room for a
 * further state, the rest of the depth is still looked at, so that a violation there is found whatever could be stored.
 */
tjob_exploration tjob_explorer_run(tjob_explorer *explorer, uint32_t thread);

/* May be called by any thread at any time after init. A cancelled search ends soon. */
void tjob_explorer_counts(const tjob_explorer *explorer, tjob_exploration_counts *counts);
void tjob_explorer_cancel(tjob_explorer *explorer);

/* ---- What came of it: after every thread has returned, by one thread ------------------------------------------- */

tjob_exploration tjob_explorer_end(const tjob_explorer *explorer);

/* The verdict on a property, and in how many states and steps it was shown; each state and each of its steps counts
 * once. */
tjob_verdict tjob_explorer_verdict(const tjob_explorer *explorer, uint32_t property);
uint64_t tjob_explorer_exercised(const tjob_explorer *explorer, uint32_t property);

/* One step of a way. */
typedef struct tjob_trace_step {
    const unsigned char *before; /* valid during the call */
    const unsigned char *after;
    uint64_t label;
    bool repeats; /* NO_LIVELOCK: this and all further steps are a cycle, which may go on for ever */
} tjob_trace_step;

/*
 * Tells a shortest way from an initial state to where a property is violated (or, of a property of kind SOMETIMES that
 * holds, to where it is first seen), step by step: the first of all shortest ways in the order in which the model adds
 * steps. The last step or state is the one that violates it; for POSSIBLE it is the first state from which no goal can
 * be reached; for NO_LIVELOCK the way leads to a cycle and once around it, but for the names of interchangeable actors.
 *
 * Looks at the states of each depth once more. Returns the number of steps; 0 as well if there is no such way, and if
 * the model does not tell again what it told before: what was visited is then worth nothing.
 */
uint64_t tjob_explorer_trace(tjob_explorer *explorer, uint32_t property,
                             void (*visit)(void *context, const tjob_trace_step *step), void *context);

/* Looks through all stored states, in no order; with symmetry as they stand for others. */
void tjob_explorer_states(const tjob_explorer *explorer, void (*visit)(void *context, const unsigned char *state),
                          void *context);

/*
 * The same, and tells every step out of each state, in the model's order: for statistics and pictures. `after` is as the model
 * gives it. Both are valid during the call.
 */
void tjob_explorer_steps(tjob_explorer *explorer,
                         void (*visit)(void *context, const unsigned char *before, const tjob_step *step,
                                       const unsigned char *after),
                         void *context);

#ifdef __cplusplus
}
#endif

#endif
