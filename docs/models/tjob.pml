/*
 * The lifecycle of a training job, its policies, and the system around one record: clients, trainers, a supervisor, a
 * host, and a store that may fail, lose an answer, or apply a write late.
 *
 * `tjob graph --format promela` has printed this model. The table, the fencing and the times that a change sets are
 * those of the library, which the program has asked; the second table, which the first is compared with, is the
 * reference of `tjob check`. The operation (load, swap, what follows a lost answer) is written out here.
 *
 * The invariants:
 *     spin -a tjob.pml && cc -O1 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000
 * A property in linear temporal logic, with weak fairness; the names are at the end:
 *     spin -a -DTJOB_LTL tjob.pml && cc -O1 -DNOREDUCE -DNFAIR=3 -o pan pan.c
 *     ./pan -a -f -m1000000 -N stops_complete
 * Another system or policy: spin -a -DTJOB_CLIENTS=2 -DTJOB_STOP_SUBMITTED=TJOB_STOP_SUBMITTED_REFUSED tjob.pml
 * Each change of the record, on standard output: cc -DPRINTF.
 *
 * The verifier exits with 0 in every case: read "errors:", "max search depth too small" and "Search not completed".
 */

/* ---- Configuration: as the options of `tjob check` --------------------------------------------------------------- */

#ifndef TJOB_CLIENTS
#define TJOB_CLIENTS 1 /* each sends one request: stop, describe or delete */
#endif
#ifndef TJOB_TRAINERS
#define TJOB_TRAINERS 1 /* each starts, and reports once */
#endif
#ifndef TJOB_RETRIES
#define TJOB_RETRIES 1 /* how often a client retries after a 500 */
#endif
#ifndef TJOB_FAULTS
#define TJOB_FAULTS 1 /* the budget of faults in one behaviour */
#endif
#ifndef TJOB_INCARNATIONS
#define TJOB_INCARNATIONS 1 /* how often the host submits the job */
#endif
#ifndef TJOB_INSTANTS
#define TJOB_INSTANTS 2 /* each load reads a clock of any value from 1 to this, at most 4 */
#endif

/* The policy: tjob_policy of tjob/job.h. */
#define TJOB_STOP_SUBMITTED_STOPS 0
#define TJOB_STOP_SUBMITTED_IGNORED 1
#define TJOB_STOP_SUBMITTED_REFUSED 2
#define TJOB_STOP_FINISHED_ACCEPTED 0
#define TJOB_STOP_FINISHED_REFUSED 1
#ifndef TJOB_STOP_SUBMITTED
#define TJOB_STOP_SUBMITTED TJOB_STOP_SUBMITTED_STOPS
#endif
#ifndef TJOB_STOP_FINISHED
#define TJOB_STOP_FINISHED TJOB_STOP_FINISHED_ACCEPTED
#endif
#ifndef TJOB_STOP_TIMEOUT_MS
#define TJOB_STOP_TIMEOUT_MS 1
#endif
#ifndef TJOB_MAX_ATTEMPTS
#define TJOB_MAX_ATTEMPTS 16
#endif

/* ---- Types ------------------------------------------------------------------------------------------------------- */

/* tjob_state */
mtype = {
    TJOB_ABSENT,
    TJOB_SUBMITTED,
    TJOB_TRAINING,
    TJOB_STOP_REQUESTED,
    TJOB_STOPPED,
    TJOB_TRAINED,
    TJOB_TRAINED_WITH_WARNING,
    TJOB_IN_ERROR,
    TJOB_DELETING
};
/* tjob_event */
mtype = {
    TJOB_SUBMIT,
    TJOB_START,
    TJOB_STOP,
    TJOB_HALTED,
    TJOB_COMPLETED,
    TJOB_COMPLETED_WITH_WARNING,
    TJOB_FAILED,
    TJOB_TRAINER_LOST,
    TJOB_STOP_EXPIRED,
    TJOB_DELETE,
    TJOB_REMOVED,
    TJOB_DESCRIBE
};
/* tjob_status */
mtype = {
    TJOB_OK,
    TJOB_INVALID_ARGUMENT,
    TJOB_NOT_FOUND,
    TJOB_IN_USE,
    TJOB_STALE,
    TJOB_WRONG_STATE,
    TJOB_REFUSED_BY_POLICY,
    TJOB_ACCESS_DENIED,
    TJOB_THROTTLED,
    TJOB_UNKNOWN_OPERATION,
    TJOB_MISCONFIGURED,
    TJOB_UNAVAILABLE,
    TJOB_FULL,
    TJOB_CONTENDED,
    TJOB_UNRESOLVED
};
mtype = {TJOB_CHANGED_NO, TJOB_CHANGED_YES, TJOB_CHANGED_UNKNOWN};
mtype = {TJOB_ASK_LOAD, TJOB_ASK_SWAP};
mtype = {TJOB_READY, TJOB_BUSY, TJOB_RUNNING, TJOB_DONE};

/* What becomes of a request of an operation; all but the first three cost a fault. */
mtype = {
    TJOB_ANSWERED,         /* also of a swap: applied, or a conflict, as the version says */
    TJOB_DENIED,           /* the authorizer: no */
    TJOB_TOO_MANY,         /* the rate limiter: no */
    TJOB_CANNOT_AUTHORIZE, /* the authorizer is unavailable */
    TJOB_FAILS,            /* the store is unavailable */
    TJOB_IS_FULL,          /* the store is full */
    TJOB_SPURIOUS,         /* a conflict, though the version stands */
    TJOB_LOST,             /* the answer is lost; applied or a conflict, as the version says */
    TJOB_LATE              /* the answer is lost, and the write stays in flight */
};

/* tjob_job of tjob/job.h; a time of 0 is "not yet". All is 0 in an absent record but the state. */
typedef tjob_job {
    mtype state = TJOB_ABSENT;
    byte token;
    byte incarnation;
    byte trainer;
    byte submitted;
    byte started;
    byte requested;
    byte ended;
};

