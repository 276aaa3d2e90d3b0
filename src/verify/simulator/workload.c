/*
 * The default workload. Each job has a host, trainers, supervisors and clients. They know about the job only from the
 * answers, and they decide on their next step when their timer expires.
 */
#include "tjob/simulator.h"
#include "verify/simulator/random.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

enum tag {
    TAG_CLIENT,   /* a client arrives */
    TAG_RETRY,    /* a client retries a request that was answered with neither a 200 nor a refusal */
    TAG_ZOMBIE,   /* a trainer that was declared lost reports nevertheless */
    TAG_STEP,     /* the host, a trainer or a supervisor takes the next step: this tag and the next ones in turn */
    TAG_STEPS = 4 /* the number of these tags, so that a cancelled timer differs from the valid one */
};

/* The workload's memory of a job. */
struct memory {
    uint64_t incarnation;   /* the last incarnation that was observed */
    uint16_t tokens;        /* the number of tokens used so far, for submits and trainers */
    uint16_t trainer_token; /* the last trainer that was observed */
    uint16_t zombie;        /* the last trainer that was declared lost and will report */
    uint8_t seen : 4;       /* the last state that was reported, a tjob_state */
    uint8_t turn : 4;       /* of the valid timer for a step */
    uint8_t retry;          /* the one request that a client will retry: its event, and the retries above it */
};

_Static_assert(sizeof(struct memory) <= TJOB_SIMULATOR_STATE_WORDS * sizeof(uint64_t), "a memory fits");

enum { RETRIES_MAX = 5, RETRY_EVENT = 15, RETRY_SHIFT = 4 };

/* One job during a callback. */
struct known_job {
    tjob_simulator *simulator;
    uint32_t job;
    struct memory *memory;
};

static struct known_job view_of(tjob_simulator *simulator, uint32_t job)
{
    return (struct known_job){simulator, job, (struct memory *)(void *)tjob_simulator_state(simulator, job)};
}

static void call(const struct known_job *view, tjob_actor actor, tjob_event event)
{
    (void)tjob_simulator_call(view->simulator, view->job, actor, &event);
}

static uint64_t draw(const struct known_job *view)
{
    return tjob_simulator_random(view->simulator, view->job);
}

static bool one_in(uint64_t draw, uint32_t n)
{
    return random_below(draw, n) == 0;
}

/* ---- Clients --------------------------------------------------------------------------------------------------- */

/* One job in sixteen is hot. */
static uint32_t pause_of_clients(const struct known_job *view)
{
    return (tjob_simulator_trait(view->simulator, view->job) & 15) == 0 ? 5 * MINUTE : 2 * HOUR;
}

/* The request of a client, by the lowest 4 bits of a draw: describe and stop are more frequent than delete. */
static const uint8_t wishes[16] = {
    TJOB_DESCRIBE, TJOB_DESCRIBE, TJOB_DESCRIBE, TJOB_DESCRIBE, TJOB_DESCRIBE, TJOB_DESCRIBE, TJOB_STOP,   TJOB_STOP,
    TJOB_STOP,     TJOB_STOP,     TJOB_STOP,     TJOB_STOP,     TJOB_DELETE,   TJOB_DELETE,   TJOB_DELETE, TJOB_DELETE};

/* A client sends its request. Sometimes it sends the request twice, or another client sends a different one at the same
 * time. */
static void client_asks(const struct known_job *view, uint64_t choice)
{
    const uint32_t kind = wishes[choice & 15];
    call(view, TJOB_ACTOR_CLIENT, (tjob_event){.kind = kind});
    if ((choice >> 4 & 7) == 0) {
        call(view, TJOB_ACTOR_CLIENT, (tjob_event){.kind = kind});
    } else if ((choice >> 4 & 7) == 1) {
        call(view, TJOB_ACTOR_CLIENT, (tjob_event){.kind = wishes[choice >> 8 & 15]});
    }
}

static void client_arrives(const struct known_job *view)
{
    if (tjob_simulator_is_quiescing(view->simulator)) {
        return;
    }
    client_asks(view, draw(view));
    (void)tjob_simulator_timer(view->simulator, view->job, TAG_CLIENT,
                               tjob_simulator_exponential(view->simulator, view->job, pause_of_clients(view)));
}

