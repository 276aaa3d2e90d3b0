#include "verify/history/linearize.h"

#include <string.h>

#include "verify/history/incarnation_set.h"

struct tjob_history_search {
    tjob_policy policy;

    struct configuration_set set;
    struct incarnation_set incarnations;
    uint64_t most_steps;

    /* State of the current run. */
    const struct view *view;
    size_t next;             /* the next call to be invoked */
    size_t sub_history_next; /* the first entry of view.sub_history that is not before it */
    tjob_bound bound;
    bool is_wide;      /* configurations were merged */
    uint64_t added;    /* set.added at the start of the run */
    uint64_t used;     /* slots in use */
    uint64_t late;     /* slots of calls that were answered and may still take effect */
    uint64_t optional; /* slots of calls that may take effect but need not */
    uint32_t calls[SEARCH_SLOTS];
    uint8_t roles[SEARCH_SLOTS];
    uint64_t last_incarnations[TJOB_HISTORY_INCARNATIONS_MAX];
    struct compaction compaction;
};

_Static_assert(sizeof(struct tjob_history_search) <= TJOB_HISTORY_BYTES_MIN / 2, "half is left for what is searched");

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

static uint32_t power_of_two(size_t most)
{
    uint32_t power = 1;
    while (power <= most / 2) {
        power *= 2;
    }
    return power;
}

struct tjob_history_search *tjob__search_init(void *memory, size_t bytes, const tjob_policy *policy)
{
    struct tjob_history_search *search = memory;
    const size_t rest = bytes - sizeof *search;
    const uint32_t most = power_of_two(rest * 3 / 4 / SET_BYTES_EACH);
    *search = (struct tjob_history_search){.policy = *policy, .most_steps = UINT64_MAX};
    search->set = tjob__state_set_init(search + 1, most);
    search->incarnations = tjob__incarnation_set_init(search->set.seen + 2 * (size_t)most,
                                                      power_of_two(rest / 4 / sizeof(struct incarnation_entry)));
    return search;
}

const tjob_policy *tjob__search_policy(const struct tjob_history_search *search)
{
    return &search->policy;
}

const struct compaction *tjob__search_compaction(const struct tjob_history_search *search)
{
    return &search->compaction;
}

uint64_t tjob__search_effort(const struct tjob_history_search *search)
{
    return search->set.added - search->added;
}

uint64_t tjob__search_steps(const struct tjob_history_search *search)
{
    return search->set.steps;
}

void tjob__search_restart(struct tjob_history_search *search)
{
    search->set.steps = 0;
}

void tjob__search_limit(struct tjob_history_search *search, uint64_t most_steps)
{
    search->most_steps = most_steps;
}

/* Counts steps, and ends the run if there are too many. */
static void take_steps(struct tjob_history_search *search, uint64_t steps)
{
    search->set.steps += steps;
    if (search->set.steps > search->most_steps) {
        search->bound = (tjob_bound)SEARCH_BOUND_STEPS;
    }
}

static void linearize_add(struct tjob_history_search *search, const struct configuration *configuration)
{
    take_steps(search, 1);
    if (!tjob__state_set_add(&search->set, configuration, search->optional)) {
        search->bound = TJOB_BOUND_CONFIGURATIONS;
    }
}

/* ---- Incarnations ---------------------------------------------------------------------------------------------- */

static void remember_incarnation(struct tjob_history_search *search, uint64_t incarnation)
{
    uint64_t *last = search->last_incarnations;
    if (incarnation == 0 || tjob__incarnation_set_has(&search->incarnations, incarnation)) {
        return;
    }
    if (!tjob__incarnation_set_add(&search->incarnations, incarnation)) {
        search->bound = TJOB_BOUND_INCARNATIONS;
        return;
    }
    memmove(last + 1, last, (TJOB_HISTORY_INCARNATIONS_MAX - 1) * sizeof *last);
    last[0] = incarnation;
}

