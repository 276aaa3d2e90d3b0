/* A training job, the events that happen to it, and the one rule that says what each event does in each state. */
#ifndef TJOB_JOB_H
#define TJOB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The job ------------------------------------------------------------------------------------------------- */

/* The states of a recognizer's training job, by the service's own names. */
typedef enum tjob_state {
    TJOB_ABSENT = 0,           /* no record */
    TJOB_SUBMITTED,            /* waits for a trainer */
    TJOB_TRAINING,             /* a trainer, its trainer, is at it */
    TJOB_STOP_REQUESTED,       /* marked for termination; the trainer has not yet halted */
    TJOB_STOPPED,              /* terminal: stopped before it completed */
    TJOB_TRAINED,              /* terminal: completed */
    TJOB_TRAINED_WITH_WARNING, /* terminal: completed with a warning */
    TJOB_IN_ERROR,             /* terminal: failed */
    TJOB_DELETING              /* deleted; the host has not yet removed the record */
} tjob_state;

#define TJOB_STATE_COUNT 9

/* The service's name of a state, such as "STOP_REQUESTED"; "ABSENT" for no record; "?" outside the enum. Static. */
const char *tjob_state_name(tjob_state state);

/* Whether a job in this state has ended: STOPPED, TRAINED, TRAINED_WITH_WARNING or IN_ERROR. */
bool tjob_state_is_terminal(tjob_state state);

/* Whether no training runs or will run in this state: terminal, DELETING or absent. */
bool tjob_state_is_final(tjob_state state);

/*
 * The record of a job: 64 bytes, no pointer, no padding, so that it may be copied and compared as bytes. The job's ARN
 * is the key under which it is stored. All times are Unix milliseconds; 0 means "not yet".
 */
typedef struct tjob_job {
    uint64_t submit_token;        /* from the submit that created it, never 0: a repeat of that submit bears it too */
    uint64_t incarnation;         /* one more than the version of the absence that its creation replaced, so never 0;
                                     two records under one ARN are the same incarnation if and only if it is equal */
    uint64_t trainer_token;       /* fencing token of the trainer that started it; 0 before */
    uint64_t submitted_ms;        /* when it was submitted */
    uint64_t training_started_ms; /* when its trainer started */
    uint64_t stop_requested_ms;   /* when a stop was first accepted before the job had ended */
    uint64_t ended_ms;            /* when it ended; the end of training too, where training started */
    uint32_t state;               /* a tjob_state */
    uint32_t host_code;           /* the host's own reason or tag, set by the submit that created it and by failed */
} tjob_job;

/* What is wrong with a record. */
typedef enum tjob_job_problem {
    TJOB_JOB_VALID = 0,
    TJOB_JOB_BAD_FORMAT, /* encoded in another format, or reserved bytes are not 0 */
    TJOB_JOB_BAD_STATE,  /* the state is not one of a stored job */
    TJOB_JOB_BAD_TOKENS, /* no submit token, no incarnation, or a trainer where none can be or none where one must */
    TJOB_JOB_BAD_TIMES,  /* a time that this state must have is missing, or one that it cannot have is set */
    TJOB_JOB_BAD_ORDER   /* not submitted <= training started <= stop requested <= ended, where set; or a stop before
                            training that did not end the job at once */
} tjob_job_problem;

/*
 * Tells whether a record can be: whether some run of the lifecycle leads to it. TJOB_JOB_VALID or the first problem.
 * An absent job is no record: TJOB_JOB_BAD_STATE. Pure; thread-safe.
 */
tjob_job_problem tjob_job_validate(const tjob_job *job);

/* The size of an encoded job, in bytes, and the number of the format, which is its byte 1. */
#define TJOB_JOB_ENCODED_BYTES 64
#define TJOB_JOB_FORMAT 1

/*
 * Encodes a record that satisfies tjob_job_validate into exactly TJOB_JOB_ENCODED_BYTES bytes, the same on every machine:
 * state and format number (a byte each), two bytes of 0, host code (4 bytes), then submit token, incarnation, trainer and the
 * four times in the order of the struct (8 bytes each), little-endian.
 */
void tjob_job_encode(const tjob_job *job, unsigned char bytes[TJOB_JOB_ENCODED_BYTES]);

/*
 * Decodes what tjob_job_encode wrote and checks it with tjob_job_validate. Returns TJOB_JOB_VALID and fills *job, or the
 * first problem and leaves *job as it was. Any 64 bytes are safe to pass.
 */