static bool is_to_retry(const tjob_outcome *outcome)
{
    return tjob_status_is_failure(outcome->status) || outcome->status == TJOB_THROTTLED;
}

/* Exponential backoff with full jitter. The retries end if all of them are used, or if a different request is already
 * waiting for its retry. */
static void client_backs_off(const struct known_job *view, uint32_t kind)
{
    struct memory *memory = view->memory;
    const uint32_t tries = memory->retry >> RETRY_SHIFT;
    if (tries == RETRIES_MAX || (memory->retry != 0 && (memory->retry & RETRY_EVENT) != kind)) {
        memory->retry = 0;
        return;
    }
    memory->retry = (uint8_t)(kind | (tries + 1) << RETRY_SHIFT);
    (void)tjob_simulator_timer(view->simulator, view->job, TAG_RETRY,
                               1 + random_below(draw(view), (uint32_t)SECOND << tries));
}

static void client_retries(const struct known_job *view)
{
    if (view->memory->retry != 0) {
        call(view, TJOB_ACTOR_CLIENT, (tjob_event){.kind = view->memory->retry & RETRY_EVENT});
    }
}

/* ---- The next step --------------------------------------------------------------------------------------------- */

/* Schedules the next step, and cancels the one that was scheduled before. */
static void step_in(const struct known_job *view, uint32_t delay_ms)
{
    view->memory->turn = (view->memory->turn + 1u) & (TAG_STEPS - 1);
    (void)tjob_simulator_timer(view->simulator, view->job, TAG_STEP + (uint32_t)view->memory->turn, delay_ms);
}

static uint64_t new_token(const struct known_job *view)
{
    return ++view->memory->tokens;
}

/* Sometimes a client acts at the same time as another actor takes a step. */
static void with_company(const struct known_job *view, uint64_t choice)
{
    if ((choice & 7) == 0) {
        client_asks(view, choice >> 4);
    }
}

/* During quiescence the host begins nothing new, but reads the job again: a late answer may have reported an old
 * state. */
static void host_polls(const struct known_job *view)
{
    call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_DESCRIBE});
}

/* The host submits. Sometimes two hosts submit, each with its own token. */
static void step_absent(const struct known_job *view, uint64_t choice)
{
    if (tjob_simulator_is_quiescing(view->simulator)) {
        host_polls(view);
        return;
    }
    call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_SUBMIT, .token = new_token(view)});
    if (one_in(choice, 16)) {
        call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_SUBMIT, .token = new_token(view)});
    }
}

/* A trainer starts the job, sometimes two trainers do; or the host finds that no trainer can. */
static void step_submitted(const struct known_job *view, uint64_t choice)
{
    const uint64_t incarnation = view->memory->incarnation;
    if (one_in(choice, 32)) {
        call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_FAILED, .incarnation = incarnation, .host_code = 1});
    } else {
        call(view, TJOB_ACTOR_TRAINER,
             (tjob_event){.kind = TJOB_START, .incarnation = incarnation, .trainer_token = new_token(view)});
    }
    if (one_in(choice << 8, 16)) {
        call(view, TJOB_ACTOR_TRAINER,
             (tjob_event){.kind = TJOB_START, .incarnation = incarnation, .trainer_token = new_token(view)});
    }
    with_company(view, choice);
}

/* A zombie reports after up to 1 ms, 2 ms, 4 ms, ... or half a minute. */
enum { ZOMBIE_EXPONENTS = 15 };

/* A supervisor declares the trainer lost. Half of these trainers stay silent for ever; the others were only slow, and
 * will report. */
static void give_up_trainer(const struct known_job *view, uint64_t choice)
{
    call(view, TJOB_ACTOR_SUPERVISOR,
         (tjob_event){.kind = TJOB_TRAINER_LOST, .trainer_token = view->memory->trainer_token});
    if (one_in(choice, 2)) {
        view->memory->zombie = view->memory->trainer_token;
        (void)tjob_simulator_timer(view->simulator, view->job, TAG_ZOMBIE,
                                   1 + random_below(choice << 8, 1u << (choice >> 8 & ZOMBIE_EXPONENTS)));
    }
}