/* An actor and its operation: tjob_operation of tjob/operation.h. */
typedef tjob_actor {
    mtype stage = TJOB_READY;
    mtype repeats; /* the event that it has to send again; 0: it is free to choose */
    byte retries = TJOB_RETRIES; /* of a client */
    byte next_token = 1;      /* of a host: of its next submit */
    byte applied;             /* how many swaps of the operation were applied */
    mtype event;
    byte of_incarnation;      /* fencing tokens of the event; 0: none */
    byte of_trainer;
    byte token;
    mtype ask;
    bool lost;                /* an answer was lost */
    byte attempts;
    byte version;             /* loaded; the swap expects it */
    byte incarnation;         /* loaded */
    mtype before = TJOB_ABSENT; /* loaded */
    tjob_job job;             /* to swap in */
};

/* A write in flight. */
typedef tjob_write {
    mtype event; /* 0: none */
    byte owner;
    byte expected;
    tjob_job job;
};

#define TJOB_SUPERVISOR (TJOB_CLIENTS + TJOB_TRAINERS)
#define TJOB_HOST (TJOB_SUPERVISOR + 1)
#define TJOB_ACTORS (TJOB_HOST + 1)
#define TJOB_TRAINER_TOKEN(actor) (actor - TJOB_CLIENTS + 1)
#if TJOB_FAULTS == 0
#define TJOB_WRITES 1
#else
#define TJOB_WRITES TJOB_FAULTS
#endif

/* ---- State ------------------------------------------------------------------------------------------------------- */

tjob_job tjob_record; /* what the store holds */
byte tjob_version;    /* of the record, or of its absence */
bool tjob_promised;   /* a stop of this incarnation was answered 200 */
byte tjob_faults = TJOB_FAULTS;
tjob_actor tjob_actors[TJOB_ACTORS];
tjob_write tjob_writes[TJOB_WRITES];

#define TJOB_SELF tjob_actors[self]

/* Results within one step. They are no part of a state: each step sets them before it reads them. */
hidden mtype tjob_answer; /* of a table */
hidden mtype tjob_to;      /* of a table: the next state; 0: unchanged */
hidden mtype tjob_expected_answer;
hidden mtype tjob_expected_to;
hidden byte tjob_time;
hidden byte tjob_stale;
hidden byte tjob_ends;
hidden mtype tjob_status;
hidden mtype tjob_changed;
hidden byte tjob_failed;
hidden byte tjob_was_absent;
hidden mtype tjob_was;
hidden byte tjob_in_flight;
hidden byte tjob_i;

/* The invariants, by the names of docs/lifecycle.md: an assertion that fails prints the name. */
hidden byte tjob_states_follow_table;
hidden byte tjob_stop_is_kept;
hidden byte tjob_stopped_has_stop_time;
hidden byte tjob_stop_excludes_completion;
hidden byte tjob_no_hidden_effect;
hidden byte tjob_success_is_applied;
hidden byte tjob_answer_follows_table;
hidden byte tjob_times_are_ordered;
hidden byte tjob_conflicts;

/* ---- Predicates -------------------------------------------------------------------------------------------------- */

#define TJOB_IS_FINAL(state) \
    (state == TJOB_ABSENT || \
     state == TJOB_STOPPED || \
     state == TJOB_TRAINED || \
     state == TJOB_TRAINED_WITH_WARNING || \
     state == TJOB_IN_ERROR || \
     state == TJOB_DELETING)
#define TJOB_HAS_COMPLETED(state) (state == TJOB_TRAINED || state == TJOB_TRAINED_WITH_WARNING)

/* Under the policy that ignores a stop of a submitted job, a stop is not kept. */
#define TJOB_STOP_IS_KEPT \
    (!tjob_promised || TJOB_STOP_SUBMITTED == TJOB_STOP_SUBMITTED_IGNORED || \
     (tjob_record.state != TJOB_SUBMITTED && tjob_record.state != TJOB_TRAINING))
#define TJOB_STOPPED_HAS_STOP_TIME (tjob_record.state != TJOB_STOPPED || tjob_record.requested != 0)
#define TJOB_IN_ORDER(a, b) (a == 0 || b == 0 || a <= b)
#define TJOB_TIMES_ARE_ORDERED \
    (TJOB_IN_ORDER(tjob_record.submitted, tjob_record.started) && \
     TJOB_IN_ORDER(tjob_record.submitted, tjob_record.requested) && \
     TJOB_IN_ORDER(tjob_record.submitted, tjob_record.ended) && \
     TJOB_IN_ORDER(tjob_record.started, tjob_record.requested) && \
     TJOB_IN_ORDER(tjob_record.started, tjob_record.ended) && \
     TJOB_IN_ORDER(tjob_record.requested, tjob_record.ended))

/* ---- The transition function ------------------------------------------------------------------------------------- */

/* The cells of a table: tjob_transition_kind of tjob/job.h. */

inline tjob_answers(status)
{
    tjob_answer = status;
    tjob_to = 0
}

inline tjob_moves(next)
{
    tjob_answer = TJOB_OK;
    tjob_to = next
}

inline tjob_accepts_if(condition, otherwise)
{
    if
    :: condition -> tjob_answers(TJOB_OK)
    :: else -> tjob_answers(otherwise)
    fi
}

inline tjob_not_found() { tjob_answers(TJOB_NOT_FOUND) }
inline tjob_refused() { tjob_answers(TJOB_WRONG_STATE) }
inline tjob_in_use() { tjob_answers(TJOB_IN_USE) }
inline tjob_unchanged() { tjob_answers(TJOB_OK) }
inline tjob_same_token() { tjob_accepts_if(TJOB_SELF.token == TJOB_SELF.job.token, TJOB_IN_USE) }
inline tjob_same_trainer() { tjob_accepts_if(TJOB_SELF.of_trainer == TJOB_SELF.job.trainer, TJOB_WRONG_STATE) }