/* ---- Slots ----------------------------------------------------------------------------------------------------- */

static const tjob_call *call_in(const struct tjob_history_search *search, unsigned slot)
{
    return &search->view->calls[search->calls[slot]];
}

static uint64_t bit(unsigned slot)
{
    return UINT64_C(1) << slot;
}

static unsigned lowest(uint64_t slots)
{
    return (unsigned)__builtin_ctzll(slots);
}

/* Returns when the call was answered, or TJOB_PENDING if that is after the view's horizon. */
static uint64_t answered_in(const struct tjob_history_search *search, unsigned slot)
{
    const uint64_t answered = call_in(search, slot)->answered;
    return answered <= search->view->horizon ? answered : TJOB_PENDING;
}

/* Returns whether an incarnation is already known in a configuration, and is therefore not a new one. */
static bool linearize_is_old_incarnation(const struct tjob_history_search *search, uint64_t done, uint64_t incarnation)
{
    if (tjob__incarnation_set_has(&search->incarnations, incarnation)) {
        return true;
    }
    for (uint64_t slots = done & search->used; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        if (tjob__role_knows((enum call_role)search->roles[slot]) &&
            tjob__incarnation_known_from(call_in(search, slot)) == incarnation) {
            return true;
        }
    }
    return false;
}

/* ---- Linearizing one call -------------------------------------------------------------------------------------- */

/* Linearizes each call among `slots` that changes nothing and reveals nothing in this configuration. */
static void linearize_call(struct tjob_history_search *search, struct configuration *configuration, uint64_t slots)
{
    for (slots &= ~configuration->done; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        const tjob_call *call = call_in(search, slot);
        const enum call_role role = (enum call_role)search->roles[slot];
        struct abstract_step step;
        take_steps(search, 1);
        if (tjob__is_reader(call, role) &&
            tjob__abstract_state_step(&configuration->state, call, READ_ANSWER, 0, &search->policy, &step) &&
            memcmp(&step.next, &configuration->state, sizeof step.next) == 0) {
            configuration->done |= bit(slot);
            configuration->effect &= ~bit(slot);
        }
    }
}

/* Adds the configuration in which the call of a slot is linearized next, for one reading and one choice. */
static void take_instant(struct tjob_history_search *search, const struct configuration *from, unsigned slot,
                         enum reading reading, unsigned choice)
{
    const tjob_call *call = call_in(search, slot);
    struct abstract_step step;
    take_steps(search, 1);
    if (!tjob__abstract_state_step(&from->state, call, reading, choice, &search->policy, &step) ||
        (step.learnt != 0 && linearize_is_old_incarnation(search, from->done, step.learnt))) {
        return;
    }
    if (step.overflow) {
        search->bound = TJOB_BOUND_EXCLUDED;
        return;
    }
    struct configuration to = {step.next, from->done, from->effect};
    const bool found_later = search->roles[slot] == ROLE_FOUND && reading == READ_EFFECT;
    if (found_later) {
        to.effect |= bit(slot);
    } else {
        to.done |= bit(slot);
        to.effect &= ~bit(slot);
    }
    if (step.changed && call->event.kind == TJOB_SUBMIT && (to.effect & ~bit(slot)) != 0) {
        return; /* a call can find its effect only in the incarnation in which it took effect */
    }
    if (step.changed && call->event.kind == TJOB_REMOVED) {
        to.done |= search->late; /* a late effect can occur only in its own incarnation */
    }
    linearize_call(search, &to, search->used);
    linearize_add(search, &to);
}

static void read_call(struct tjob_history_search *search, const struct configuration *from, unsigned slot,
                      enum reading reading)
{
    const unsigned choices = tjob__abstract_state_choices(&from->state, call_in(search, slot), reading);
    for (unsigned choice = 0; choice < choices; choice++) {
        take_instant(search, from, slot, reading, choice);
    }
}

