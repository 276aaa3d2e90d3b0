/* A training job, the events that happen to it, and the transition function: what each event does in each state. */
#ifndef TJOB_JOB_H
#define TJOB_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "tjob/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The job ------------------------------------------------------------------------------------------------- */

/* The states of a recognizer's training job, with the names that the service uses. */
typedef enum tjob_state {
    TJOB_ABSENT = 0,           /* no record */
    TJOB_SUBMITTED,            /* it waits for a trainer */
    TJOB_TRAINING,             /* its trainer is training it */
    TJOB_STOP_REQUESTED,       /* marked for termination; its trainer has not halted yet */
    TJOB_STOPPED,              /* terminal: stopped before it completed */
    TJOB_TRAINED,              /* terminal: completed */
    TJOB_TRAINED_WITH_WARNING, /* terminal: completed with a warning */
    TJOB_IN_ERROR,             /* terminal: failed */
    TJOB_DELETING              /* deleted; the host has not removed the record yet */
} tjob_state;

#define TJOB_STATE_COUNT 9

/*
 * Returns the service's name of a state, such as "STOP_REQUESTED"; "ABSENT" for no record; "?" for a value outside the
 * enum. The string is static. Thread-safe.
 */
const char *tjob_state_name(tjob_state state);

/*
 * Returns whether a job in this state has ended: STOPPED, TRAINED, TRAINED_WITH_WARNING or IN_ERROR. False outside the
 * enum. Pure; thread-safe.
 */
bool tjob_state_is_terminal(tjob_state state);

/*
 * Returns whether no training runs or will run in this state: it is terminal, DELETING or absent. False outside the
 * enum. Pure; thread-safe.
 */
bool tjob_state_is_final(tjob_state state);

/*
 * The record of a job: 64 bytes without pointers or padding, so it may be copied and compared as bytes. It is stored
 * under the job's ARN. All times are Unix milliseconds; 0 means "not yet".
 */
typedef struct tjob_job {
    uint64_t submit_token;        /* the token of the submit that created it, never 0; a repeat has the same one */
    uint64_t incarnation;         /* one more than the version of the absence that its creation replaced, so never 0;
                                     two records under one ARN are the same incarnation if and only if it is equal */
    uint64_t trainer_token;       /* the fencing token of the trainer that started it; 0 before that */
    uint64_t submitted_ms;        /* when it was submitted */
    uint64_t training_started_ms; /* when its trainer started */
    uint64_t stop_requested_ms;   /* when a stop was first accepted before the job had ended */
    uint64_t ended_ms;            /* when it ended; also the end of training, if training had started */
    uint32_t state;               /* a tjob_state */
    uint32_t host_code;           /* the host's own reason or tag; set by the submit that created it, and by failed */
} tjob_job;

/* The first problem of an invalid record. */
typedef enum tjob_job_problem {
    TJOB_JOB_VALID = 0,
    TJOB_JOB_BAD_FORMAT, /* encoded in another format, or reserved bytes are not 0 */
    TJOB_JOB_BAD_STATE,  /* the state is not that of a stored job */
    TJOB_JOB_BAD_TOKENS, /* no submit token or no incarnation; or a trainer token without a start of training, or a
                            start without a token */
    TJOB_JOB_BAD_TIMES,  /* a time that this state must have is missing, or one that it must not have is set */
    TJOB_JOB_BAD_ORDER   /* submitted <= training started <= stop requested <= ended, where set, does not hold; or a
                            stop before training did not end the job at once */
} tjob_job_problem;

/*
 * Checks whether a record is valid, that is, whether some run of the lifecycle leads to it. Returns TJOB_JOB_VALID or
 * the first problem. An absent job is not a record: TJOB_JOB_BAD_STATE. Pure; thread-safe.
 */
tjob_job_problem tjob_job_validate(const tjob_job *job);

/*
 * Returns the time of the latest change of a record that satisfies tjob_job_validate: the latest of its four times, in
 * Unix milliseconds, never 0. A deletion has no time of its own: it leaves that of the end. Pure; thread-safe.
 */
uint64_t tjob_job_latest_ms(const tjob_job *job);

/* The size of an encoded job, in bytes, and the number of its format, which is byte 1 of an encoded job. */
#define TJOB_JOB_ENCODED_BYTES 64
#define TJOB_JOB_FORMAT 1

/*
 * Encodes a record, which must satisfy tjob_job_validate, into exactly TJOB_JOB_ENCODED_BYTES bytes. The encoding is
 * the same on every machine: the state and the format number (one byte each), two bytes of 0, the host code (4 bytes),
 * then submit token, incarnation, trainer token and the four times in the order of the struct (8 bytes each), all
 * little-endian. Pure; thread-safe.
 */
void tjob_job_encode(const tjob_job *job, unsigned char bytes[TJOB_JOB_ENCODED_BYTES]);