inline tjob_stop_submitted(next)
{
    if
    :: TJOB_STOP_SUBMITTED == TJOB_STOP_SUBMITTED_STOPS -> tjob_moves(next)
    :: else -> tjob_accepts_if(TJOB_STOP_SUBMITTED == TJOB_STOP_SUBMITTED_IGNORED, TJOB_REFUSED_BY_POLICY)
    fi
}

inline tjob_stop_finished()
{
    tjob_accepts_if(TJOB_STOP_FINISHED == TJOB_STOP_FINISHED_ACCEPTED || TJOB_SELF.job.requested != 0,
                    TJOB_REFUSED_BY_POLICY)
}

inline tjob_after_timeout(next)
{
    if
    :: tjob_time - TJOB_SELF.job.requested >= TJOB_STOP_TIMEOUT_MS -> tjob_moves(next)
    :: else -> tjob_answers(TJOB_OK)
    fi
}

/* The library's table: src/core/lifecycle.c. */
inline tjob_table()
{
    if
    :: TJOB_SELF.event == TJOB_SUBMIT ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_moves(TJOB_SUBMITTED)
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_same_token()
        fi
    :: TJOB_SELF.event == TJOB_START ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_moves(TJOB_TRAINING)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_same_trainer()
        fi
    :: TJOB_SELF.event == TJOB_STOP ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_stop_submitted(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_STOP_REQUESTED)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_stop_finished()
        fi
    :: TJOB_SELF.event == TJOB_HALTED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_COMPLETED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_TRAINED)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_TRAINED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_COMPLETED_WITH_WARNING ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_TRAINED_WITH_WARNING)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_TRAINED_WITH_WARNING)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_FAILED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_TRAINER_LOST ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_STOP_EXPIRED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_after_timeout(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_DELETE ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_REMOVED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_moves(TJOB_ABSENT)
        fi
    :: TJOB_SELF.event == TJOB_DESCRIBE ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    fi
}

/* The reference table, which is independent of the library: src/verify/spec/reference.c. */
inline tjob_reference()
{
    if
    :: TJOB_SELF.event == TJOB_SUBMIT ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_moves(TJOB_SUBMITTED)
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_same_token()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_same_token()
        fi
    :: TJOB_SELF.event == TJOB_START ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_moves(TJOB_TRAINING)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_same_trainer()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_same_trainer()
        fi
    :: TJOB_SELF.event == TJOB_STOP ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_stop_submitted(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_STOP_REQUESTED)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_stop_finished()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_stop_finished()
        fi
    :: TJOB_SELF.event == TJOB_HALTED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_COMPLETED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_TRAINED)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_TRAINED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_COMPLETED_WITH_WARNING ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_TRAINED_WITH_WARNING)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_TRAINED_WITH_WARNING)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_FAILED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_refused()
        fi
    :: TJOB_SELF.event == TJOB_TRAINER_LOST ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_moves(TJOB_IN_ERROR)
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_moves(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_STOP_EXPIRED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_after_timeout(TJOB_STOPPED)
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_DELETE ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_in_use()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_moves(TJOB_DELETING)
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    :: TJOB_SELF.event == TJOB_REMOVED ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_refused()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_moves(TJOB_ABSENT)
        fi
    :: TJOB_SELF.event == TJOB_DESCRIBE ->
        if
        :: TJOB_SELF.job.state == TJOB_ABSENT -> tjob_not_found()
        :: TJOB_SELF.job.state == TJOB_SUBMITTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOP_REQUESTED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_STOPPED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_TRAINED_WITH_WARNING -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_IN_ERROR -> tjob_unchanged()
        :: TJOB_SELF.job.state == TJOB_DELETING -> tjob_unchanged()
        fi
    fi
}

#define TJOB_FOLLOWS_TABLE(event, from, to) \
    (false || \
     (event == TJOB_SUBMIT && from == TJOB_ABSENT && to == TJOB_SUBMITTED) || \
     (event == TJOB_START && from == TJOB_SUBMITTED && to == TJOB_TRAINING) || \
     (event == TJOB_STOP && from == TJOB_SUBMITTED && to == TJOB_STOPPED) || \
     (event == TJOB_STOP && from == TJOB_TRAINING && to == TJOB_STOP_REQUESTED) || \
     (event == TJOB_HALTED && from == TJOB_STOP_REQUESTED && to == TJOB_STOPPED) || \
     (event == TJOB_COMPLETED && from == TJOB_TRAINING && to == TJOB_TRAINED) || \
     (event == TJOB_COMPLETED && from == TJOB_STOP_REQUESTED && to == TJOB_TRAINED) || \
     (event == TJOB_COMPLETED_WITH_WARNING && from == TJOB_TRAINING && to == TJOB_TRAINED_WITH_WARNING) || \
     (event == TJOB_COMPLETED_WITH_WARNING && from == TJOB_STOP_REQUESTED && to == TJOB_TRAINED_WITH_WARNING) || \
     (event == TJOB_FAILED && from == TJOB_SUBMITTED && to == TJOB_IN_ERROR) || \
     (event == TJOB_FAILED && from == TJOB_TRAINING && to == TJOB_IN_ERROR) || \
     (event == TJOB_FAILED && from == TJOB_STOP_REQUESTED && to == TJOB_IN_ERROR) || \
     (event == TJOB_TRAINER_LOST && from == TJOB_TRAINING && to == TJOB_IN_ERROR) || \
     (event == TJOB_TRAINER_LOST && from == TJOB_STOP_REQUESTED && to == TJOB_STOPPED) || \
     (event == TJOB_STOP_EXPIRED && from == TJOB_STOP_REQUESTED && to == TJOB_STOPPED) || \
     (event == TJOB_DELETE && from == TJOB_STOPPED && to == TJOB_DELETING) || \
     (event == TJOB_DELETE && from == TJOB_TRAINED && to == TJOB_DELETING) || \
     (event == TJOB_DELETE && from == TJOB_TRAINED_WITH_WARNING && to == TJOB_DELETING) || \
     (event == TJOB_DELETE && from == TJOB_IN_ERROR && to == TJOB_DELETING) || \
     (event == TJOB_REMOVED && from == TJOB_DELETING && to == TJOB_ABSENT))