/* The trainer works, reports, or checks whether it must stop. */
static void step_training(const struct known_job *view, uint64_t choice)
{
    static const uint8_t ends[8] = {TJOB_COMPLETED,
                                    TJOB_COMPLETED,
                                    TJOB_COMPLETED,
                                    TJOB_COMPLETED,
                                    TJOB_COMPLETED,
                                    TJOB_COMPLETED,
                                    TJOB_COMPLETED_WITH_WARNING,
                                    TJOB_FAILED};
    if (one_in(choice, 16)) {
        give_up_trainer(view, choice << 4);
    } else if (one_in(choice << 8, 3)) {
        call(view, TJOB_ACTOR_TRAINER,
             (tjob_event){.kind = ends[choice & 7], .trainer_token = view->memory->trainer_token, .host_code = 2});
        with_company(view, choice >> 3);
    } else {
        call(view, TJOB_ACTOR_TRAINER, (tjob_event){.kind = TJOB_DESCRIBE});
    }
}

/* The trainer halts, or completes after all, or does not react. */
static void step_stopping(const struct known_job *view, uint64_t choice)
{
    static const uint8_t ends[16] = {TJOB_HALTED,    TJOB_HALTED,       TJOB_HALTED,       TJOB_HALTED,
                                     TJOB_HALTED,    TJOB_HALTED,       TJOB_HALTED,       TJOB_HALTED,
                                     TJOB_COMPLETED, TJOB_COMPLETED,    TJOB_FAILED,       TJOB_TRAINER_LOST,
                                     TJOB_HALTED,    TJOB_STOP_EXPIRED, TJOB_STOP_EXPIRED, TJOB_STOP_EXPIRED};
    const uint32_t kind = tjob_simulator_is_quiescing(view->simulator) ? TJOB_HALTED : ends[choice & 15];
    if (kind == TJOB_STOP_EXPIRED) {
        call(view, TJOB_ACTOR_SUPERVISOR, (tjob_event){.kind = kind, .incarnation = view->memory->incarnation});
    } else if (kind == TJOB_TRAINER_LOST) {
        give_up_trainer(view, choice);
    } else {
        call(view, TJOB_ACTOR_TRAINER,
             (tjob_event){.kind = kind, .trainer_token = view->memory->trainer_token, .host_code = 2});
    }
    with_company(view, choice >> 4);
}

/* A job that has ended is deleted at some time, in the end by the host itself. */
static void step_ended(const struct known_job *view, uint64_t choice)
{
    if (tjob_simulator_is_quiescing(view->simulator)) {
        host_polls(view);
        return;
    }
    call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = one_in(choice, 2) ? TJOB_DELETE : TJOB_DESCRIBE});
}

/* The host removes a deleted job. Sometimes two hosts do. */
static void step_deleting(const struct known_job *view, uint64_t choice)
{
    call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_REMOVED, .incarnation = view->memory->incarnation});
    if (one_in(choice, 16)) {
        call(view, TJOB_ACTOR_HOST, (tjob_event){.kind = TJOB_REMOVED, .incarnation = view->memory->incarnation});
    }
}