tjob_job_problem tjob_job_decode(const unsigned char bytes[TJOB_JOB_ENCODED_BYTES], tjob_job *job);

/* ---- The events ---------------------------------------------------------------------------------------------- */

/* What can happen to a job. */
typedef enum tjob_event_kind {
    TJOB_SUBMIT = 0,             /* the host creates the job */
    TJOB_START,                  /* a trainer takes it up */
    TJOB_STOP,                   /* a client asks to stop it: StopTrainingEntityRecognizer */
    TJOB_HALTED,                 /* its trainer halted because of the stop */
    TJOB_COMPLETED,              /* its trainer completed */
    TJOB_COMPLETED_WITH_WARNING, /* the same, with a warning */
    TJOB_FAILED,                 /* its trainer failed, or the host before training */
    TJOB_TRAINER_LOST,           /* a supervisor gave its trainer up */
    TJOB_STOP_EXPIRED,           /* a supervisor finds that the trainer did not react to the stop in time */
    TJOB_DELETE,                 /* a client deletes it: DeleteEntityRecognizer */
    TJOB_REMOVED,                /* the host removed what belonged to it: the record goes */
    TJOB_DESCRIBE                /* a client looks at it, DescribeEntityRecognizer: changes nothing */
} tjob_event_kind;

#define TJOB_EVENT_KIND_COUNT 12

/* The name of an event in lower case with spaces, such as "trainer lost"; "?" for a value outside the enum. Static. */
const char *tjob_event_kind_name(tjob_event_kind kind);

/*
 * An event: 32 bytes without padding. `incarnation` and `trainer_token` are fencing tokens: where not 0, they must be the job's, or
 * the event is stale and changes nothing. So a trainer, supervisor or remover of an earlier incarnation under the same ARN
 * never touches the present one. An incarnation of 0 means "whichever is there", for hosts that never use a name again; so do the
 * stop and the delete of a client, whose request over the wire names no incarnation.
 */
typedef struct tjob_event {
    uint64_t incarnation; /* the incarnation that it is meant for, of a submit: that it is to begin; 0 = whichever */
    uint64_t
        trainer_token; /* start: the new trainer's token, never 0; reports (halted to trainer lost): the token of the
                           job's trainer, 0 where the job has none; other events: 0, or the job's */
    uint64_t token;    /* submit: the token that makes a repeat idempotent, never 0; other events: not used */
    uint32_t kind;     /* a tjob_event_kind */
    uint32_t
        host_code; /* submit, failed: what the record shall bear; other events: not used. A repeat of the same token
                           with another code is unchanged, and the record keeps its own: it cannot tell, for failed sets
                           it, too */
} tjob_event;

/* TJOB_OK for a known kind, a submit with a token, a start with a trainer token; else TJOB_INVALID_ARGUMENT. Pure; thread-safe. */
tjob_status tjob_event_validate(const tjob_event *event);

/* ---- The policy ---------------------------------------------------------------------------------------------- */

/* What a stop does to a job that is still SUBMITTED. */
typedef enum tjob_stop_submitted {
    TJOB_STOP_SUBMITTED_STOPS = 0, /* STOPPED at once: nothing runs yet, so there is nothing to wait for */
    TJOB_STOP_SUBMITTED_IGNORED,   /* accepted, changes nothing */
    TJOB_STOP_SUBMITTED_REFUSED    /* TJOB_REFUSED_BY_POLICY */
} tjob_stop_submitted;

/* What a stop does to a job that ended by itself, or is being deleted. */
typedef enum tjob_stop_finished {
    TJOB_STOP_FINISHED_ACCEPTED = 0, /* accepted, changes nothing: what clients that stop before they delete count on */
    TJOB_STOP_FINISHED_REFUSED       /* TJOB_REFUSED_BY_POLICY; but a job that bears a stop time accepts a stop under
                                        every policy, so that the repeat of an accepted stop is never an error */
} tjob_stop_finished;

#define TJOB_MAX_ATTEMPTS_DEFAULT 16
#define TJOB_STOP_TIMEOUT_MS_DEFAULT 900000

/* What the rule, see tjob_job_apply, makes of one event. */
typedef struct tjob_transition_result {
    tjob_status status; /* TJOB_OK, TJOB_INVALID_ARGUMENT, TJOB_NOT_FOUND, TJOB_IN_USE, TJOB_STALE, TJOB_WRONG_STATE
                           or TJOB_REFUSED_BY_POLICY */
    bool changed;       /* TJOB_OK: whether *next differs from *job */
} tjob_transition_result;