/* Fencing: which events are stale, as the library answers. */
#define TJOB_STALE_OF_OTHER_INCARNATION(kind) \
    (kind == TJOB_SUBMIT || \
     kind == TJOB_START || \
     kind == TJOB_STOP || \
     kind == TJOB_HALTED || \
     kind == TJOB_COMPLETED || \
     kind == TJOB_COMPLETED_WITH_WARNING || \
     kind == TJOB_FAILED || \
     kind == TJOB_TRAINER_LOST || \
     kind == TJOB_STOP_EXPIRED || \
     kind == TJOB_DELETE || \
     kind == TJOB_REMOVED || \
     kind == TJOB_DESCRIBE)
#define TJOB_FENCED_WHEN_ABSENT(kind) \
    (kind == TJOB_SUBMIT)
#define TJOB_STALE_WITHOUT_TRAINER(kind) \
    (kind == TJOB_START || \
     kind == TJOB_HALTED || \
     kind == TJOB_COMPLETED || \
     kind == TJOB_COMPLETED_WITH_WARNING || \
     kind == TJOB_FAILED || \
     kind == TJOB_TRAINER_LOST)
#define TJOB_STALE_BEFORE_TRAINER(kind) \
    (kind == TJOB_SUBMIT || \
     kind == TJOB_STOP || \
     kind == TJOB_HALTED || \
     kind == TJOB_COMPLETED || \
     kind == TJOB_COMPLETED_WITH_WARNING || \
     kind == TJOB_FAILED || \
     kind == TJOB_TRAINER_LOST || \
     kind == TJOB_STOP_EXPIRED || \
     kind == TJOB_DELETE || \
     kind == TJOB_REMOVED || \
     kind == TJOB_DESCRIBE)
#define TJOB_STALE_OF_OTHER_TRAINER(kind) \
    (kind == TJOB_SUBMIT || \
     kind == TJOB_START || \
     kind == TJOB_STOP || \
     kind == TJOB_HALTED || \
     kind == TJOB_COMPLETED || \
     kind == TJOB_COMPLETED_WITH_WARNING || \
     kind == TJOB_FAILED || \
     kind == TJOB_TRAINER_LOST || \
     kind == TJOB_STOP_EXPIRED || \
     kind == TJOB_DELETE || \
     kind == TJOB_REMOVED || \
     kind == TJOB_DESCRIBE)

inline tjob_fence()
{
    tjob_stale = (TJOB_SELF.job.state != TJOB_ABSENT || TJOB_FENCED_WHEN_ABSENT(TJOB_SELF.event)) &&
        ((TJOB_SELF.of_incarnation != 0 && TJOB_SELF.of_incarnation != TJOB_SELF.job.incarnation &&
          TJOB_STALE_OF_OTHER_INCARNATION(TJOB_SELF.event)) ||
         (TJOB_SELF.of_trainer == 0 && TJOB_SELF.job.trainer != 0 && TJOB_STALE_WITHOUT_TRAINER(TJOB_SELF.event)) ||
         (TJOB_SELF.of_trainer != 0 && TJOB_SELF.job.trainer == 0 && TJOB_STALE_BEFORE_TRAINER(TJOB_SELF.event)) ||
         (TJOB_SELF.of_trainer != 0 && TJOB_SELF.job.trainer != 0 && TJOB_SELF.of_trainer != TJOB_SELF.job.trainer &&
          TJOB_STALE_OF_OTHER_TRAINER(TJOB_SELF.event)))
}

/* The time of an event: never before the latest time of the job. */
inline tjob_clamp(now)
{
    tjob_time = now;
    tjob_time = (TJOB_SELF.job.submitted > tjob_time -> TJOB_SELF.job.submitted : tjob_time);
    tjob_time = (TJOB_SELF.job.started > tjob_time -> TJOB_SELF.job.started : tjob_time);
    tjob_time = (TJOB_SELF.job.requested > tjob_time -> TJOB_SELF.job.requested : tjob_time);
    tjob_time = (TJOB_SELF.job.ended > tjob_time -> TJOB_SELF.job.ended : tjob_time)
}

inline tjob_copy(to, from)
{
    to.state = from.state;
    to.token = from.token;
    to.incarnation = from.incarnation;
    to.trainer = from.trainer;
    to.submitted = from.submitted;
    to.started = from.started;
    to.requested = from.requested;
    to.ended = from.ended
}

inline tjob_clear(which)
{
    which.state = TJOB_ABSENT;
    which.token = 0;
    which.incarnation = 0;
    which.trainer = 0;
    which.submitted = 0;
    which.started = 0;
    which.requested = 0;
    which.ended = 0
}

/* What a change sets in the record, as the library sets it. */
inline tjob_move()
{
    if
    :: tjob_to == TJOB_ABSENT ->
        tjob_clear(TJOB_SELF.job);
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_SUBMITTED ->
        TJOB_SELF.job.token = TJOB_SELF.token;
        TJOB_SELF.job.submitted = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_TRAINING ->
        TJOB_SELF.job.trainer = TJOB_SELF.of_trainer;
        TJOB_SELF.job.started = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_STOP_REQUESTED ->
        TJOB_SELF.job.requested = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_STOPPED ->
        TJOB_SELF.job.requested = (TJOB_SELF.job.requested == 0 -> tjob_time : TJOB_SELF.job.requested);
        TJOB_SELF.job.ended = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_TRAINED ->
        TJOB_SELF.job.ended = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_TRAINED_WITH_WARNING ->
        TJOB_SELF.job.ended = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_IN_ERROR ->
        TJOB_SELF.job.ended = tjob_time;
        TJOB_SELF.job.state = tjob_to
    :: tjob_to == TJOB_DELETING ->
        TJOB_SELF.job.state = tjob_to
    fi
}

/* ---- The operation: src/core/operation.c ------------------------------------------------------------------------- */

inline tjob_finish(status, changed)
{
    tjob_ends = true;
    tjob_status = status;
    tjob_changed = changed
}

