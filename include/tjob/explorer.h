/*
 * An explicit-state model checker: it explores every state that a model can reach, breadth first, and reports a verdict
 * on each property of the model.
 *
 * A model is a few functions over states, which are strings of bytes of a fixed length. The search is exact: it stores
 * and compares whole states, not hashes of them. For a violated property it reports a counterexample: a shortest trace
 * from an initial state to the violation. A state that was not explored is never reported as explored.
 *
 * To check a model of your own:
 *  1. write the functions that add its initial states (`begin`) and the steps out of a state (`next`), each by
 *     tjob_successors_add;
 *  2. name its properties, and report in `observe`, or with a step, which of them hold here;
 *  3. take tjob_explorer_bytes of memory, call tjob_explorer_init, and tjob_explorer_run in each thread;
 *  4. read tjob_explorer_verdict, and print a counterexample with tjob_trace_print of tjob/trace_printer.h.
 *
 * The explorer allocates nothing and starts no thread. The caller provides the memory and the threads; the number of
 * threads is fixed when the search is set up. Verdicts, counts and traces do not depend on that number. In a program
 * that may allocate, docs/examples/explore.h does both.
 */
#ifndef TJOB_EXPLORER_H
#define TJOB_EXPLORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The steps of a model -------------------------------------------------------------------------------------- */

#define TJOB_EXPLORER_STATE_BYTES_MAX 4096 /* bytes of a state */

/* The properties, see below, that a state or a step exercises, and those that it violates: bit i is for property i. */
typedef struct tjob_observation {
    uint32_t exercised; /* ALWAYS: it was evaluated here; ALWAYS_REACHABLE: this is a goal; SOMETIMES: it occurs here */
    uint32_t violated;  /* ALWAYS: it does not hold here */
} tjob_observation;

/* One step (transition) out of a state. */
typedef struct tjob_step {
    uint64_t label; /* identifies the step; defined by the model, which gets it back in `describe` */
    tjob_observation observation;
    bool progress; /* see TJOB_PROPERTY_NO_LIVELOCK */
} tjob_step;

/* The successors of one state, or the initial states: as many as there are. The fields belong to the explorer; a model
 * calls the functions below. */
typedef struct tjob_successors {
    unsigned char *states;
    tjob_step *steps;
    uint32_t state_bytes;
    uint32_t count;
    uint32_t limit;
    bool failed;
    void (*flush)(void *context); /* called when `count` is `limit`; makes room */
    void *context;
} tjob_successors;

/*
 * Adds a step. Returns where the model must write the whole successor state: `state_bytes` bytes, all zero, aligned to
 * 8, owned by the explorer and valid until the next call of this function or until the model's function returns. `step`
 * is copied. The same successor may be added more than once, and there is no limit to their number. Never NULL. Call it
 * only from `begin` or `next`, with their argument; the explorer may call the model's `canonicalize` and `observe`
 * within.
 */
unsigned char *tjob_successors_add(tjob_successors *successors, const tjob_step *step);

/* Reports that the model cannot compute all successors of this state because a limit of the model is reached. What it
 * has added counts; the search will end with TJOB_EXPLORATION_MODEL_FAILED, unless there is a violation in the same
 * depth. Call it only from `begin` or `next`, with their argument. */
void tjob_successors_fail(tjob_successors *successors);

/* ---- Properties ------------------------------------------------------------------------------------------------ */

#define TJOB_EXPLORER_PROPERTIES_MAX 32
#define TJOB_EXPLORER_ALWAYS_REACHABLE_MAX 3 /* properties of kind TJOB_PROPERTY_ALWAYS_REACHABLE in one model */

/* The kind of a property. Bit i of a tjob_observation belongs to property i of the model. */
typedef enum tjob_property_kind {
    TJOB_PROPERTY_ALWAYS = 0,       /* no state and no step violates it (AG) */
    TJOB_PROPERTY_ALWAYS_REACHABLE, /* from every reachable state, a goal stays reachable (AG EF) */
    TJOB_PROPERTY_SOMETIMES,        /* some reachable state or step exercises it (EF) */
    TJOB_PROPERTY_NO_LIVELOCK       /* every cycle contains a step that makes progress; at most one in a model */
} tjob_property_kind;

/* A property of a model. */
typedef struct tjob_property {
    tjob_property_kind kind;
    bool applies;         /* false: the model, as configured, does not promise it; it is not checked */
    const char *name;     /* short, such as "stop-is-kept" */
    const char *sentence; /* the property in words */
} tjob_property;

/* ---- Models ---------------------------------------------------------------------------------------------------- */

/* The description of a step: NUL-terminated texts without line breaks, truncated where they do not fit. */
typedef struct tjob_step_description {
    char actor[32];   /* who acts, such as "client 1" */
    char partner[32]; /* with whom, such as "store"; empty: the actor acts alone */
    char action[160]; /* what the actor does or asks, such as "load" */
    char answer[160]; /* what the partner answers; empty: nothing */
    char before[192]; /* what interests the reader, such as the job, before the step and after it */
    char after[192];
} tjob_step_description;

