/* What happened to one job, access by access: recorded by a simulation, and run again in full or in part. */
#ifndef TJOB_VERIFY_SIMULATOR_REPLAY_H
#define TJOB_VERIFY_SIMULATOR_REPLAY_H

#include "verify/spec/invariants.h"
#include "verify/simulator/store.h"

/* What one access to the store is. */
enum access_kind {
    ACCESS_LOAD,
    ACCESS_SWAP,
    ACCESS_APPLY, /* the swap of another access arrives at the store once more, or at last */
    ACCESS_STORE_CRASH,
    ACCESS_ACTOR_CRASH /* the operation is forgotten */
};

struct access {
    uint64_t now_ms; /* load: what the actor's clock shows when it is answered */
    uint32_t operation;
    uint32_t number; /* which one it is, counted from 0 */
    uint32_t of;     /* land: the number of the access whose swap it is */
    uint8_t kind;    /* an enum access_kind */
    uint8_t fault;   /* load, swap: a tjob_fault that befalls it; NO_FAULT */
    bool left_out;
    uint8_t unused;
};

struct replayed_operation {
    tjob_event event;
    uint64_t incarnation; /* submit: the incarnation that its swap began when it was applied; 0 = it was not */
    uint32_t
        incarnation_of; /* event.incarnation is the one that this submit begins, by its number and 1; 0 = as given */
    uint32_t actor;     /* a tjob_actor */
};

/* How much can be recorded. */
enum { REPLAY_OPERATIONS_MAX = 1 << 14, REPLAY_ACCESSES_MAX = 1 << 16 };

struct replay {
    uint32_t operation_count;
    uint32_t access_count;
    bool full;
    struct replayed_operation operations[REPLAY_OPERATIONS_MAX];
    struct access accesses[REPLAY_ACCESSES_MAX];
};

/* Adds to a script; returns the number of what was added. Once there is no room any more, the script says so. */
uint32_t tjob__replay_operation(struct replay *replay, tjob_actor actor, const tjob_event *event);
uint32_t tjob__replay_access(struct replay *replay, const struct access *access);

/* The swap of a submit was applied. */
void tjob__replay_begins_incarnation(struct replay *replay, uint32_t operation, uint64_t incarnation);

/* ---- Running one ----------------------------------------------------------------------------------------------- */

/* Writes that are under way, at once. */
enum { REPLAY_WRITES_MAX = 64 };

/* An operation of a script, as it is run. */
struct running {
    tjob_operation operation;
    uint64_t incarnation; /* as in the script, of this run */
    uint32_t call;        /* its call and 1; 0 = it has not begun */
    struct effects effects;
};

struct replay_run {
    struct simulated_store store;
    uint32_t job; /* for a store of the caller's */
    const tjob_policy *policy;
    struct invariants invariants;
    tjob_seeded_bug bug;
    tjob_history_checker history;
    uint64_t promised; /* the last incarnation in which a stop was answered 200 */
    uint64_t sequence;
    uint32_t write_count;
    bool exceeded; /* more writes were under way than there is room for: the run shows nothing */
    uint32_t call_count;
    struct {
        uint32_t of;
        tjob_operation operation;
    } writes[REPLAY_WRITES_MAX];
    union {
        uint64_t words[TJOB_STORE_MODEL_BYTES_MAX / 8];
        unsigned char bytes[TJOB_STORE_MODEL_BYTES_MAX];
    } state;
    struct running running[REPLAY_OPERATIONS_MAX];
    tjob_call calls[REPLAY_OPERATIONS_MAX + 1];
};

/* What one access did, for who tells of it. */
struct accessed {
    bool skipped;             /* it was left out, or the operation asks for something else in this run */
    tjob_load_status loaded;  /* load: what was answered */
    tjob_swap_status swapped; /* swap, land: what was answered or done */
    tjob_job before;          /* the record in the store, all zero if there is none */
    tjob_job after;
    uint64_t version_before;
    uint64_t version_after;
    tjob_invariant invariant; /* what was violated there */
};

/* Begins a run: all that the caller sets of it is store, job, policy, plant and history. A store of the caller's is
 * empty. */
void tjob__replay_begin(struct replay_run *run, const struct replay *replay);

/* Runs one access. */
struct accessed tjob__replay_step(struct replay_run *run, const struct replay *replay, const struct access *access);

/* Judges the histories of a run, and what the store holds in the end. */
tjob_invariant tjob__replay_check(struct replay_run *run);

/*
 * Runs a replay until an invariant is violated. Returns it, and in *accesses how many accesses it took; returns
 * TJOB_INVARIANT_NONE if nothing is violated, and for a run that exceeded REPLAY_WRITES_MAX.
 */
tjob_invariant tjob__replay_run(struct replay_run *run, const struct replay *replay, uint32_t *accesses);

#endif
