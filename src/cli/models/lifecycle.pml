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
@max_attempts
#endif

/* ---- Types ------------------------------------------------------------------------------------------------------- */

@names
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

@final
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
@table

/* The reference table, which is independent of the library: src/verify/spec/reference.c. */
@reference

/* Fencing: which events are stale, as the library answers. */
@fencing

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
@moves