/*
 * Decodes the output of tjob_job_encode, and checks it with tjob_job_validate. If the record is valid, returns
 * TJOB_JOB_VALID and fills *job; else returns the first problem and does not change *job. Any 64 bytes are safe to
 * pass. Pure; thread-safe.
 */
tjob_job_problem tjob_job_decode(const unsigned char bytes[TJOB_JOB_ENCODED_BYTES], tjob_job *job);

/* ---- The events ---------------------------------------------------------------------------------------------- */

/* The events that can happen to a job. */
typedef enum tjob_event_kind {
    TJOB_SUBMIT = 0,             /* the host creates the job */
    TJOB_START,                  /* a trainer takes it up */
    TJOB_STOP,                   /* a client asks to stop it: StopTrainingEntityRecognizer */
    TJOB_HALTED,                 /* its trainer has halted because of the stop */
    TJOB_COMPLETED,              /* its trainer has completed */
    TJOB_COMPLETED_WITH_WARNING, /* the same, with a warning */
    TJOB_FAILED,                 /* its trainer has failed; or, before training, the host fails it */
    TJOB_TRAINER_LOST,           /* a supervisor has given up its trainer */
    TJOB_STOP_EXPIRED,           /* a supervisor finds that the trainer did not react to the stop in time */
    TJOB_DELETE,                 /* a client deletes it: DeleteEntityRecognizer */
    TJOB_REMOVED,                /* the host has removed what belonged to it: the record is removed */
    TJOB_DESCRIBE                /* a client reads it, and changes nothing: DescribeEntityRecognizer */
} tjob_event_kind;

#define TJOB_EVENT_KIND_COUNT 12

/*
 * Returns the name of an event in lower case with spaces, such as "trainer lost"; "?" for a value outside the enum. The
 * string is static. Thread-safe.
 */
const char *tjob_event_kind_name(tjob_event_kind kind);

/*
 * An event: 32 bytes without padding. `incarnation` and `trainer_token` are fencing tokens: if they are not 0, they
 * must equal the job's; otherwise the event is stale and changes nothing. So a trainer, supervisor or remover of an
 * earlier incarnation under the same ARN never touches the present one. An incarnation of 0 means "any". It is for
 * hosts that never reuse a name, and for the stop and the delete of a client, whose request over the wire names no
 * incarnation.
 */
typedef struct tjob_event {
    /* The incarnation that the event is for; for a submit, the one that it is to begin. 0 = any. */
    uint64_t incarnation;
    /* Start: the token of the new trainer, never 0. Reports (halted to trainer lost): the token of the job's trainer, 0
     * if the job has none. Other events: 0, or the job's. */
    uint64_t trainer_token;
    /* Submit: the token that makes a repeat idempotent, never 0. Other events: not used. */
    uint64_t token;
    uint32_t kind; /* a tjob_event_kind */
    /* Submit and failed: the host code to store in the record. Other events: not used. A repeat of a submit with the
     * same token and another code is unchanged, and the record keeps its code: failed sets the code too, so the record
     * does not show whether the codes of the two submits differ. */
    uint32_t host_code;
} tjob_event;

/*
 * Returns TJOB_OK for an event of a known kind, where a submit has a token and a start has a trainer token; else
 * TJOB_INVALID_ARGUMENT. Pure; thread-safe.
 */
tjob_status tjob_event_validate(const tjob_event *event);

/* ---- The policy ---------------------------------------------------------------------------------------------- */

/* The effect of a stop on a job that is still SUBMITTED. */
typedef enum tjob_stop_submitted {
    TJOB_STOP_SUBMITTED_STOPS = 0, /* STOPPED at once: nothing runs yet, so there is nothing to wait for */
    TJOB_STOP_SUBMITTED_IGNORED,   /* accepted, changes nothing */
    TJOB_STOP_SUBMITTED_REFUSED    /* TJOB_REFUSED_BY_POLICY */
} tjob_stop_submitted;

/* The effect of a stop on a job that ended by itself, or that is being deleted. */
typedef enum tjob_stop_finished {
    TJOB_STOP_FINISHED_ACCEPTED = 0, /* accepted, changes nothing: clients that stop before they delete rely on this */
    TJOB_STOP_FINISHED_REFUSED       /* TJOB_REFUSED_BY_POLICY; but a job that has a stop time accepts a stop under
                                        every policy, so the repeat of an accepted stop is never an error */
} tjob_stop_finished;

/* The values that 0 stands for in tjob_policy.max_attempts and, in milliseconds, tjob_policy.stop_timeout_ms. */
#define TJOB_MAX_ATTEMPTS_DEFAULT 16
#define TJOB_STOP_TIMEOUT_MS_DEFAULT 900000