inline tjob_give_up(status)
{
    if
    :: TJOB_SELF.lost -> tjob_finish(TJOB_UNRESOLVED, TJOB_CHANGED_UNKNOWN)
    :: else -> tjob_finish(status, TJOB_CHANGED_NO)
    fi
}

inline tjob_swap_or_give_up()
{
    if
    :: TJOB_SELF.attempts == TJOB_MAX_ATTEMPTS -> tjob_give_up(TJOB_CONTENDED)
    :: else ->
        TJOB_SELF.attempts++;
        TJOB_SELF.ask = TJOB_ASK_SWAP
    fi
}

inline tjob_forget()
{
    TJOB_SELF.version = 0;
    TJOB_SELF.incarnation = 0;
    TJOB_SELF.before = TJOB_ABSENT;
    tjob_clear(TJOB_SELF.job)
}

/* After a lost answer the operation keeps what it was to swap: it may have to repeat it. */
inline tjob_load_again()
{
    if
    :: TJOB_SELF.lost
    :: else -> tjob_forget()
    fi;
    TJOB_SELF.ask = TJOB_ASK_LOAD
}

/* What the supervisor and the host have begun last, for the fairness of the properties at the end. */
#ifdef TJOB_LTL
mtype tjob_supervisor_tried;
byte tjob_supervisor_tried_trainer;
mtype tjob_host_tried;

inline tjob_note(kind, trainer_token)
{
    if
    :: self == TJOB_SUPERVISOR ->
        tjob_supervisor_tried = kind;
        tjob_supervisor_tried_trainer = trainer_token
    :: self == TJOB_HOST -> tjob_host_tried = kind
    :: else
    fi
}
#else
inline tjob_note(kind, trainer_token) { skip }
#endif

inline tjob_begin(kind, which_incarnation, which_trainer, with_token)
{
    d_step {
        TJOB_SELF.stage = TJOB_BUSY;
        TJOB_SELF.repeats = 0;
        TJOB_SELF.event = kind;
        TJOB_SELF.of_incarnation = which_incarnation;
        TJOB_SELF.of_trainer = which_trainer;
        TJOB_SELF.token = with_token;
        TJOB_SELF.ask = TJOB_ASK_LOAD;
        tjob_note(kind, which_trainer)
    }
}

/* After a lost answer a refusal is no answer: the operation ends unresolved. */
#define TJOB_UNRESOLVED_SO_FAR (TJOB_SELF.lost && tjob_to == 0 && tjob_answer != TJOB_OK)

inline tjob_loaded()
{
    if
    :: TJOB_SELF.lost && TJOB_SELF.version == tjob_version -> tjob_swap_or_give_up()
    :: else ->
        tjob_copy(TJOB_SELF.job, tjob_record);
        if
        :: tjob_record.state == TJOB_ABSENT -> TJOB_SELF.job.incarnation = tjob_version + 1
        :: else
        fi;
        TJOB_SELF.version = tjob_version;
        TJOB_SELF.incarnation = TJOB_SELF.job.incarnation;
        TJOB_SELF.before = TJOB_SELF.job.state;
        tjob_fence();
        tjob_clamp(at);
        if
        :: tjob_stale -> tjob_answers(TJOB_STALE)
        :: else ->
            tjob_reference();
            tjob_expected_answer = tjob_answer;
            tjob_expected_to = tjob_to;
            tjob_table();
/* answer-follows-table: each answer is the table's for the record that was loaded or swapped */
            tjob_answer_follows_table = TJOB_UNRESOLVED_SO_FAR ||
                (tjob_answer == tjob_expected_answer && (tjob_to != 0) == (tjob_expected_to != 0));
            assert(tjob_answer_follows_table)
        fi;
        if
        :: tjob_to != 0 ->
            tjob_move();
            tjob_swap_or_give_up()
        :: tjob_to == 0 && tjob_answer == TJOB_OK ->
            if
            :: TJOB_SELF.lost -> tjob_finish(TJOB_OK, TJOB_CHANGED_UNKNOWN)
            :: else -> tjob_finish(TJOB_OK, TJOB_CHANGED_NO)
            fi
        :: else -> tjob_give_up(tjob_answer)
        fi
    fi
}

/* ---- The store --------------------------------------------------------------------------------------------------- */

inline tjob_print(which)
{
    printm(which.state);
    printf(" %d %d %d %d", which.token, which.incarnation, which.trainer, which.submitted);
    printf(" %d %d %d", which.started, which.requested, which.ended)
}

/* A job is applied: the record changes. */
inline tjob_apply(kind, next)
{
    printf("tjob ");
    printm(kind);
    printf(": ");
    tjob_print(tjob_record);
    printf(" -> ");
    tjob_print(next);
    printf("\n");
/* states-follow-table: a state changes only along the table */
    tjob_states_follow_table = TJOB_FOLLOWS_TABLE(kind, tjob_record.state, next.state);
    assert(tjob_states_follow_table);
/* stop-excludes-completion: a job that completed is never STOPPED, and one that was STOPPED never TRAINED */
    tjob_stop_excludes_completion =
        !(TJOB_HAS_COMPLETED(tjob_record.state) && next.state == TJOB_STOPPED) &&
        !(TJOB_HAS_COMPLETED(next.state) && tjob_record.state == TJOB_STOPPED);
    assert(tjob_stop_excludes_completion);
    tjob_promised = tjob_promised && (tjob_record.state == TJOB_ABSENT) == (next.state == TJOB_ABSENT);
    tjob_copy(tjob_record, next);
    tjob_version++
}

inline tjob_count_applied(actor)
{
    actor.applied++;
/* no-hidden-effect: an operation that reports no change makes none, then or later, and none is applied twice */
    tjob_no_hidden_effect = actor.applied == 1;
    assert(tjob_no_hidden_effect)
}

