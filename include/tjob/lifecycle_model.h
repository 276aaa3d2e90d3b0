/*
 * The system around one recognizer, as a model for tjob/explorer.h: clients, trainers, a supervisor, a host, a clock, and a
 * store between which every message may be lost. Each actor runs the very tjob_operation that ships, one access to the
 * store at a time, so that every interleaving is explored. What is right is judged by the table written down a second time.
 *
 * docs/verification.md tells what is modelled, what is assumed, and what is not covered.
 */
#ifndef TJOB_LIFECYCLE_MODEL_H
#define TJOB_LIFECYCLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* A property of the caller's own, of every change of the record: false where a change violates it. Pure. */
typedef struct tjob_model_invariant {
    const char *name;
    const char *sentence;
    bool (*holds)(const tjob_job *before, const tjob_event *event, const tjob_job *after);
} tjob_model_invariant;

/* What the system is made of. Zero where nothing else is said means what is in brackets. */
typedef struct tjob_lifecycle_config {
    uint32_t clients;  /* each sends one request: stop, describe or delete [2] */
    uint32_t trainers; /* each starts, and reports once [2] */
    uint32_t retries;  /* how often a client sends again what was answered with a 500, 0 to TJOB_MODEL_RETRIES_MAX */
    uint32_t faults;   /* how much may go wrong, in all, 0 to TJOB_MODEL_FAULTS_MAX */
    uint32_t incarnations; /* how often the host submits the job under its name [1] */
    uint32_t instants;     /* the clock shows 1 to this many milliseconds, each load any of them [2] */

    /* Stops expire after `policy.stop_timeout_ms` [1]. With a rule of the caller's own, what the library's table promises is
     * not judged. */
    tjob_policy policy;
    const tjob_store_model *store; /* [tjob_store_model_sound] */
    tjob_seeded_bug bug;           /* a plant of the store takes the store's place */
    bool keep_clients_apart;       /* no reduction by their symmetry */
    bool no_reduction; /* nor by forgetting what an operation has loaded once its version is gone for good */

    const tjob_model_invariant *invariants;
    uint32_t invariant_count; /* at most TJOB_MODEL_INVARIANTS_MAX */
} tjob_lifecycle_config;

/* A model. Its fields are its own. */
typedef struct tjob_lifecycle_model tjob_lifecycle_model;

/*
 * Sets up a model in memory of the caller's: where it keeps what actors do in each situation, each found by running the
 * operation once. tjob_lifecycle_model_bytes tells how much memory is enough for `states` states of the search.
 *
 * config  copied; what it points to must outlive the model.
 * memory  aligned to 64 bytes.
 *
 * NULL if the configuration cannot be, or the memory is too small.
 */
tjob_lifecycle_model *tjob_lifecycle_model_init(const tjob_lifecycle_config *config, void *memory, size_t bytes);
uint64_t tjob_lifecycle_model_bytes(const tjob_lifecycle_config *config);

/* The model, for tjob_explorer_init. */
const tjob_model *tjob_lifecycle_model_of(const tjob_lifecycle_model *model);

/* The record that a state of the model holds; its state is TJOB_ABSENT if there is none. */
tjob_job tjob_lifecycle_model_job(const tjob_lifecycle_model *model, const unsigned char *state);

/* What a step of the model is: who took it, and what it was about. */
typedef struct tjob_lifecycle_step {
    const char *actor;     /* a kind of actor, such as "client" */
    tjob_event_kind event; /* what the actor is at */
} tjob_lifecycle_step;

tjob_lifecycle_step tjob_lifecycle_model_step(const tjob_lifecycle_model *model, uint64_t label);

#ifdef __cplusplus
}
#endif

#endif
