-------------------------------- MODULE tjob --------------------------------
(***************************************************************************)
(* The lifecycle of a training job, its policies, and the system around   *)
(* one record: clients, trainers, a supervisor, a host, and a store that  *)
(* may fail, lose an answer, or apply a write late.                       *)
(*                                                                        *)
(* `tjob graph --format tla` has printed this module; its file is         *)
(* tjob.tla. The table, the fencing and the times that a change sets are  *)
(* those of the library, which the program has asked. The second table,   *)
(* which the first is compared with, is the reference of `tjob check`.    *)
(* The operation (load, swap, what follows a lost answer) is written out  *)
(* here.                                                                  *)
(*                                                                        *)
(* For TLC: SPECIFICATION Spec; the constants of the comment at each; the *)
(* invariants under "Invariants", the properties under "Properties".      *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS
    Clients,        \* 1: each sends one request: stop, describe or delete
    Trainers,       \* 1: each starts, and reports once
    Retries,        \* 1: how often a client retries after a 500
    Faults,         \* 1: the budget of faults in one behaviour
    Incarnations,   \* 1: how often the host submits the job
    Instants,       \* 2: each load reads a clock of any value from 1 to this
    StopTimeout,    \* 1: in the same unit
@max_attempts
    StopSubmitted,  \* "stops", "ignored" or "refused": tjob_policy.stop_submitted
    StopFinished    \* "accepted" or "refused": tjob_policy.stop_finished

ASSUME
    /\ {Clients, Trainers, Retries, Faults, Incarnations} \subseteq Nat
    /\ {Instants, StopTimeout, MaxAttempts} \subseteq (Nat \ {0})
    /\ StopSubmitted \in {"stops", "ignored", "refused"}
    /\ StopFinished \in {"accepted", "refused"}

None == "none"

@names

-----------------------------------------------------------------------------
(* The transition function: tjob_transition_kind of tjob/job.h.            *)

Cell(kind, next) == [kind |-> kind, next |-> next]

NotFound == Cell("not found", None)
Refused == Cell("refused", None)
InUse == Cell("in use", None)
Unchanged == Cell("unchanged", None)
SameToken == Cell("same token", None)
SameTrainer == Cell("same trainer", None)
StopOfFinished == Cell("stop finished", None)
Moves(next) == Cell("moves", next)
StopOfSubmitted(next) == Cell("stop submitted", next)
AfterTimeout(next) == Cell("after timeout", next)

\* The library's table: src/core/lifecycle.c.
@table

\* The reference table, which is independent of the library: src/verify/spec/reference.c.
@reference

Result(status, next) == [status |-> status, next |-> next]

AcceptIf(condition, otherwise) == Result(IF condition THEN "OK" ELSE otherwise, None)

\* What a cell answers for a job and an event, at a time.
Answer(cell, job, event, time) ==
    CASE cell.kind = "not found" -> Result("NOT_FOUND", None)
      [] cell.kind = "refused" -> Result("WRONG_STATE", None)
      [] cell.kind = "in use" -> Result("IN_USE", None)
      [] cell.kind = "unchanged" -> Result("OK", None)
      [] cell.kind = "same token" -> AcceptIf(event.token = job.token, "IN_USE")
      [] cell.kind = "same trainer" -> AcceptIf(event.trainer = job.trainer, "WRONG_STATE")
      [] cell.kind = "stop finished" ->
            AcceptIf(StopFinished = "accepted" \/ job.requested # 0, "REFUSED_BY_POLICY")
      [] cell.kind = "stop submitted" ->
            IF StopSubmitted = "stops" THEN Result("OK", cell.next)
            ELSE AcceptIf(StopSubmitted = "ignored", "REFUSED_BY_POLICY")
      [] cell.kind = "after timeout" ->
            Result("OK", IF time - job.requested >= StopTimeout THEN cell.next ELSE None)
      [] cell.kind = "moves" -> Result("OK", cell.next)

\* Fencing: which events are stale, as the library answers.
@fencing

IsStale(job, event) ==
    /\ job.state # "ABSENT" \/ event.kind \in FencedWhenAbsent
    /\ \/ /\ event.incarnation \notin {0, job.incarnation}
          /\ event.kind \in StaleOfOtherIncarnation
       \/ /\ event.trainer = 0 /\ job.trainer # 0
          /\ event.kind \in StaleWithoutTrainer
       \/ /\ event.trainer # 0 /\ job.trainer = 0
          /\ event.kind \in StaleBeforeTrainer
       \/ /\ event.trainer # 0 /\ job.trainer # 0 /\ event.trainer # job.trainer
          /\ event.kind \in StaleOfOtherTrainer

Later(a, b) == IF a > b THEN a ELSE b

\* The time of an event: never before the latest time of the job.
Clamped(job, now) ==
    Later(now, Later(Later(job.submitted, job.started), Later(job.requested, job.ended)))

Apply(table, job, event, time) ==
    IF IsStale(job, event) THEN Result("STALE", None)
    ELSE Answer(table[event.kind][job.state], job, event, time)

\* tjob_job of tjob/job.h; a time of 0 is "not yet".
NoJob ==
    [state |-> "ABSENT", token |-> 0, incarnation |-> 0, trainer |-> 0,
     submitted |-> 0, started |-> 0, requested |-> 0, ended |-> 0]

\* What a change sets in the record, as the library sets it.
@moves

-----------------------------------------------------------------------------
(* State.                                                                  *)

VARIABLES
    record,     \* what the store holds
    version,    \* of the record, or of its absence
    promised,   \* a stop of this incarnation was answered 200
    faults,     \* how many are left
    actors,     \* each with its operation: tjob_operation of tjob/operation.h
    writes,     \* in flight: their answers were lost, they may be applied late
    violated    \* the invariants that some step has violated

vars == <<record, version, promised, faults, actors, writes, violated>>

Supervisor == <<"supervisor", 1>>
Host == <<"host", 1>>
Nobody == <<"nobody", 1>>
Actors ==
    ({"client"} \X (1 .. Clients)) \cup ({"trainer"} \X (1 .. Trainers)) \cup {Supervisor, Host}

NoEvent == [kind |-> None, incarnation |-> 0, trainer |-> 0, token |-> 0]

Idle ==
    [stage |-> "ready",      \* or "busy", "running" (a trainer), "done"
     repeats |-> None,       \* the event that it has to send again
     retries |-> 0,          \* of a client
     nextToken |-> 1,        \* of a host: of its next submit
     applied |-> 0,          \* how many swaps of the operation were applied
     event |-> NoEvent,
     ask |-> None,           \* or "load", "swap"
     lost |-> FALSE,         \* an answer was lost
     attempts |-> 0,
     version |-> 0,          \* loaded; the swap expects it
     incarnation |-> 0,      \* loaded
     before |-> "ABSENT",    \* loaded
     job |-> NoJob]          \* to swap in

Init ==
    /\ record = NoJob
    /\ version = 0
    /\ promised = FALSE
    /\ faults = Faults
    /\ actors = [a \in Actors |-> IF a[1] = "client" THEN [Idle EXCEPT !.retries = Retries] ELSE Idle]
    /\ writes = {}
    /\ violated = {}

-----------------------------------------------------------------------------
(* The operation: src/core/operation.c.                                    *)

Continue(actor) ==
    [actor |-> actor, ends |-> FALSE, status |-> None, changed |-> None, violated |-> {}]

Finish(actor, status, changed) ==
    [actor |-> actor, ends |-> TRUE, status |-> status, changed |-> changed, violated |-> {}]

GiveUp(actor, status) ==
    IF actor.lost THEN Finish(actor, "UNRESOLVED", "unknown") ELSE Finish(actor, status, "no")

SwapOrGiveUp(actor) ==
    IF actor.attempts = MaxAttempts THEN GiveUp(actor, "CONTENDED")
    ELSE Continue([actor EXCEPT !.attempts = @ + 1, !.ask = "swap"])

Forget(actor) ==
    [actor EXCEPT !.version = 0, !.incarnation = 0, !.before = "ABSENT", !.job = NoJob]

\* After a lost answer the operation keeps what it was to swap: it may have to repeat it.
LoadAgain(actor) ==
    Continue([(IF actor.lost THEN actor ELSE Forget(actor)) EXCEPT !.ask = "load"])

\* From a lost answer on, any other incarnation is stale.
AnswerLost(actor) ==
    LoadAgain([actor EXCEPT !.lost = TRUE, !.event.incarnation = actor.incarnation])

Begin(actor, event) ==
    [actor EXCEPT !.stage = "busy", !.repeats = None, !.event = event, !.ask = "load"]

Found == IF record.state = "ABSENT" THEN [NoJob EXCEPT !.incarnation = version + 1] ELSE record

Loaded(actor, now) ==
    IF actor.lost /\ actor.version = version THEN SwapOrGiveUp(actor)
    ELSE
        LET time == Clamped(Found, now)
            result == Apply(Table, Found, actor.event, time)
            expected == Apply(Reference, Found, actor.event, time)
            \* After a lost answer a refusal is no answer: the operation ends unresolved.
            unresolved == actor.lost /\ result.next = None /\ result.status # "OK"
            follows == \/ unresolved
                       \/ result.status = expected.status /\ (result.next = None) = (expected.next = None)
            loaded == [actor EXCEPT !.version = version, !.incarnation = Found.incarnation,
                                    !.before = Found.state, !.job = Found]
            step ==
                IF result.next # None
                THEN SwapOrGiveUp([loaded EXCEPT !.job = Moved(Found, actor.event, result.next, time)])
                ELSE IF result.status = "OK" THEN Finish(loaded, "OK", IF actor.lost THEN "unknown" ELSE "no")
                ELSE GiveUp(loaded, result.status)
        IN  [step EXCEPT !.violated = IF follows THEN {} ELSE {"answer-follows-table"}]

-----------------------------------------------------------------------------
(* Steps.                                                                  *)

HasFailed(status) == status \in {"UNAVAILABLE", "FULL", "CONTENDED", "UNRESOLVED"}

\* The operation is gone.
Dropped(actor) ==
    [Idle EXCEPT !.retries = actor.retries, !.nextToken = actor.nextToken]

\* What an actor does once its operation was answered: it retries after a failure, a client if it has retries left.
GoOn(a, step) ==
    LET kind == step.actor.event.kind
        actor == Dropped(step.actor)
        failed == HasFailed(step.status)
    IN  CASE a[1] = "client" ->
                IF failed /\ actor.retries # 0
                THEN [actor EXCEPT !.repeats = kind, !.retries = @ - 1]
                ELSE [actor EXCEPT !.stage = "done", !.retries = 0]
          [] a[1] = "trainer" ->
                IF kind = "START"
                THEN [actor EXCEPT !.stage =
                        IF step.status = "OK" THEN "running" ELSE IF failed THEN "ready" ELSE "done"]
                ELSE IF failed THEN [actor EXCEPT !.stage = "running", !.repeats = kind]
                ELSE [actor EXCEPT !.stage = "done"]
          [] a[1] = "host" ->
                IF kind = "SUBMIT" /\ step.status = "OK" THEN [actor EXCEPT !.nextToken = @ + 1] ELSE actor
          [] OTHER -> actor

HasCompleted(state) == state \in {"TRAINED", "TRAINED_WITH_WARNING"}

\* The invariants that a change of the record violates.
ViolatedByChange(kind, next) ==
    (IF Reference[kind][record.state].next = next.state THEN {} ELSE {"states-follow-table"}) \cup
    (IF \/ HasCompleted(record.state) /\ next.state = "STOPPED"
        \/ HasCompleted(next.state) /\ record.state = "STOPPED"
     THEN {"stop-excludes-completion"} ELSE {})

\* The invariants that the end of an operation violates.
ViolatedByEnd(a, step) ==
    LET owns == \E write \in writes : write.owner = a
        actor == step.actor
    IN  (IF step.changed = "no" /\ (actor.applied # 0 \/ owns) THEN {"no-hidden-effect"} ELSE {}) \cup
        (IF step.changed = "yes" /\ actor.applied = 0 THEN {"success-is-applied"} ELSE {}) \cup
        (IF actor.attempts > 1 + 2 * Incarnations + Faults THEN {"conflicts"} ELSE {})

\* A job is applied: the record changes.
Store(kind, next) ==
    /\ record' = next
    /\ version' = version + 1

KeepStore == UNCHANGED <<record, version>>

Spend(cost) ==
    /\ faults >= cost
    /\ faults' = faults - cost

\* Writes that can no longer be applied are gone; those of an operation that has ended have no owner.
Renewed(all, ended) ==
    {IF write.owner \in ended THEN [write EXCEPT !.owner = Nobody] ELSE write :
        write \in {one \in all : one.expected = version'}}

KeepsPromise == promised /\ (record.state = "ABSENT") = (record'.state = "ABSENT")

\* The rest of each step of an actor: `sent` are the writes that it leaves in flight, `seen` what its change violates.
Conclude(a, step, sent, seen) ==
    /\ actors' = [actors EXCEPT ![a] = IF step.ends THEN GoOn(a, step) ELSE step.actor]
    /\ writes' = Renewed(writes \cup sent, IF step.ends THEN {a} ELSE {})
    /\ promised' = \/ KeepsPromise
                   \/ /\ step.ends /\ step.status = "OK"
                      /\ a[1] = "client" /\ step.actor.event.kind = "STOP"
    /\ violated' = violated \cup step.violated \cup seen \cup (IF step.ends THEN ViolatedByEnd(a, step) ELSE {})

\* The store answers a load, or is unavailable.
Load(a, actor) ==
    /\ KeepStore
    /\ \/ \E now \in 1 .. Instants : Spend(0) /\ Conclude(a, Loaded(actor, now), {}, {})
       \/ Spend(1) /\ Conclude(a, GiveUp(actor, "UNAVAILABLE"), {}, {})

\* The swap is applied, and its answer arrives or is lost.
SwapApplies(a, actor) ==
    LET applied == [actor EXCEPT !.applied = @ + 1]
        seen == ViolatedByChange(actor.event.kind, actor.job)
    IN  /\ actor.version = version
        /\ Store(actor.event.kind, actor.job)
        /\ \/ Spend(0) /\ Conclude(a, Finish(applied, "OK", "yes"), {}, seen)
           \/ Spend(1) /\ Conclude(a, AnswerLost(applied), {}, seen)

\* The swap is not applied: a conflict, whose answer arrives or is lost.
SwapConflicts(a, actor) ==
    /\ actor.version # version
    /\ KeepStore
    /\ \/ Spend(0) /\ Conclude(a, LoadAgain(actor), {}, {})
       \/ Spend(1) /\ Conclude(a, AnswerLost(actor), {}, {})

WriteOf(a, actor) ==
    [event |-> actor.event.kind, owner |-> a, expected |-> actor.version, job |-> actor.job]

\* The store is unavailable or full, reports a spurious conflict, or keeps the write in flight and loses the answer.
SwapFails(a, actor) ==
    /\ KeepStore
    /\ Spend(1)
    /\ \/ Conclude(a, GiveUp(actor, "UNAVAILABLE"), {}, {})
       \/ actor.event.kind = "SUBMIT" /\ Conclude(a, GiveUp(actor, "FULL"), {}, {})
       \/ actor.version = version /\ Conclude(a, LoadAgain(actor), {}, {})
       \/ actor.version = version /\ Conclude(a, AnswerLost(actor), {WriteOf(a, actor)}, {})

\* The operation is lost. A client does not come back, a trainer comes back as what it believes to be.
Crash(a, actor) ==
    LET back ==
            CASE a[1] = "client" -> [Dropped(actor) EXCEPT !.stage = "done", !.retries = 0]
              [] a[1] = "trainer" /\ actor.event.kind # "START" -> [Dropped(actor) EXCEPT !.stage = "running"]
              [] OTHER -> Dropped(actor)
    IN  /\ KeepStore
        /\ Spend(1)
        /\ actors' = [actors EXCEPT ![a] = back]
        /\ writes' = Renewed(writes, {a})
        /\ UNCHANGED <<promised, violated>>

\* A client's operation asks for authorization and admission first.
Gate(a, actor) ==
    /\ KeepStore
    /\ \/ Spend(0) /\ Conclude(a, GiveUp(actor, "ACCESS_DENIED"), {}, {})
       \/ Spend(0) /\ Conclude(a, GiveUp(actor, "THROTTLED"), {}, {})
       \/ Spend(1) /\ Conclude(a, GiveUp(actor, "UNAVAILABLE"), {}, {})

Event(kind, incarnation, trainer, token) ==
    [kind |-> kind, incarnation |-> incarnation, trainer |-> trainer, token |-> token]

ClientRequests == {Event(kind, 0, 0, 0) : kind \in {"STOP", "DESCRIBE", "DELETE"}}

\* A trainer starts a submitted job, in the incarnation that it observes; then it may send any report.
TrainerRequests(a, actor) ==
    IF actor.stage = "running"
    THEN {Event(kind, 0, a[2], 0) : kind \in {"HALTED", "COMPLETED", "COMPLETED_WITH_WARNING", "FAILED"}}
    ELSE IF record.state = "SUBMITTED" THEN {Event("START", record.incarnation, a[2], 0)} ELSE {}

\* A supervisor gives up any trainer at any time, rightly or wrongly; it lets a stop expire.
SupervisorRequests ==
    {Event("TRAINER_LOST", 0, trainer, 0) : trainer \in 1 .. Trainers} \cup
    (IF record.state = "STOP_REQUESTED" THEN {Event("STOP_EXPIRED", record.incarnation, 0, 0)} ELSE {})

\* A host submits the job once for each incarnation, lets it fail before training, removes the record of a deleted job.
HostRequests(actor) ==
    (IF actor.nextToken <= Incarnations THEN {Event("SUBMIT", 0, 0, actor.nextToken)} ELSE {}) \cup
    (IF record.state = "SUBMITTED" THEN {Event("FAILED", record.incarnation, 0, 0)} ELSE {}) \cup
    (IF record.state = "DELETING" THEN {Event("REMOVED", record.incarnation, 0, 0)} ELSE {})

Requests(a, actor) ==
    CASE a[1] = "client" -> ClientRequests
      [] a[1] = "trainer" -> TrainerRequests(a, actor)
      [] a[1] = "supervisor" -> SupervisorRequests
      [] a[1] = "host" -> HostRequests(actor)

\* An operation begins, and runs through its first load.
BeginWith(a, event) ==
    LET actor == actors[a]
    IN  /\ actor.stage \in {"ready", "running"}
        /\ event \in Requests(a, actor)
        /\ actor.repeats \in {None, event.kind}
        /\ \/ Load(a, Begin(actor, event))
           \/ a[1] = "client" /\ Gate(a, Begin(actor, event))

GoesOn(a) ==
    LET actor == actors[a]
    IN  \/ actor.ask = "load" /\ Load(a, actor)
        \/ actor.ask = "swap" /\ (SwapApplies(a, actor) \/ SwapConflicts(a, actor) \/ SwapFails(a, actor))

Acts(a) == (\E event \in Requests(a, actors[a]) : BeginWith(a, event)) \/ GoesOn(a)

Crashes(a) == actors[a].stage = "busy" /\ Crash(a, actors[a])

\* A write whose answer was lost is applied late.
AppliesLate(write) ==
    LET owned == write.owner # Nobody
    IN  /\ Store(write.event, write.job)
        /\ actors' = IF owned THEN [actors EXCEPT ![write.owner].applied = @ + 1] ELSE actors
        /\ writes' = Renewed(writes, {})
        /\ promised' = KeepsPromise
        /\ violated' = violated \cup ViolatedByChange(write.event, write.job)
        /\ UNCHANGED faults

Next ==
    \/ \E a \in Actors : Acts(a) \/ Crashes(a)
    \/ \E write \in writes : AppliesLate(write)

\* Each actor acts; the supervisor does not forever avoid the trainer of the job, nor the host a job that nobody starts.
GivesUpTrainer == BeginWith(Supervisor, Event("TRAINER_LOST", 0, record.trainer, 0))
FailsSubmitted == record.state = "SUBMITTED" /\ BeginWith(Host, Event("FAILED", record.incarnation, 0, 0))
Fairness ==
    /\ \A a \in Actors : WF_vars(Acts(a))
    /\ SF_vars(GivesUpTrainer)
    /\ SF_vars(FailsSubmitted)

Spec == Init /\ [][Next]_vars /\ Fairness

-----------------------------------------------------------------------------
(* Invariants, with the names and the sentences of `tjob check`.           *)

@final

Times == {0} \cup (1 .. Instants)

TypeOK ==
    /\ record \in [state : States, token : Nat, incarnation : Nat, trainer : 0 .. Trainers,
                   submitted : Times, started : Times, requested : Times, ended : Times]
    /\ version \in Nat
    /\ promised \in BOOLEAN
    /\ faults \in 0 .. Faults
    /\ DOMAIN actors = Actors
    /\ \A a \in Actors : actors[a].event.kind \in Events \cup {None}

@invariant states-follow-table
StatesFollowTable == "states-follow-table" \notin violated

@invariant stop-is-kept
\* Not under the policy that ignores a stop of a submitted job.
StopIsKept == promised /\ StopSubmitted # "ignored" => record.state \notin {"SUBMITTED", "TRAINING"}

@invariant stopped-has-stop-time
StoppedHasStopTime == record.state = "STOPPED" => record.requested # 0

@invariant stop-excludes-completion
StopExcludesCompletion == "stop-excludes-completion" \notin violated

@invariant no-hidden-effect
NoHiddenEffect ==
    /\ "no-hidden-effect" \notin violated
    /\ \A a \in Actors : actors[a].applied <= 1

@invariant success-is-applied
SuccessIsApplied == "success-is-applied" \notin violated

@invariant answer-follows-table
AnswerFollowsTable == "answer-follows-table" \notin violated

InOrder(a, b) == a = 0 \/ b = 0 \/ a <= b

@invariant times-are-ordered
TimesAreOrdered ==
    /\ InOrder(record.submitted, record.started)
    /\ InOrder(record.submitted, record.requested)
    /\ InOrder(record.submitted, record.ended)
    /\ InOrder(record.started, record.requested)
    /\ InOrder(record.started, record.ended)
    /\ InOrder(record.requested, record.ended)

\* conflicts: an operation meets at most two conflicts in each incarnation, and one more for each fault
Conflicts == "conflicts" \notin violated

-----------------------------------------------------------------------------
(* Properties. Linear time cannot say that something stays reachable: this *)
(* says more, under fairness.                                              *)

@invariant final-state-is-reachable
FinalStateIsReached == []<>(record.state \in FinalStates)

@invariant stops-complete
StopsComplete == (record.state = "STOP_REQUESTED") ~> (record.state # "STOP_REQUESTED")

=============================================================================