inline tjob_check_record()
{
/* stop-is-kept: after a stop was answered 200 the job is never again SUBMITTED or TRAINING in the same incarnation */
    tjob_stop_is_kept = TJOB_STOP_IS_KEPT;
    assert(tjob_stop_is_kept);
/* stopped-has-stop-time: a STOPPED job has a stop time */
    tjob_stopped_has_stop_time = TJOB_STOPPED_HAS_STOP_TIME;
    assert(tjob_stopped_has_stop_time);
/* times-are-ordered: submitted <= training started <= stop requested <= ended, where set */
    tjob_times_are_ordered = TJOB_TIMES_ARE_ORDERED;
    assert(tjob_times_are_ordered)
}

/* Writes that can no longer be applied are gone; those of an operation that has ended have no owner. */
inline tjob_renew_writes(whose)
{
    tjob_i = 0;
    do
    :: tjob_i < TJOB_WRITES ->
        if
        :: tjob_writes[tjob_i].event != 0 && tjob_writes[tjob_i].expected != tjob_version ->
            tjob_clear_write(tjob_writes[tjob_i])
        :: tjob_writes[tjob_i].event != 0 && tjob_writes[tjob_i].expected == tjob_version &&
           tjob_writes[tjob_i].owner == whose ->
            tjob_writes[tjob_i].owner = TJOB_ACTORS
        :: else
        fi;
        tjob_i++
    :: else -> break
    od;
    tjob_i = 0
}

inline tjob_clear_write(write)
{
    write.event = 0;
    write.owner = 0;
    write.expected = 0;
    tjob_clear(write.job)
}

inline tjob_send_write()
{
    tjob_i = 0;
    do
    :: tjob_writes[tjob_i].event != 0 -> tjob_i++
    :: else -> break
    od;
    tjob_writes[tjob_i].event = TJOB_SELF.event;
    tjob_writes[tjob_i].owner = self;
    tjob_writes[tjob_i].expected = TJOB_SELF.version;
    tjob_copy(tjob_writes[tjob_i].job, TJOB_SELF.job);
    tjob_i = 0
}

/* ---- Steps of actors --------------------------------------------------------------------------------------------- */

/* What an actor does once its operation was answered: it retries after a failure, a client if it has retries left. */
inline tjob_go_on()
{
    tjob_failed = tjob_status == TJOB_UNAVAILABLE || tjob_status == TJOB_FULL || tjob_status == TJOB_CONTENDED ||
                  tjob_status == TJOB_UNRESOLVED;
    tjob_was = TJOB_SELF.event;
    tjob_drop();
    if
    :: self < TJOB_CLIENTS ->
        if
        :: tjob_failed && TJOB_SELF.retries != 0 ->
            TJOB_SELF.stage = TJOB_READY;
            TJOB_SELF.repeats = tjob_was;
            TJOB_SELF.retries--
        :: else ->
            TJOB_SELF.stage = TJOB_DONE;
            TJOB_SELF.retries = 0
        fi
    :: self >= TJOB_CLIENTS && self < TJOB_SUPERVISOR ->
        if
        :: tjob_was == TJOB_START && tjob_status == TJOB_OK -> TJOB_SELF.stage = TJOB_RUNNING
        :: tjob_was == TJOB_START && tjob_failed -> TJOB_SELF.stage = TJOB_READY
        :: tjob_was != TJOB_START && tjob_failed ->
            TJOB_SELF.stage = TJOB_RUNNING;
            TJOB_SELF.repeats = tjob_was
        :: else -> TJOB_SELF.stage = TJOB_DONE
        fi
    :: self == TJOB_HOST && tjob_was == TJOB_SUBMIT && tjob_status == TJOB_OK ->
        TJOB_SELF.stage = TJOB_READY;
        TJOB_SELF.next_token++
    :: else -> TJOB_SELF.stage = TJOB_READY
    fi
}

/* The operation is gone. */
inline tjob_drop()
{
    TJOB_SELF.applied = 0;
    TJOB_SELF.event = 0;
    TJOB_SELF.of_incarnation = 0;
    TJOB_SELF.of_trainer = 0;
    TJOB_SELF.token = 0;
    TJOB_SELF.ask = 0;
    TJOB_SELF.lost = false;
    TJOB_SELF.attempts = 0;
    tjob_forget()
}

inline tjob_check_end()
{
    tjob_in_flight = false;
    tjob_i = 0;
    do
    :: tjob_i < TJOB_WRITES ->
        tjob_in_flight = tjob_in_flight || (tjob_writes[tjob_i].event != 0 && tjob_writes[tjob_i].owner == self);
        tjob_i++
    :: else -> break
    od;
    tjob_i = 0;
/* no-hidden-effect: an operation that reports no change makes none, then or later, and none is applied twice */
    tjob_no_hidden_effect = tjob_changed != TJOB_CHANGED_NO || (TJOB_SELF.applied == 0 && !tjob_in_flight);
    assert(tjob_no_hidden_effect);
/* success-is-applied: a change that was reported was applied, and survives any crash */
    tjob_success_is_applied = tjob_changed != TJOB_CHANGED_YES || TJOB_SELF.applied != 0;
    assert(tjob_success_is_applied);
    /* conflicts: an operation meets at most two conflicts in each incarnation, and one more for each fault */
    tjob_conflicts = TJOB_SELF.attempts <= 1 + 2 * TJOB_INCARNATIONS + TJOB_FAULTS;
    assert(tjob_conflicts)
}

/* The end of each step: the choices that led to it are no part of the next state. */
inline tjob_conclude()
{
    if
    :: tjob_ends ->
        tjob_check_end();
        tjob_promised =
            tjob_promised || (self < TJOB_CLIENTS && TJOB_SELF.event == TJOB_STOP && tjob_status == TJOB_OK);
        tjob_go_on();
        tjob_renew_writes(self)
    :: else -> tjob_renew_writes(TJOB_ACTORS)
    fi;
    tjob_check_record();
    fate = 0;
    at = 0
}