/*
 * A model. All functions must be deterministic and may be called by several threads at once; `context` is passed to
 * them unchanged. A state has `state_bytes` bytes; two states are equal if all of these bytes are equal. The states
 * that the functions receive are aligned to 8 and valid during the call.
 */
typedef struct tjob_model {
    void *context;
    uint32_t state_bytes; /* 1 to TJOB_EXPLORER_STATE_BYTES_MAX */
    uint32_t property_count;
    const tjob_property *properties; /* bit i of an observation belongs to properties[i] */

    /* Adds the initial states. The labels and observations of these steps are ignored. */
    void (*begin)(void *context, tjob_successors *initial);

    /* Adds every step out of a state, always in the same order. */
    void (*next)(void *context, const unsigned char *state, tjob_successors *successors);

    /* Returns the observation of a state. NULL: states have no observations. */
    tjob_observation (*observe)(void *context, const unsigned char *state);

    /*
     * Symmetry reduction: replaces a state by the representative of all states that differ from it only in the names of
     * interchangeable actors: of its orbit. NULL: no reduction. Traces contain the states themselves, not their
     * representatives.
     *
     * The search stores representatives and goes on from them. If every state of an orbit gets the same representative,
     * the number of states is the number of orbits. If states of one orbit get different representatives, the search is
     * larger than necessary, and exact all the same; a checker that looks up representatives but goes on from the
     * original states may then count fewer states: as many as the order of its search happens to make, which is no
     * number of orbits. If states of different orbits get the same representative, the search is wrong.
     */
    void (*canonicalize)(void *context, unsigned char *state);

    /*
     * Describes the step with `label` from `before` to `after`. `description` is all zero at the call; a field that the
     * model leaves alone is empty. NULL: steps are described by their labels.
     */
    void (*describe)(void *context, const unsigned char *before, uint64_t label, const unsigned char *after,
                     tjob_step_description *description);
} tjob_model;

/* ---- The search ------------------------------------------------------------------------------------------------ */

#define TJOB_EXPLORER_THREADS_MAX 64
#define TJOB_EXPLORER_STATES_MAX UINT64_C(3400000000) /* stored states */

/* How a search ended. If a violation was found, the end is VIOLATED whatever else ended the search. */
typedef enum tjob_exploration {
    TJOB_EXPLORATION_RUNNING = 0,
    TJOB_EXPLORATION_COMPLETE,      /* every reachable state was explored; no property that applies is violated */
    TJOB_EXPLORATION_VIOLATED,      /* a property is violated; for an ALWAYS the search ended after that depth */
    TJOB_EXPLORATION_OUT_OF_MEMORY, /* there are more states than the memory holds */
    TJOB_EXPLORATION_MODEL_FAILED,  /* the model failed on a state */
    TJOB_EXPLORATION_CANCELLED      /* by tjob_explorer_cancel */
} tjob_exploration;

/* The verdict on one property. */
typedef enum tjob_verdict {
    TJOB_VERDICT_HOLDS = 0,      /* for everything reachable; SOMETIMES: it was exercised */
    TJOB_VERDICT_VIOLATED,       /* SOMETIMES: everything reachable was explored, and nothing exercised it */
    TJOB_VERDICT_VACUOUS,        /* ALWAYS: never exercised, so it says nothing; ALWAYS_REACHABLE: there is no state */
    TJOB_VERDICT_NOT_APPLICABLE, /* the model, as configured, does not promise it */
    TJOB_VERDICT_UNDECIDED       /* the search ended early */
} tjob_verdict;

/* Return a name in lower case, such as "not applicable"; "?" for a value outside the enum. Static; thread-safe. */
const char *tjob_exploration_name(tjob_exploration exploration);
const char *tjob_verdict_name(tjob_verdict verdict);

/*
 * Counts of a search: approximate while it is under way, exact once it has ended. If a search could not explore all
 * states of a depth, nothing of that depth is counted but the states that were stored.
 */
typedef struct tjob_exploration_counts {
    uint64_t states;      /* distinct states stored */
    uint64_t transitions; /* steps out of them, counted for each state */
    uint64_t depth;       /* steps from an initial state to the farthest state */
    uint64_t waiting;     /* states that are stored and not yet expanded: the frontier */
    uint64_t live; /* states that the liveness pass (ALWAYS_REACHABLE, NO_LIVELOCK) found good; 0 before that pass */
    uint64_t capacity;   /* states that the memory holds: the search ends when there is one more */
    uint64_t bytes_used; /* of the memory, by the stored states and their share of empty slots in the table */
} tjob_exploration_counts;

