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
@invariant answer-follows-table
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
@invariant states-follow-table
    tjob_states_follow_table = TJOB_FOLLOWS_TABLE(kind, tjob_record.state, next.state);
    assert(tjob_states_follow_table);
@invariant stop-excludes-completion
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
@invariant no-hidden-effect
    tjob_no_hidden_effect = actor.applied == 1;
    assert(tjob_no_hidden_effect)
}

inline tjob_check_record()
{
@invariant stop-is-kept
    tjob_stop_is_kept = TJOB_STOP_IS_KEPT;
    assert(tjob_stop_is_kept);
@invariant stopped-has-stop-time
    tjob_stopped_has_stop_time = TJOB_STOPPED_HAS_STOP_TIME;
    assert(tjob_stopped_has_stop_time);
@invariant times-are-ordered
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
@invariant no-hidden-effect
    tjob_no_hidden_effect = tjob_changed != TJOB_CHANGED_NO || (TJOB_SELF.applied == 0 && !tjob_in_flight);
    assert(tjob_no_hidden_effect);
@invariant success-is-applied
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

@invariant stop-is-kept
ltl stop_is_kept { [] TJOB_STOP_IS_KEPT }

@invariant stopped-has-stop-time
ltl stopped_has_stop_time { [] TJOB_STOPPED_HAS_STOP_TIME }

@invariant times-are-ordered
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

@invariant final-state-is-reachable
ltl final_state_is_reached {
    ([] <> TJOB_SUPERVISES && [] <> TJOB_HOSTS) -> [] <> TJOB_IS_FINAL(tjob_record.state)
}

@invariant stops-complete
ltl stops_complete {
    [] <> TJOB_SUPERVISES ->
    [] (tjob_record.state == TJOB_STOP_REQUESTED -> <> (tjob_record.state != TJOB_STOP_REQUESTED))
}
#endif