/*
 * Returns a key for the last time at which an open call can take effect. A late call can do so until the end of its
 * incarnation; its key is 0.
 */
static uint64_t last_effect(const struct tjob_history_search *search, unsigned slot)
{
    return (search->late & bit(slot)) != 0 ? 0 : answered_in(search, slot);
}

/* Returns whether another open call with the same event would have the same effect now and is at most as useful later.
 * The other call is then linearized first. */
static bool is_dominated(const struct tjob_history_search *search, uint64_t done, unsigned slot)
{
    const uint64_t mine = last_effect(search, slot);
    for (uint64_t slots = search->optional & ~done & ~bit(slot); slots != 0; slots &= slots - 1) {
        const unsigned other = lowest(slots);
        const uint64_t theirs = last_effect(search, other);
        /* A late call and an ignored one end for different reasons, and neither is more useful than the other. */
        const bool comparable = search->roles[other] == search->roles[slot] ||
                                (search->roles[other] == ROLE_IGNORED && (search->late & bit(slot)) == 0);
        if (comparable && (theirs < mine || (theirs == mine && other < slot)) &&
            memcmp(&call_in(search, other)->event, &call_in(search, slot)->event, sizeof(tjob_event)) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds all successors of one configuration, which is followed and therefore not replaced. */
static void linearize_follow(struct tjob_history_search *search, const struct configuration *from)
{
    for (uint64_t slots = search->used & ~from->done; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        const enum call_role role = (enum call_role)search->roles[slot];
        if (tjob__role_knows(role)) {
            read_call(search, from, slot, READ_ANSWER);
        }
        const bool effective = (role == ROLE_FOUND && (from->effect & bit(slot)) == 0) ||
                               ((search->optional & bit(slot)) != 0 && !is_dominated(search, from->done, slot));
        if (effective) {
            read_call(search, from, slot, READ_EFFECT);
        }
    }
}

/* ---- Sets of configurations ------------------------------------------------------------------------------------ */

/*
 * Adds the configurations that are reachable by linearizing open calls. Does not expand configurations in which one of
 * `until` is linearized. Returns the number of configurations that existed before; they come first.
 */
static uint32_t linearize_expand(struct tjob_history_search *search, uint64_t until)
{
    tjob__state_set_reduce(&search->set, search->optional);
    const uint32_t before = search->set.count;
    for (uint32_t i = 0; i < search->set.count && search->bound == TJOB_BOUND_NONE; i++) {
        search->set.followed = i + 1;
        if ((search->set.configurations[i].done & until) == 0) {
            linearize_follow(search, &search->set.configurations[i]);
        }
    }
    return before;
}

/* Keeps the first `before` configurations, and those in which one of `done` is linearized. */
static void linearize_keep(struct tjob_history_search *search, uint32_t before, uint64_t done)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < search->set.count; i++) {
        if (i < before || (search->set.configurations[i].done & done) != 0) {
            search->set.configurations[kept++] = search->set.configurations[i];
        }
    }
    search->set.count = kept;
}

static void free_slots(struct tjob_history_search *search, uint64_t slots)
{
    search->used &= ~slots;
    search->late &= ~slots;
    search->optional &= ~slots;
    for (uint32_t i = 0; i < search->set.count; i++) {
        search->set.configurations[i].done &= ~slots;
        search->set.configurations[i].effect &= ~slots;
    }
    if (search->set.count > 1) {
        tjob__state_set_reduce(&search->set, search->optional);
    }
}

/* Frees the slots of late calls that can no longer have an effect. */
static void bury(struct tjob_history_search *search)
{
    uint64_t dead = search->late;
    for (uint32_t i = 0; i < search->set.count; i++) {
        struct configuration *configuration = &search->set.configurations[i];
        for (uint64_t slots = search->late & ~configuration->done; slots != 0; slots &= slots - 1) {
            const unsigned slot = lowest(slots);
            if (!tjob__abstract_state_may_change(&configuration->state, &call_in(search, slot)->event)) {
                configuration->done |= bit(slot);
            }
        }
        dead &= configuration->done;
    }
    if (dead != 0) {
        free_slots(search, dead);
    }
}

/* ---- Invocations and answers ----------------------------------------------------------------------------------- */

/* Returns whether the next call belongs to the view's sub-history. */
static bool is_in_sub_history(struct tjob_history_search *search)
{
    const struct view *view = search->view;
    while (search->sub_history_next < view->sub_history_count &&
           view->sub_history[search->sub_history_next] < search->next) {
        search->sub_history_next++;
    }
    return search->sub_history_next < view->sub_history_count &&
           view->sub_history[search->sub_history_next] == search->next;
}

/* Returns the role of the next call in the view. */
static enum call_role next_role(struct tjob_history_search *search)
{
    const struct view *view = search->view;
    const tjob_call *call = &view->calls[search->next];
    const bool open = call->answered == TJOB_PENDING || call->answered > view->horizon;
    const enum call_role role = open ? ROLE_OPEN : tjob__role_of(call);
    const bool idle = call->event.kind == TJOB_DESCRIBE || tjob_event_validate(&call->event) != TJOB_OK;
    const bool in_sub_history =
        view->sub_history != NULL ? is_in_sub_history(search) : tjob__role_knows(role) && search->next >= view->first;
    if (role == ROLE_OPEN) {
        return idle ? ROLE_SILENT : ROLE_OPEN;
    }
    const bool trusted = search->next < view->trusted && search->next != view->except;
    if (in_sub_history || trusted || (role == ROLE_SILENT && !view->doubts)) {
        return role;
    }
    /* The unknown state at the start of the view covers any effect of a call that was answered before the first call of
     * the view. */
    const bool over = search->next < view->first && call->answered < view->calls[view->first].invoked;
    return idle || over ? ROLE_SILENT : ROLE_IGNORED;
}

static void linearize_take_slot(struct tjob_history_search *search, unsigned slot, size_t call, enum call_role role)
{
    search->calls[slot] = (uint32_t)call;
    search->roles[slot] = (uint8_t)role;
    search->used |= bit(slot);
    search->optional |= tjob__role_knows(role) ? 0 : bit(slot);
}

/* Assigns a slot to the next call, unless it is silent. Returns the slot as a set. */
static uint64_t invoke(struct tjob_history_search *search)
{
    const enum call_role role = next_role(search);
    const size_t call = search->next++;
    take_steps(search, 1);
    if (role == ROLE_SILENT) {
        return 0;
    }
    if (search->used == UINT64_MAX) {
        search->bound = TJOB_BOUND_OPEN;
        return 0;
    }
    const unsigned slot = lowest(~search->used);
    linearize_take_slot(search, slot, call, role);
    return bit(slot);
}

/*
 * Merges a call that has become late into another late call with the same event: within one incarnation either of them
 * changes the job at most once, and both end with that incarnation.
 */
static void merge(struct tjob_history_search *search, unsigned slot)
{
    for (uint64_t slots = search->late & ~bit(slot); slots != 0; slots &= slots - 1) {
        const unsigned other = lowest(slots);
        if (memcmp(&call_in(search, other)->event, &call_in(search, slot)->event, sizeof(tjob_event)) == 0) {
            for (uint32_t i = 0; i < search->set.count; i++) {
                struct configuration *configuration = &search->set.configurations[i];
                const bool done = (configuration->done & bit(slot)) != 0;
                configuration->done &= done ? UINT64_MAX : ~bit(other);
            }
            free_slots(search, bit(slot));
            return;
        }
    }
}

/*
 * Handles the answer of a call with an unknown effect: from now on the call is bound to its incarnation. If a removal
 * may have happened, another incarnation may have begun, too.
 */
static void become_late(struct tjob_history_search *search, unsigned slot)
{
    const struct view *view = search->view;
    /* Before the first call of the view there is a single configuration, which stands for all. */
    const bool looked_at = view->first == 0 || call_in(search, slot)->answered >= view->calls[view->first].invoked;
    bool removes = false;
    for (uint64_t slots = looked_at ? search->used & ~bit(slot) : 0; slots != 0; slots &= slots - 1) {
        removes = removes || call_in(search, lowest(slots))->event.kind == TJOB_REMOVED;
    }
    if (removes) {
        (void)linearize_expand(search, 0);
    }
    search->late |= bit(slot);
    merge(search, slot);
}

/* Explains the answer of a call in every possible way. */
static void linearize_answer(struct tjob_history_search *search, unsigned slot)
{
    const enum call_role role = (enum call_role)search->roles[slot];
    take_steps(search, search->set.count);
    if (role == ROLE_OPEN) {
        become_late(search, slot);
        return;
    }
    const uint32_t before = linearize_expand(search, bit(slot));
    linearize_keep(search, role == ROLE_IGNORED ? before : 0, bit(slot));
    if (tjob__role_knows(role)) {
        remember_incarnation(search, tjob__incarnation_known_from(call_in(search, slot)));
    }
    free_slots(search, bit(slot));
}

/* Merges configurations, if there are too many, into one in which only the possible states are known. Does not do so
 * while the answer of an open call still has to be explained. */
static void widen(struct tjob_history_search *search)
{
    struct configuration wide = {.done = 0};
    uint32_t states = 0;
    if (search->set.count <= SEARCH_WIDTH || search->used != search->optional) {
        return;
    }
    for (uint32_t i = 0; i < search->set.count; i++) {
        states |= tjob__abstract_state_states(&search->set.configurations[i].state);
    }
    wide.state = tjob__abstract_state_of_states(states);
    tjob__state_set_clear(&search->set);
    linearize_add(search, &wide);
    search->is_wide = true;
}

/* Returns the slot of the open call that is answered first, or SEARCH_SLOTS if none is answered. */
static unsigned first_answered(const struct tjob_history_search *search)
{
    unsigned first = SEARCH_SLOTS;
    uint64_t earliest = TJOB_PENDING;
    for (uint64_t slots = search->used & ~search->late; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        const uint64_t answered = answered_in(search, slot);
        if (answered < earliest) {
            earliest = answered;
            first = slot;
        }
    }
    return first;
}

/* Returns the same once a call was invoked, whose slot is the only one in `invoked`, if any: `first` was the slot
 * before. Of two calls that are answered at once, the one in the lower slot is first. */
static unsigned first_answered_now(const struct tjob_history_search *search, unsigned first, uint64_t invoked)
{
    if (invoked == 0) {
        return first;
    }
    const unsigned slot = lowest(invoked);
    const uint64_t answered = answered_in(search, slot);
    const uint64_t earliest = first != SEARCH_SLOTS ? answered_in(search, first) : TJOB_PENDING;
    return answered < earliest || (answered == earliest && slot < first && first != SEARCH_SLOTS) ? slot : first;
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

/* Records that the history may be compacted here, where a single configuration is left. */
static void keep_compaction(struct tjob_history_search *search, uint64_t clock)
{
    struct compaction *compaction = &search->compaction;
    compaction->configuration = search->set.configurations[0];
    compaction->clock = clock;
    compaction->next = search->next;
    memcpy(compaction->incarnations, search->last_incarnations, sizeof compaction->incarnations);
    compaction->open = 0;
    for (uint64_t slots = search->used; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        uint32_t at = compaction->open++;
        for (; at > 0 && compaction->calls[at - 1] > search->calls[slot]; at--) {
            compaction->calls[at] = compaction->calls[at - 1];
            compaction->slots[at] = compaction->slots[at - 1];
        }
        compaction->calls[at] = search->calls[slot];
        compaction->slots[at] = slot;
    }
}

/* The same after an answer, if a single configuration is left, and no call still has to find its effect. `following`:
 * the slot of the call that is answered next. */
static void note_compaction(struct tjob_history_search *search, uint64_t clock, unsigned following)
{
    if (search->set.count == 1 && search->set.configurations[0].effect == 0 &&
        (following == SEARCH_SLOTS || answered_in(search, following) != clock)) {
        keep_compaction(search, clock);
    }
}

/* Resumes the calls that the checkpoint has left open. */
static void take_up(struct tjob_history_search *search, const tjob_history_checkpoint *checkpoint)
{
    for (unsigned i = TJOB_HISTORY_INCARNATIONS_MAX; i > 0; i--) {
        remember_incarnation(search, checkpoint->incarnations[i - 1]);
    }
    for (unsigned slot = 0; slot < checkpoint->open; slot++) {
        const enum call_role role = next_role(search);
        if (role != ROLE_SILENT) {
            linearize_take_slot(search, slot, slot, role);
            search->late |=
                role == ROLE_OPEN && search->view->calls[slot].answered <= checkpoint->clock ? bit(slot) : 0;
        }
        search->next++;
    }
}

static void linearize_begin(struct tjob_history_search *search, const struct view *view)
{
    const tjob_history_checkpoint *checkpoint = view->checkpoint;
    struct configuration first = {.state = view->first > 0 ? tjob__abstract_state_of_anything()
                                                           : tjob__abstract_state_absent()};
    search->view = view;
    search->next = 0;
    search->sub_history_next = 0;
    search->bound = TJOB_BOUND_NONE;
    search->is_wide = false;
    search->added = search->set.added;
    search->used = 0;
    search->late = 0;
    search->optional = 0;
    tjob__incarnation_set_clear(&search->incarnations);
    memset(search->last_incarnations, 0, sizeof search->last_incarnations);
    if (checkpoint != NULL && view->first == 0) {
        tjob__abstract_state_resume(&first.state, checkpoint);
        take_up(search, checkpoint);
        first.done = checkpoint->done & search->used;
    }
    tjob__state_set_clear(&search->set);
    linearize_add(search, &first);
}

tjob_history_result tjob__search_run(struct tjob_history_search *search, const struct view *view)
{
    linearize_begin(search, view);
    unsigned slot = first_answered(search);
    if (view->compacts) {
        keep_compaction(search, view->checkpoint->clock);
    }
    while (search->bound == TJOB_BOUND_NONE) {
        if (search->next < view->count &&
            (slot == SEARCH_SLOTS || view->calls[search->next].invoked <= answered_in(search, slot))) {
            if (view->compacts && view->calls[search->next].answered == TJOB_PENDING) {
                break;
            }
            const uint64_t invoked = invoke(search);
            if (view->compacts && invoked == 0 && search->compaction.next + 1 == search->next) {
                search->compaction.next = search->next; /* a call without effect, right behind what is compacted */
            }
            for (uint32_t i = 0; i < search->set.count; i++) {
                linearize_call(search, &search->set.configurations[i], invoked);
            }
            slot = first_answered_now(search, slot, invoked);
            continue;
        }
        if (slot == SEARCH_SLOTS) {
            break;
        }
        const size_t call = search->calls[slot];
        linearize_answer(search, slot);
        if (search->set.count == 0 && search->bound == TJOB_BOUND_NONE) {
            return (tjob_history_result){TJOB_NOT_LINEARIZABLE, TJOB_BOUND_NONE, call, false};
        }
        bury(search);
        if (view->widens) {
            widen(search);
        }
        slot = first_answered(search);
        if (view->compacts) {
            note_compaction(search, view->calls[call].answered, slot);
        }
    }
    const bool bounded = search->bound != TJOB_BOUND_NONE || search->is_wide;
    return (tjob_history_result){bounded ? TJOB_INCONCLUSIVE : TJOB_LINEARIZABLE, search->bound, 0, false};
}
