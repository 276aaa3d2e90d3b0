/* A replay: the accesses of one job to the store, recorded by a simulation, which can be run again in full or in
 * part. */
#ifndef TJOB_VERIFY_SIMULATOR_REPLAY_H
#define TJOB_VERIFY_SIMULATOR_REPLAY_H

#include "verify/spec/invariants.h"
#include "verify/simulator/store.h"

/* The kind of an access to the store. */
enum access_kind {
    ACCESS_LOAD,
    ACCESS_SWAP,
    ACCESS_APPLY, /* the swap of another access arrives at the store again, or arrives late */
    ACCESS_STORE_CRASH,
    ACCESS_ACTOR_CRASH /* the operation is lost */
};

struct access {
    uint64_t now_ms; /* load: the time of the actor's clock when it is answered */
    uint32_t operation;
    uint32_t number; /* its index, counted from 0 */
    uint32_t of;     /* ACCESS_APPLY: the number of the access whose swap it is */
    uint8_t kind;    /* an enum access_kind */
    uint8_t fault;   /* load, swap: the tjob_fault that affects it; NO_FAULT */
    bool left_out;
    uint8_t unused;
};

struct replayed_operation {
    tjob_event event;
    uint64_t incarnation; /* submit: the incarnation that its swap began when it was applied; 0 = it was not applied */
    uint32_t incarnation_of; /* the submit that begins event.incarnation, as its number plus 1; 0 = none */
    uint32_t actor;          /* a tjob_actor */
};

/* The capacity of a replay. */
enum { REPLAY_OPERATIONS_MAX = 1 << 14, REPLAY_ACCESSES_MAX = 1 << 16 };

struct replay {
    uint32_t operation_count;
    uint32_t access_count;
    bool full;
    struct replayed_operation operations[REPLAY_OPERATIONS_MAX];
    struct access accesses[REPLAY_ACCESSES_MAX];
};

/* Add to a replay, and return the number of the new element. If there is no room any more, `full` is set. */
uint32_t tjob__replay_operation(struct replay *replay, tjob_actor actor, const tjob_event *event);
uint32_t tjob__replay_access(struct replay *replay, const struct access *access);

/* Records that the swap of a submit was applied. */
void tjob__replay_begins_incarnation(struct replay *replay, uint32_t operation, uint64_t incarnation);

/* ---- Running a replay ------------------------------------------------------------------------------------------ */

/* The maximum number of writes in flight at once. */
enum { REPLAY_WRITES_MAX = 64 };

/* An operation of a replay during a run. */
struct running {
    tjob_operation operation;
    uint64_t incarnation; /* as in the replay, but of this run */
    uint32_t call;        /* its call plus 1; 0 = it has not begun */
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

/* The effect of one access, for the describer. */
struct accessed {
    bool skipped;             /* it was left out, or the operation asks for something else in this run */
    tjob_operation operation; /* load, swap: before the access */
    tjob_load_status loaded;  /* load: the answer */
    tjob_swap_status swapped; /* ACCESS_SWAP, ACCESS_APPLY: the answer or the result */
    tjob_job before;          /* the record in the store, all zero if there is none */
    tjob_job after;
    uint64_t version_before;
    uint64_t version_after;
    tjob_invariant invariant; /* the invariant that it violates */
};

/* Begins a run. The caller sets only store, job, policy, bug and history before. A store of the caller's must be
 * empty. */
void tjob__replay_begin(struct replay_run *run, const struct replay *replay);

/* Runs one access. */
struct accessed tjob__replay_step(struct replay_run *run, const struct replay *replay, const struct access *access);

/* Checks the history of a run, and the final content of the store. */
tjob_invariant tjob__replay_check(struct replay_run *run);

/* Runs a replay until an invariant is violated. Returns the invariant, and sets *accesses to the number of accesses
 * that it took.
 * Returns TJOB_INVARIANT_NONE if nothing is violated, and for a run that exceeded REPLAY_WRITES_MAX. */
tjob_invariant tjob__replay_run(struct replay_run *run, const struct replay *replay, uint32_t *accesses);

#endif