/* Loads, at the time `at`; or fails before. */
inline tjob_load()
{
    tjob_ends = false;
    if
    :: fate == TJOB_DENIED -> tjob_give_up(TJOB_ACCESS_DENIED)
    :: fate == TJOB_TOO_MANY -> tjob_give_up(TJOB_THROTTLED)
    :: fate == TJOB_CANNOT_AUTHORIZE || fate == TJOB_FAILS ->
        tjob_faults--;
        tjob_give_up(TJOB_UNAVAILABLE)
    :: else -> tjob_loaded()
    fi;
    tjob_conclude()
}

inline tjob_swap()
{
    tjob_ends = false;
    if
    :: fate != TJOB_ANSWERED -> tjob_faults--
    :: else
    fi;
    if
    :: (fate == TJOB_ANSWERED || fate == TJOB_LOST) && TJOB_SELF.version == tjob_version ->
        tjob_apply(TJOB_SELF.event, TJOB_SELF.job);
        tjob_count_applied(TJOB_SELF)
    :: fate == TJOB_ANSWERED && TJOB_SELF.version != tjob_version -> fate = TJOB_SPURIOUS
    :: fate == TJOB_LATE -> tjob_send_write()
    :: else
    fi;
    if
    :: fate == TJOB_ANSWERED -> tjob_finish(TJOB_OK, TJOB_CHANGED_YES)
    :: fate == TJOB_FAILS -> tjob_give_up(TJOB_UNAVAILABLE)
    :: fate == TJOB_IS_FULL -> tjob_give_up(TJOB_FULL)
    :: fate == TJOB_SPURIOUS -> tjob_load_again()
    :: else ->
        TJOB_SELF.lost = true;
        TJOB_SELF.of_incarnation = TJOB_SELF.incarnation; /* from now on any other incarnation is stale */
        tjob_load_again()
    fi;
    tjob_conclude()
}

/* The operation is lost. A client does not come back, a trainer comes back as what it believes to be. */
inline tjob_crash()
{
    tjob_faults--;
    tjob_was = TJOB_SELF.event;
    tjob_drop();
    TJOB_SELF.retries = (self < TJOB_CLIENTS -> 0 : TJOB_SELF.retries);
    TJOB_SELF.stage = (self < TJOB_CLIENTS -> TJOB_DONE :
                       (self < TJOB_SUPERVISOR && tjob_was != TJOB_START -> TJOB_RUNNING : TJOB_READY));
    tjob_renew_writes(self)
}

/* ---- Choices ----------------------------------------------------------------------------------------------------- */

inline tjob_choose_load()
{
    if
    :: at = 1
    :: TJOB_INSTANTS > 1 -> at = 2
    :: TJOB_INSTANTS > 2 -> at = 3
    :: TJOB_INSTANTS > 3 -> at = 4
    :: tjob_faults > 0 -> fate = TJOB_FAILS
    fi
}

/* A client's operation asks for authorization and admission first. */
inline tjob_choose_gate()
{
    if
    :: fate = TJOB_DENIED
    :: fate = TJOB_TOO_MANY
    :: tjob_faults > 0 -> fate = TJOB_CANNOT_AUTHORIZE
    :: tjob_choose_load()
    fi
}

inline tjob_choose_swap()
{
    if
    :: fate = TJOB_ANSWERED
    :: tjob_faults > 0 -> fate = TJOB_FAILS
    :: tjob_faults > 0 -> fate = TJOB_LOST
    :: tjob_faults > 0 && TJOB_SELF.version == tjob_version -> fate = TJOB_SPURIOUS
    :: tjob_faults > 0 && TJOB_SELF.version == tjob_version -> fate = TJOB_LATE
    :: tjob_faults > 0 && TJOB_SELF.event == TJOB_SUBMIT -> fate = TJOB_IS_FULL
    fi
}

#define TJOB_LOADING (TJOB_SELF.stage == TJOB_BUSY && TJOB_SELF.ask == TJOB_ASK_LOAD)
#define TJOB_SWAPPING (TJOB_SELF.stage == TJOB_BUSY && TJOB_SELF.ask == TJOB_ASK_SWAP)
#define TJOB_CRASHES (TJOB_SELF.stage == TJOB_BUSY && tjob_faults > 0)
#define TJOB_CHOOSES(kind) (TJOB_SELF.repeats == 0 || TJOB_SELF.repeats == kind)

/* ---- Actors ------------------------------------------------------------------------------------------------------ */

active [TJOB_CLIENTS] proctype tjob_client()
{
    byte self = _pid;
    mtype fate;
    byte at;
end:
    do
    :: atomic {
        if
        :: TJOB_SELF.stage == TJOB_READY ->
            if
            :: TJOB_CHOOSES(TJOB_STOP) -> tjob_begin(TJOB_STOP, 0, 0, 0)
            :: TJOB_CHOOSES(TJOB_DESCRIBE) -> tjob_begin(TJOB_DESCRIBE, 0, 0, 0)
            :: TJOB_CHOOSES(TJOB_DELETE) -> tjob_begin(TJOB_DELETE, 0, 0, 0)
            fi;
            tjob_choose_gate()
        :: TJOB_LOADING -> tjob_choose_load()
        fi;
        d_step { tjob_load() }
    }
    :: atomic { TJOB_SWAPPING -> tjob_choose_swap(); d_step { tjob_swap() } }
    :: d_step { TJOB_CRASHES -> tjob_crash() }
    od
}

/* Starts a submitted job, in the incarnation that it observes; then it may send any report. */
active [TJOB_TRAINERS] proctype tjob_trainer()
{
    byte self = _pid;
    mtype fate;
    byte at;
end:
    do
    :: atomic {
        if
        :: TJOB_SELF.stage == TJOB_READY && tjob_record.state == TJOB_SUBMITTED ->
            tjob_begin(TJOB_START, tjob_record.incarnation, TJOB_TRAINER_TOKEN(self), 0)
        :: TJOB_SELF.stage == TJOB_RUNNING ->
            if
            :: TJOB_CHOOSES(TJOB_HALTED) -> tjob_begin(TJOB_HALTED, 0, TJOB_TRAINER_TOKEN(self), 0)
            :: TJOB_CHOOSES(TJOB_COMPLETED) -> tjob_begin(TJOB_COMPLETED, 0, TJOB_TRAINER_TOKEN(self), 0)
            :: TJOB_CHOOSES(TJOB_COMPLETED_WITH_WARNING) ->
                tjob_begin(TJOB_COMPLETED_WITH_WARNING, 0, TJOB_TRAINER_TOKEN(self), 0)
            :: TJOB_CHOOSES(TJOB_FAILED) -> tjob_begin(TJOB_FAILED, 0, TJOB_TRAINER_TOKEN(self), 0)
            fi
        :: TJOB_LOADING
        fi;
        tjob_choose_load();
        d_step { tjob_load() }
    }
    :: atomic { TJOB_SWAPPING -> tjob_choose_swap(); d_step { tjob_swap() } }
    :: d_step { TJOB_CRASHES -> tjob_crash() }
    od
}