/* A search. Opaque: see tjob_explorer_init. */
typedef struct tjob_explorer tjob_explorer;

/*
 * tjob_explorer_init sets up a search in memory of the caller. The threads clear that memory when they begin, each its
 * share. Nothing needs to be released at the end.
 *
 * model    kept by reference; it and what it points to must outlive the search.
 * memory   aligned to 64 bytes; it belongs to the explorer until the caller takes it back. Huge pages make the search
 *          faster, because its accesses are spread over all of the memory.
 * bytes    the size of `memory`; tjob_explorer_bytes(model, threads, states) bytes are enough for that many states, and
 *          more bytes hold more states.
 * threads  1 to TJOB_EXPLORER_THREADS_MAX: how many threads will call tjob_explorer_run.
 * wait     called repeatedly by a thread that waits for others, for instance to yield. May be NULL.
 *
 * tjob_explorer_init returns NULL if an argument is invalid or the memory is too small for a single state.
 *
 * tjob_explorer_bytes returns a number of bytes that is a multiple of 64, or 0 if an argument is invalid or `states` is
 * above TJOB_EXPLORER_STATES_MAX. A state of n bytes takes 1.25 times the next multiple of 8 above n, plus 4 bytes, or
 * plus 8 if a property of kind TJOB_PROPERTY_NO_LIVELOCK applies; a thread takes 7 to 140 KiB, depending on n. Both are
 * thread-safe.
 */
tjob_explorer *tjob_explorer_init(const tjob_model *model, void *memory, size_t bytes, uint32_t threads,
                                  void (*wait)(void));
uint64_t tjob_explorer_bytes(const tjob_model *model, uint32_t threads, uint64_t states);

/*
 * Works on the search until it ends. `thread` is the number of the calling thread, from 0. It must be called once for
 * each number, each time in a thread of its own: no call returns before all have been made. Returns the same end to all
 * threads. When the memory is full, the rest of the current depth is still explored, so that a violation in it is found
 * although its state could not be stored.
 */
tjob_exploration tjob_explorer_run(tjob_explorer *explorer, uint32_t thread);

/* Write the counts to *counts; cancel the search, which then ends soon. Thread-safe: any thread may call both at any
 * time after tjob_explorer_init. */
void tjob_explorer_counts(const tjob_explorer *explorer, tjob_exploration_counts *counts);
void tjob_explorer_cancel(tjob_explorer *explorer);

/* ---- Results: after every thread has returned, called by one thread at a time ---------------------------------- */

/* Returns how the search ended, as tjob_explorer_run does; TJOB_EXPLORATION_RUNNING before. */
tjob_exploration tjob_explorer_end(const tjob_explorer *explorer);

/* Return the verdict on property `property` (an index below property_count), and how many states and steps exercised
 * it. Each state counts once, and so does each of its steps. */
tjob_verdict tjob_explorer_verdict(const tjob_explorer *explorer, uint32_t property);
uint64_t tjob_explorer_exercised(const tjob_explorer *explorer, uint32_t property);

/* One step of a trace. */
typedef struct tjob_trace_step {
    const unsigned char *before; /* valid during the call */
    const unsigned char *after;  /* valid during the call */
    uint64_t label;
    bool repeats; /* NO_LIVELOCK: this step and all later ones form a cycle (a lasso), which may repeat for ever */
} tjob_trace_step;

/*
 * Reports a shortest trace step by step, by calling `visit` for each step: for a violated property a counterexample,
 * for a SOMETIMES that holds a witness. Of all shortest traces it is the first one in the order in which the model adds
 * steps. The last step or its state is the one that violates the property. For ALWAYS_REACHABLE, the trace leads to the
 * first state from which no goal is reachable. For NO_LIVELOCK, it leads to a cycle and once around it, up to the names
 * of interchangeable actors.
 *
 * `context` is passed to `visit` unchanged. The function expands the states of each depth once more. Returns the number
 * of steps. Returns 0 if there is no such trace, or if the model does not return the same successors as before; in the
 * second case the steps that were visited are meaningless.
 */
uint64_t tjob_explorer_trace(tjob_explorer *explorer, uint32_t property,
                             void (*visit)(void *context, const tjob_trace_step *step), void *context);

/* Visits every stored state, in no particular order; with symmetry reduction, the representatives. `state` is valid
 * during the call. */
void tjob_explorer_states(const tjob_explorer *explorer, void (*visit)(void *context, const unsigned char *state),
                          void *context);

/*
 * Visits every step out of every stored state, in the model's order: for statistics and pictures. `after` is the
 * successor that the model added, not its representative. All pointers are valid during the call.
 */
void tjob_explorer_steps(tjob_explorer *explorer,
                         void (*visit)(void *context, const unsigned char *before, const tjob_step *step,
                                       const unsigned char *after),
                         void *context);

#ifdef __cplusplus
}
#endif

#endif