/* What a host decides. All zero is the default policy. */
typedef struct tjob_policy {
    uint64_t stop_timeout_ms; /* after how long a requested stop expires; 0 = TJOB_STOP_TIMEOUT_MS_DEFAULT. A clock that
                                 is ahead of the one that dated the request lets it expire as much too early: add the most
                                 by which clocks may differ */
    uint32_t stop_submitted;  /* a tjob_stop_submitted */
    uint32_t stop_finished;   /* a tjob_stop_finished */
    uint32_t max_attempts;    /* compare-and-swaps an operation may try; 0 = TJOB_MAX_ATTEMPTS_DEFAULT */

    /*
     * The host's own rule, which operations go by in place of tjob_job_apply; NULL = tjob_job_apply. It takes and
     * returns what that does, may call it, and must be pure: what it makes of the same arguments is always the same. A
     * changed job must satisfy tjob_job_validate or be TJOB_ABSENT, which removes it; else the operation is
     * TJOB_MISCONFIGURED. *next is *job before, and what it is after counts only for a changed job. What the library
     * promises of stops it then promises as far as this rule does; docs/verification.md tells how to check one.
     */
    tjob_transition_result (*transition)(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                         const struct tjob_policy *policy, tjob_job *next);
} tjob_policy;

/* TJOB_OK if each choice is one of its enum, else TJOB_MISCONFIGURED. Pure; thread-safe. */
tjob_status tjob_policy_validate(const tjob_policy *policy);

/* ---- The rule ------------------------------------------------------------------------------------------------ */

/* What the table says of an event in a state. */
typedef enum tjob_transition_kind {
    TJOB_TRANSITION_NOT_FOUND = 0, /* TJOB_NOT_FOUND */
    TJOB_TRANSITION_REFUSED,       /* TJOB_WRONG_STATE */
    TJOB_TRANSITION_IN_USE,        /* TJOB_IN_USE */
    TJOB_TRANSITION_UNCHANGED,     /* accepted, changes nothing */
    TJOB_TRANSITION_CHANGE,        /* accepted, moves the job to tjob_transition.next */
    TJOB_TRANSITION_SAME_TOKEN,    /* unchanged if the submit token is the job's, else TJOB_IN_USE */
    TJOB_TRANSITION_SAME_TRAINER,  /* unchanged if the trainer is the job's, else TJOB_WRONG_STATE */
    TJOB_TRANSITION_STOP_SUBMITTED, /* as policy.stop_submitted says: moves to tjob_transition.next, unchanged or refused */
    TJOB_TRANSITION_STOP_FINISHED, /* as policy.stop_finished says: unchanged or refused */
    TJOB_TRANSITION_AFTER_TIMEOUT /* moves to tjob_transition.next once policy.stop_timeout_ms has passed, else unchanged */
} tjob_transition_kind;

typedef struct tjob_transition {
    tjob_transition_kind kind;
    tjob_state next; /* the state after, where the rule moves the job; else the state before */
} tjob_transition;

/* The cell of the table for an event in a state. Both must be of their enums. Pure; thread-safe. */
tjob_transition tjob_transition_of(tjob_event_kind event, tjob_state state);

/*
 * The lifecycle as one pure function: what `event`, at `now_ms`, under `policy`, does to `job`.
 *
 * job     a record that satisfies tjob_job_validate, or an absent job: state TJOB_ABSENT, incarnation the one that a submit
 *         would begin (the version of this absence plus one), all else 0.
 * now_ms  Unix milliseconds, any value: it is taken as at least 1 and as at least the latest time that the job bears,
 *         so that times never run backwards inside a job. A clock that was set back makes an expiry late, one that is
 *         ahead makes it early.
 * next    filled in every case: the job after the event; equal to *job unless result.changed. It may be `job`. A
 *         removed job is all zero.
 *
 * An incarnation or trainer that does not fit is TJOB_STALE before any other refusal; a report on a job that has a trainer must
 * carry one. An event that fails tjob_event_validate is TJOB_INVALID_ARGUMENT. Pure; thread-safe.
 */
tjob_transition_result tjob_job_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                      const tjob_policy *policy, tjob_job *next);

#ifdef __cplusplus
}
#endif

#endif
