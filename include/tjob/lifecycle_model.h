/*
 * A model of the system around one recognizer, for tjob/explorer.h: clients, trainers, a supervisor, a host, a clock,
 * and a store; any message between an actor and the store may be lost. Each actor runs the tjob_operation that ships,
 * one access to the store at a time, so that every interleaving is explored. The properties come from a second,
 * independent version of the transition table.
 *
 * docs/verification.md describes what is modelled, what is assumed, and what is not covered.
 */
#ifndef TJOB_LIFECYCLE_MODEL_H
#define TJOB_LIFECYCLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/actor.h"
#include "tjob/explorer.h"
#include "tjob/job.h"
#include "tjob/seeded_bug.h"
#include "tjob/store_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The model ------------------------------------------------------------------------------------------------- */

#define TJOB_MODEL_CLIENTS_MAX 4
#define TJOB_MODEL_TRAINERS_MAX 3
#define TJOB_MODEL_RETRIES_MAX 3
#define TJOB_MODEL_FAULTS_MAX 3
#define TJOB_MODEL_INCARNATIONS_MAX 3
#define TJOB_MODEL_INSTANTS_MAX 4
#define TJOB_MODEL_INVARIANTS_MAX 4

/* An invariant of the caller's, which is checked at every change of the record. `holds` returns false if a change
 * violates it; it must be pure and thread-safe. The texts must outlive the model. */
typedef struct tjob_model_invariant {
    const char *name;
    const char *sentence;
    bool (*holds)(const tjob_job *before, const tjob_event *event, const tjob_job *after);
} tjob_model_invariant;

/*
 * The configuration of the system. A member of zero means the value in brackets, if there is one. Each number is at
 * most the limit above that has its name.
 */
typedef struct tjob_lifecycle_config {
    uint32_t clients;      /* each sends one request: stop, describe or delete [2] */
    uint32_t trainers;     /* each starts, and reports once [2] */
    uint32_t retries;      /* how often a client retries after a 500, 0 to TJOB_MODEL_RETRIES_MAX */
    uint32_t faults;       /* the budget of faults in one behaviour, 0 to TJOB_MODEL_FAULTS_MAX */
    uint32_t incarnations; /* how often the host submits the job under its name [1] */
    uint32_t instants;     /* each load reads a clock of any value from 1 to this, in milliseconds [2] */

    /* Stops expire after `policy.stop_timeout_ms` [1]. With a transition of the caller's own, the properties of the
     * library's table do not apply. */
    tjob_policy policy;
    const tjob_store_model *store; /* [tjob_store_model_sound] */
    tjob_seeded_bug bug;           /* a seeded bug of the store replaces `store` */
    bool no_symmetry;              /* no symmetry reduction of clients */
    bool no_reduction; /* no state reduction: an operation keeps what it loaded after its version is gone for good */

    const tjob_model_invariant *invariants;
    uint32_t invariant_count; /* at most TJOB_MODEL_INVARIANTS_MAX */
} tjob_lifecycle_config;

/* A model. Opaque. */
typedef struct tjob_lifecycle_model tjob_lifecycle_model;

/*
 * tjob_lifecycle_model_init sets up a model in memory of the caller, in which the model caches the successors of each
 * actor's situation; each is computed by running the operation once. tjob_lifecycle_model_bytes returns how many bytes
 * are enough; 0 if the configuration is invalid.
 *
 * config  copied; what it points to must outlive the model.
 * memory  aligned to 64 bytes, `bytes` bytes; it belongs to the model until the caller takes it back.
 *
 * tjob_lifecycle_model_init returns NULL if the configuration is invalid or the memory is too small. Nothing needs to
 * be released. Both are thread-safe.
 */
tjob_lifecycle_model *tjob_lifecycle_model_init(const tjob_lifecycle_config *config, void *memory, size_t bytes);
uint64_t tjob_lifecycle_model_bytes(const tjob_lifecycle_config *config);

/* Returns the model for tjob_explorer_init; valid as long as `model`. Thread-safe, as tjob_model requires. */
const tjob_model *tjob_lifecycle_model_of(const tjob_lifecycle_model *model);

/* Returns the record in a state of the model; the record's state is TJOB_ABSENT if there is none. Thread-safe. */
tjob_job tjob_lifecycle_model_job(const tjob_lifecycle_model *model, const unsigned char *state);

/* A step of the model: its actor and its event. */
typedef struct tjob_lifecycle_step {
    tjob_actor actor;      /* of a write that is applied late: whose write it is; of a crash: TJOB_ACTOR_STORE */
    tjob_event_kind event; /* the event of the actor's operation */
} tjob_lifecycle_step;

/* Returns what the label of a step stands for. Thread-safe. */
tjob_lifecycle_step tjob_lifecycle_model_step(const tjob_lifecycle_model *model, uint64_t label);

#ifdef __cplusplus
}
#endif

#endif