/* The result of the transition function, tjob_job_apply, for one event. */
typedef struct tjob_transition_result {
    tjob_status status; /* TJOB_OK, TJOB_INVALID_ARGUMENT, TJOB_NOT_FOUND, TJOB_IN_USE, TJOB_STALE, TJOB_WRONG_STATE
                           or TJOB_REFUSED_BY_POLICY */
    bool changed;       /* TJOB_OK: whether *next differs from *job */
} tjob_transition_result;

/* The decisions of a host. All zero is the default policy. */
typedef struct tjob_policy {
    uint64_t stop_timeout_ms; /* the time after which a requested stop expires; 0 = TJOB_STOP_TIMEOUT_MS_DEFAULT. If the
                                 clock is ahead of the one that dated the request, the stop expires early by the
                                 difference: add the maximum by which clocks may differ to this time-out */
    uint32_t stop_submitted;  /* a tjob_stop_submitted */
    uint32_t stop_finished;   /* a tjob_stop_finished */
    uint32_t max_attempts; /* the maximum number of compare-and-swaps in one operation; 0 = TJOB_MAX_ATTEMPTS_DEFAULT */

    /*
     * The host's own transition function, which operations use in place of tjob_job_apply; NULL = tjob_job_apply. It
     * has the parameters and the result of tjob_job_apply, and may call it. It must be pure: the same arguments always
     * give the same result. A changed job must satisfy tjob_job_validate, or be TJOB_ABSENT, which removes the record;
     * otherwise the operation ends with TJOB_MISCONFIGURED. *next equals *job at the call; its value at the return
     * matters only if the job changed. The library's promises about stops then hold only as far as this function keeps
     * them; docs/verification.md explains how to check one.
     */
    tjob_transition_result (*transition)(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                         const struct tjob_policy *policy, tjob_job *next);
} tjob_policy;

/* Returns TJOB_OK if each choice is a value of its enum, else TJOB_MISCONFIGURED. Pure; thread-safe. */
tjob_status tjob_policy_validate(const tjob_policy *policy);

/* ---- The transition function --------------------------------------------------------------------------------- */

/* The content of a cell of the table: the effect of an event in a state. */
typedef enum tjob_transition_kind {
    TJOB_TRANSITION_NOT_FOUND = 0,  /* TJOB_NOT_FOUND */
    TJOB_TRANSITION_REFUSED,        /* TJOB_WRONG_STATE */
    TJOB_TRANSITION_IN_USE,         /* TJOB_IN_USE */
    TJOB_TRANSITION_UNCHANGED,      /* accepted, changes nothing */
    TJOB_TRANSITION_CHANGE,         /* accepted, moves the job to tjob_transition.next */
    TJOB_TRANSITION_SAME_TOKEN,     /* unchanged if the submit token is the job's, else TJOB_IN_USE */
    TJOB_TRANSITION_SAME_TRAINER,   /* unchanged if the trainer token is the job's, else TJOB_WRONG_STATE */
    TJOB_TRANSITION_STOP_SUBMITTED, /* by policy.stop_submitted: moves to tjob_transition.next, unchanged or refused */
    TJOB_TRANSITION_STOP_FINISHED,  /* by policy.stop_finished: unchanged or refused */
    TJOB_TRANSITION_AFTER_TIMEOUT   /* moves to tjob_transition.next after policy.stop_timeout_ms, else unchanged */
} tjob_transition_kind;

/* A cell of the table. */
typedef struct tjob_transition {
    tjob_transition_kind kind;
    tjob_state next; /* the state after the event, if the event moves the job; else the state before */
} tjob_transition;

/* Returns the cell of the table for an event in a state. Both must be values of their enums. Pure; thread-safe. */
tjob_transition tjob_transition_of(tjob_event_kind event, tjob_state state);

/*
 * The lifecycle as one pure function: the effect of `event` on `job`, at the time `now_ms`, under `policy`.
 *
 * job     a record that satisfies tjob_job_validate, or an absent job: its state is TJOB_ABSENT, its incarnation is the
 *         one that a submit would begin (the version of this absence plus one), and all else is 0.
 * event   any event, including one that fails tjob_event_validate.
 * now_ms  Unix milliseconds, any value. It is raised to at least 1, and to at least the latest time in the job, so that
 *         times never run backwards inside a job. A clock that was set back makes an expiry late; one that is ahead
 *         makes it early.
 * policy  the host's decisions. Its `transition` is not called.
 * next    filled in every case with the job after the event, which equals *job unless result.changed. It may be the
 *         same object as `job`. A removed job is all zero.
 *
 * Returns the status, and whether the job changed. An incarnation or a trainer token that does not match is TJOB_STALE,
 * before any other refusal; a report on a job that has a trainer must carry its token. If the job is absent, only a
 * submit can be stale. An event that fails tjob_event_validate, and a job whose state is outside the enum, are
 * TJOB_INVALID_ARGUMENT. Pure; thread-safe.
 */
tjob_transition_result tjob_job_apply(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                      const tjob_policy *policy, tjob_job *next);

#ifdef __cplusplus
}
#endif

#endif