/* Gives up any trainer at any time, rightly or wrongly; lets a stop expire. */
active proctype tjob_supervisor()
{
    byte self = _pid;
    mtype fate;
    byte at;
end:
    do
    :: atomic {
        if
        :: TJOB_SELF.stage == TJOB_READY && TJOB_TRAINERS > 0 -> tjob_begin(TJOB_TRAINER_LOST, 0, 1, 0)
        :: TJOB_SELF.stage == TJOB_READY && TJOB_TRAINERS > 1 -> tjob_begin(TJOB_TRAINER_LOST, 0, 2, 0)
        :: TJOB_SELF.stage == TJOB_READY && TJOB_TRAINERS > 2 -> tjob_begin(TJOB_TRAINER_LOST, 0, 3, 0)
        :: TJOB_SELF.stage == TJOB_READY && tjob_record.state == TJOB_STOP_REQUESTED ->
            tjob_begin(TJOB_STOP_EXPIRED, tjob_record.incarnation, 0, 0)
        :: TJOB_LOADING
        fi;
        tjob_choose_load();
        d_step { tjob_load() }
    }
    :: atomic { TJOB_SWAPPING -> tjob_choose_swap(); d_step { tjob_swap() } }
    :: d_step { TJOB_CRASHES -> tjob_crash() }
    od
}

/* Submits the job once for each incarnation, lets it fail before training, removes the record of a deleted job. */
active proctype tjob_host()
{
    byte self = _pid;
    mtype fate;
    byte at;
end:
    do
    :: atomic {
        if
        :: TJOB_SELF.stage == TJOB_READY && TJOB_SELF.next_token <= TJOB_INCARNATIONS ->
            tjob_begin(TJOB_SUBMIT, 0, 0, TJOB_SELF.next_token)
        :: TJOB_SELF.stage == TJOB_READY && tjob_record.state == TJOB_SUBMITTED ->
            tjob_begin(TJOB_FAILED, tjob_record.incarnation, 0, 0)
        :: TJOB_SELF.stage == TJOB_READY && tjob_record.state == TJOB_DELETING ->
            tjob_begin(TJOB_REMOVED, tjob_record.incarnation, 0, 0)
        :: TJOB_LOADING
        fi;
        tjob_choose_load();
        d_step { tjob_load() }
    }
    :: atomic { TJOB_SWAPPING -> tjob_choose_swap(); d_step { tjob_swap() } }
    :: d_step { TJOB_CRASHES -> tjob_crash() }
    od
}

/* A write whose answer was lost is applied late. */
inline tjob_apply_late(write)
{
    tjob_apply(write.event, write.job);
    if
    :: write.owner < TJOB_ACTORS -> tjob_count_applied(tjob_actors[write.owner])
    :: else
    fi;
    tjob_renew_writes(TJOB_ACTORS);
    tjob_check_record()
}

active proctype tjob_network()
{
end:
    do
    :: d_step { tjob_writes[0].event != 0 -> tjob_apply_late(tjob_writes[0]) }
#if TJOB_WRITES > 1
    :: d_step { tjob_writes[1].event != 0 -> tjob_apply_late(tjob_writes[1]) }
#endif
#if TJOB_WRITES > 2
    :: d_step { tjob_writes[2].event != 0 -> tjob_apply_late(tjob_writes[2]) }
#endif
    od
}

/* ---- Properties in linear temporal logic ------------------------------------------------------------------------- */

#ifdef TJOB_LTL

/* stop-is-kept: after a stop was answered 200 the job is never again SUBMITTED or TRAINING in the same incarnation */
ltl stop_is_kept { [] TJOB_STOP_IS_KEPT }

/* stopped-has-stop-time: a STOPPED job has a stop time */
ltl stopped_has_stop_time { [] TJOB_STOPPED_HAS_STOP_TIME }

/* times-are-ordered: submitted <= training started <= stop requested <= ended, where set */
ltl times_are_ordered { [] TJOB_TIMES_ARE_ORDERED }

/*
 * Linear time cannot say that something stays reachable. These properties say more, under fairness: each process runs
 * (the option -f), the supervisor does not forever avoid the trainer of the job, nor the host a job that nobody starts.
 * Every finite behaviour can go on like that; so if they hold, final-state-is-reachable holds.
 */
#define TJOB_SUPERVISES \
    ((tjob_record.state != TJOB_TRAINING && tjob_record.state != TJOB_STOP_REQUESTED) || \
     (tjob_supervisor_tried == TJOB_TRAINER_LOST && tjob_supervisor_tried_trainer == tjob_record.trainer))
#define TJOB_HOSTS (tjob_record.state != TJOB_SUBMITTED || tjob_host_tried == TJOB_FAILED)

/* final-state-is-reachable: from every reachable state a final state stays reachable */
ltl final_state_is_reached {
    ([] <> TJOB_SUPERVISES && [] <> TJOB_HOSTS) -> [] <> TJOB_IS_FINAL(tjob_record.state)
}

/* stops-complete: once faults cease, every requested stop completes */
ltl stops_complete {
    [] <> TJOB_SUPERVISES ->
    [] (tjob_record.state == TJOB_STOP_REQUESTED -> <> (tjob_record.state != TJOB_STOP_REQUESTED))
}
#endif