static void take_step(const struct known_job *view)
{
    static void (*const steps[TJOB_STATE_COUNT])(const struct known_job *, uint64_t) = {
        [TJOB_ABSENT] = step_absent,
        [TJOB_SUBMITTED] = step_submitted,
        [TJOB_TRAINING] = step_training,
        [TJOB_STOP_REQUESTED] = step_stopping,
        [TJOB_STOPPED] = step_ended,
        [TJOB_TRAINED] = step_ended,
        [TJOB_TRAINED_WITH_WARNING] = step_ended,
        [TJOB_IN_ERROR] = step_ended,
        [TJOB_DELETING] = step_deleting,
    };
    steps[view->memory->seen](view, draw(view));
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

/* The mean time until an actor takes the next step. */
static const uint32_t pauses_ms[TJOB_STATE_COUNT] = {
    [TJOB_ABSENT] = 10 * MINUTE,        [TJOB_SUBMITTED] = 5 * MINUTE, [TJOB_TRAINING] = 30 * MINUTE,
    [TJOB_STOP_REQUESTED] = 2 * MINUTE, [TJOB_STOPPED] = HOUR,         [TJOB_TRAINED] = HOUR,
    [TJOB_TRAINED_WITH_WARNING] = HOUR, [TJOB_IN_ERROR] = HOUR,        [TJOB_DELETING] = MINUTE,
};

/* Stores the state that an answer reports; no event of this workload is malformed. Returns whether it differs from the
 * last one. */
static bool see(const struct known_job *view, const tjob_outcome *outcome)
{
    struct memory *memory = view->memory;
    const bool known = outcome->status <= TJOB_REFUSED_BY_POLICY;
    if (!known || ((uint8_t)outcome->after == memory->seen && outcome->job.incarnation == memory->incarnation)) {
        return false;
    }
    memory->seen = (unsigned)outcome->after & 15;
    memory->incarnation = outcome->job.incarnation;
    memory->trainer_token = (uint16_t)outcome->job.trainer_token;
    return true;
}

/*
 * The maximum pause of an actor: half of the time to quiesce. The other half is enough for an actor with an outdated
 * state to read the job again and then to complete a stop.
 */
enum { PAUSE_MOST_MS = 90 * MINUTE, PAUSE_MOST_QUIESCING_MS = 20 * MINUTE };

_Static_assert(PAUSE_MOST_MS + 3 * PAUSE_MOST_QUIESCING_MS < TJOB_SIMULATOR_QUIESCE_MS - TJOB_SIMULATOR_DRAIN_MS,
               "there is time to quiesce");

/*
 * Sets the timer for the next step, unless a suitable one is already set. One time in four, an actor reacts to a new
 * state at once.
 */
static void workload_go_on(const struct known_job *view, bool news, bool is_set)
{
    const uint64_t choice = draw(view);
    const uint32_t seen = view->memory->seen;
    const bool at_once = news && (choice & 3) == 0;
    const bool urgent = at_once || seen == TJOB_STOP_REQUESTED || seen == TJOB_DELETING;
    const uint32_t pause_ms = tjob__random_exponential(choice, at_once ? SECOND : pauses_ms[seen]);
    const uint32_t most_ms = tjob_simulator_is_quiescing(view->simulator) ? PAUSE_MOST_QUIESCING_MS : PAUSE_MOST_MS;
    if (urgent || !is_set) {
        step_in(view, 1 + (pause_ms < most_ms ? pause_ms : most_ms));
    }
}

static void workload_begin(void *context, tjob_simulator *simulator, uint32_t job)
{
    const struct known_job view = view_of(simulator, job);
    (void)context;
    step_in(&view, 1 + random_below(draw(&view), 10 * MINUTE));
    (void)tjob_simulator_timer(simulator, job, TAG_CLIENT, 1 + random_below(draw(&view), pause_of_clients(&view)));
}

static void timer(void *context, tjob_simulator *simulator, uint32_t job, uint32_t tag)
{
    const struct known_job view = view_of(simulator, job);
    (void)context;
    if (tag == TAG_CLIENT) {
        client_arrives(&view);
    } else if (tag == TAG_RETRY) {
        client_retries(&view);
    } else if (tag == TAG_ZOMBIE) {
        call(&view, TJOB_ACTOR_TRAINER, (tjob_event){.kind = TJOB_COMPLETED, .trainer_token = view.memory->zombie});
    } else if (tag == TAG_STEP + (uint32_t)view.memory->turn) {
        take_step(&view);
    }
}

static void ended(void *context, tjob_simulator *simulator, uint32_t job, tjob_actor actor, const tjob_event *event,
                  const tjob_outcome *outcome)
{
    const struct known_job view = view_of(simulator, job);
    (void)context;
    const bool news = see(&view, outcome);
    if (news || actor != TJOB_ACTOR_CLIENT) {
        workload_go_on(&view, news, actor == TJOB_ACTOR_CLIENT);
    }
    if (actor == TJOB_ACTOR_CLIENT && is_to_retry(outcome)) {
        client_backs_off(&view, event->kind);
    } else if (actor == TJOB_ACTOR_CLIENT && (view.memory->retry & RETRY_EVENT) == event->kind) {
        view.memory->retry = 0;
    }
}

const tjob_workload tjob_workload_default = {.begin = workload_begin, .timer = timer, .ended = ended};
