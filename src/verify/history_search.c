#include "verify/history_search.h"

#include <string.h>

_Static_assert(sizeof(struct configuration) == 96, "a configuration has no padding, for they are compared as bytes");

/* An entry of a hash table that holds nothing unless it bears the number of the present filling. */
struct seen {
    uint32_t filling;
    uint32_t index; /* into configurations */
};

struct life {
    uint64_t life;
    uint64_t filling;
};

struct tjob_history_search {
    tjob_policy policy;

    struct configuration *configurations;
    struct seen *seen;
    struct life *lives;
    uint32_t configurations_max; /* half of the entries of `seen`, a power of two */
    uint32_t lives_max;          /* a power of two, of which half is used */
    uint32_t configuration_count;
    uint32_t lives_count;
    uint32_t seen_filling;
    uint64_t lives_filling;
    uint64_t effort;

    /* Of the present run. */
    const struct view *view;
    size_t next;      /* the next call to be invoked */
    size_t part_next; /* the first of view.part that is not before it */
    tjob_bound bound;
    uint64_t used; /* slots */
    uint64_t late; /* slots of calls that were answered, and may still take effect */
    uint32_t calls[SEARCH_SLOTS];
    uint8_t roles[SEARCH_SLOTS];
    uint64_t last_lives[TJOB_HISTORY_LIVES_MAX];
    struct checkpoint checkpoint;
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

struct tjob_history_search *search_init(void *memory, size_t bytes, const tjob_policy *policy)
{
    struct tjob_history_search *search = memory;
    const size_t rest = bytes - sizeof *search;
    const size_t configuration_bytes = sizeof(struct configuration) + 2 * sizeof(struct seen);
    *search = (struct tjob_history_search){.policy = *policy, .seen_filling = 0};
    search->configurations_max = power_of_two(rest * 3 / 4 / configuration_bytes);
    search->lives_max = power_of_two(rest / 4 / sizeof(struct life));
    search->configurations = (struct configuration *)(search + 1);
    search->seen = (struct seen *)(search->configurations + search->configurations_max);
    search->lives = (struct life *)(search->seen + 2 * (size_t)search->configurations_max);
    memset(search->seen, 0, 2 * (size_t)search->configurations_max * sizeof *search->seen);
    memset(search->lives, 0, (size_t)search->lives_max * sizeof *search->lives);
    return search;
}

const tjob_policy *search_policy(const struct tjob_history_search *search)
{
    return &search->policy;
}

const struct checkpoint *search_checkpoint(const struct tjob_history_search *search)
{
    return &search->checkpoint;
}

uint64_t search_effort(const struct tjob_history_search *search)
{
    return search->effort;
}

static uint64_t mixed(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

static void forget_seen(struct tjob_history_search *search)
{
    search->configuration_count = 0;
    search->seen_filling++;
    if (search->seen_filling == 0) { /* LCOV_EXCL_BR_LINE: after 2^32 of them, which takes minutes */
        memset(search->seen, 0, 2 * (size_t)search->configurations_max * sizeof *search->seen); /* LCOV_EXCL_LINE */
        search->seen_filling = 1;                                                               /* LCOV_EXCL_LINE */
    }
}

/* Adds a configuration unless it is there already. */
static void add(struct tjob_history_search *search, const struct configuration *configuration)
{
    uint64_t words[sizeof *configuration / sizeof(uint64_t)];
    uint64_t hash = 0;
    memcpy(words, configuration, sizeof words);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        hash = mixed(hash, words[i]);
    }
    const uint32_t mask = 2 * search->configurations_max - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (search->seen[at].filling == search->seen_filling) {
        if (memcmp(&search->configurations[search->seen[at].index], configuration, sizeof *configuration) == 0) {
            return;
        }
        at = (at + 1) & mask;
    }
    if (search->configuration_count == search->configurations_max) {
        search->bound = TJOB_BOUND_CONFIGURATIONS;
        return;
    }
    search->effort++;
    search->seen[at] = (struct seen){search->seen_filling, search->configuration_count};
    search->configurations[search->configuration_count++] = *configuration;
}

/* ---- Lives ----------------------------------------------------------------------------------------------------- */

static struct life *place_of(const struct tjob_history_search *search, uint64_t life)
{
    uint32_t at = (uint32_t)mixed(0, life) & (search->lives_max - 1);
    while (search->lives[at].filling == search->lives_filling && search->lives[at].life != life) {
        at = (at + 1) & (search->lives_max - 1);
    }
    return &search->lives[at];
}

static void remember_life(struct tjob_history_search *search, uint64_t life)
{
    uint64_t *last = search->last_lives;
    struct life *place = place_of(search, life);
    if (life == 0 || place->filling == search->lives_filling) {
        return;
    }
    if (search->lives_count == search->lives_max / 2) {
        search->bound = TJOB_BOUND_LIVES;
        return;
    }
    search->lives_count++;
    *place = (struct life){life, search->lives_filling};
    memmove(last + 1, last, (TJOB_HISTORY_LIVES_MAX - 1) * sizeof *last);
    last[0] = life;
}

uint64_t life_told_by(const tjob_call *call)
{
    const tjob_outcome *outcome = &call->outcome;
    if ((call->told & TJOB_TOLD_JOB) != 0 && outcome->job.state != TJOB_ABSENT) {
        return outcome->job.life;
    }
    return outcome->status == TJOB_OK && call->event.kind != TJOB_REMOVED ? call->event.life : 0;
}

static bool tells(enum call_role role)
{
    return role == ROLE_ANSWERED || role == ROLE_FOUND;
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

/* When the call was answered, as far as the view looks. */
static uint64_t answered_in(const struct tjob_history_search *search, unsigned slot)
{
    const uint64_t answered = call_in(search, slot)->answered;
    return answered <= search->view->horizon ? answered : TJOB_NEVER;
}

/* Whether a life was told in a configuration before: then it is not a new one. */
static bool is_old_life(const struct tjob_history_search *search, uint64_t done, uint64_t life)
{
    if (place_of(search, life)->filling == search->lives_filling) {
        return true;
    }
    for (uint64_t slots = done & search->used; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        if (tells((enum call_role)search->roles[slot]) && life_told_by(call_in(search, slot)) == life) {
            return true;
        }
    }
    return false;
}

/* ---- One instant ----------------------------------------------------------------------------------------------- */

/* Whether a call that can be read now without a change may as well be read now, for it cannot change anything later. */
static bool is_reader(const tjob_call *call, enum call_role role)
{
    if (role == ROLE_FOUND) {
        return (call->told & TJOB_TOLD_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT;
    }
    return role == ROLE_ANSWERED &&
           (call->outcome.status != TJOB_OK || call->event.kind == TJOB_DESCRIBE ||
            ((call->told & TJOB_TOLD_CHANGED) != 0 && call->outcome.changed == TJOB_CHANGED_NO));
}

/* Lets each call among `slots` have its instant that changes nothing and teaches nothing here. */
static void settle(const struct tjob_history_search *search, struct configuration *configuration, uint64_t slots)
{
    for (slots &= ~configuration->done; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        const tjob_call *call = call_in(search, slot);
        const enum call_role role = (enum call_role)search->roles[slot];
        struct belief_step step;
        if (is_reader(call, role) &&
            belief_step(&configuration->belief, call, READ_ANSWER, 0, &search->policy, &step) &&
            memcmp(&step.next, &configuration->belief, sizeof step.next) == 0) {
            configuration->done |= bit(slot);
            configuration->effect &= ~bit(slot);
        }
    }
}

/* Adds the configuration in which the call of a slot has its instant next, read in one way. */
static void take_instant(struct tjob_history_search *search, const struct configuration *from, unsigned slot,
                         enum reading reading, unsigned choice)
{
    const tjob_call *call = call_in(search, slot);
    struct belief_step step;
    if (!belief_step(&from->belief, call, reading, choice, &search->policy, &step) ||
        (step.learnt != 0 && is_old_life(search, from->done, step.learnt))) {
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
        return; /* an effect is found in its own life or not at all */
    }
    if (step.changed && call->event.kind == TJOB_REMOVED) {
        to.done |= search->late; /* a late effect has its own life or none */
    }
    settle(search, &to, search->used);
    add(search, &to);
}

static void read_call(struct tjob_history_search *search, uint32_t from, unsigned slot, enum reading reading)
{
    const struct configuration configuration = search->configurations[from];
    const unsigned choices = belief_choices(&configuration.belief, call_in(search, slot), reading);
    for (unsigned choice = 0; choice < choices; choice++) {
        take_instant(search, &configuration, slot, reading, choice);
    }
}

/* Whether another open call with the same event would do the same now and be of no more use later: then it goes first.
 */
static bool gives_way(const struct tjob_history_search *search, uint64_t done, unsigned slot)
{
    for (uint64_t slots = search->used & ~done & ~bit(slot); slots != 0; slots &= slots - 1) {
        const unsigned other = lowest(slots);
        if (search->roles[other] != ROLE_OPEN ||
            memcmp(&call_in(search, other)->event, &call_in(search, slot)->event, sizeof(tjob_event)) != 0) {
            continue;
        }
        const bool late = (search->late & bit(slot)) != 0;
        const uint64_t mine = late ? 0 : answered_in(search, slot);
        const uint64_t theirs = (search->late & bit(other)) != 0 ? 0 : answered_in(search, other);
        if (theirs < mine || (theirs == mine && other < slot)) {
            return true;
        }
    }
    return false;
}

/* Adds what can come next of one configuration. */
static void follow(struct tjob_history_search *search, uint32_t from)
{
    const struct configuration configuration = search->configurations[from];
    for (uint64_t slots = search->used & ~configuration.done; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        const enum call_role role = (enum call_role)search->roles[slot];
        if (tells(role)) {
            read_call(search, from, slot, READ_ANSWER);
        }
        const bool effective = (role == ROLE_FOUND && (configuration.effect & bit(slot)) == 0) ||
                               (role == ROLE_OPEN && !gives_way(search, configuration.done, slot));
        if (effective) {
            read_call(search, from, slot, READ_EFFECT);
        }
    }
}

/* ---- Sets of configurations ------------------------------------------------------------------------------------ */

/* Takes the same configuration only once. */
static void unify(struct tjob_history_search *search)
{
    const uint32_t count = search->configuration_count;
    forget_seen(search);
    for (uint32_t i = 0; i < count; i++) {
        const struct configuration configuration = search->configurations[i];
        add(search, &configuration);
    }
}

/* All configurations that open calls lead to; not beyond those in which one of `until` had its instant. */
static void expand(struct tjob_history_search *search, uint64_t until)
{
    unify(search);
    for (uint32_t i = 0; i < search->configuration_count && search->bound == TJOB_BOUND_NONE; i++) {
        if ((search->configurations[i].done & until) == 0) {
            follow(search, i);
        }
    }
}

static void keep_done(struct tjob_history_search *search, uint64_t done)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < search->configuration_count; i++) {
        if ((search->configurations[i].done & done) != 0) {
            search->configurations[kept++] = search->configurations[i];
        }
    }
    search->configuration_count = kept;
}

static void free_slots(struct tjob_history_search *search, uint64_t slots)
{
    search->used &= ~slots;
    search->late &= ~slots;
    for (uint32_t i = 0; i < search->configuration_count; i++) {
        search->configurations[i].done &= ~slots;
        search->configurations[i].effect &= ~slots;
    }
    if (search->configuration_count > 1) {
        unify(search);
    }
}

/* Frees the slots of late calls that can have no effect any more. */
static void bury(struct tjob_history_search *search)
{
    uint64_t dead = search->late;
    for (uint32_t i = 0; i < search->configuration_count; i++) {
        struct configuration *configuration = &search->configurations[i];
        for (uint64_t slots = search->late & ~configuration->done; slots != 0; slots &= slots - 1) {
            const unsigned slot = lowest(slots);
            if (!belief_may_change(&configuration->belief, &call_in(search, slot)->event)) {
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

enum call_role role_of(const tjob_call *call)
{
    const tjob_status status = call->outcome.status;
    const bool told = (call->told & TJOB_TOLD_CHANGED) != 0;
    const bool unknown = told ? call->outcome.changed == TJOB_CHANGED_UNKNOWN : status == TJOB_UNRESOLVED;
    switch (status) { /* LCOV_EXCL_BR_LINE: there is no other status */
    case TJOB_OK:
        return told && unknown && call->event.kind != TJOB_DESCRIBE ? ROLE_FOUND : ROLE_ANSWERED;
    case TJOB_NOT_FOUND:
    case TJOB_IN_USE:
    case TJOB_STALE:
    case TJOB_WRONG_STATE:
    case TJOB_REFUSED_BY_POLICY:
        return ROLE_ANSWERED;
    case TJOB_INVALID_ARGUMENT:
    case TJOB_ACCESS_DENIED:
    case TJOB_THROTTLED:
    case TJOB_UNKNOWN_OPERATION:
        return ROLE_SILENT;
    case TJOB_MISCONFIGURED:
    case TJOB_UNAVAILABLE:
    case TJOB_FULL:
    case TJOB_CONTENDED:
    case TJOB_UNRESOLVED:
        break;
    }
    return unknown ? ROLE_OPEN : ROLE_SILENT;
}

/* Whether the view forgets the answer of the next call. */
static bool is_forgotten(struct tjob_history_search *search)
{
    const struct view *view = search->view;
    if (view->part == NULL) {
        return search->next < view->first;
    }
    while (search->part_next < view->part_count && view->part[search->part_next] < search->next) {
        search->part_next++;
    }
    return search->part_next == view->part_count || view->part[search->part_next] != search->next;
}

static enum call_role role_in(const struct view *view, const tjob_call *call, bool forgotten)
{
    const bool open = forgotten || call->answered == TJOB_NEVER || call->answered > view->horizon;
    const enum call_role role = open ? ROLE_OPEN : role_of(call);
    const bool idle = call->event.kind == TJOB_DESCRIBE || !tjob_event_check(&call->event);
    return role == ROLE_OPEN && idle ? ROLE_SILENT : role;
}

/* Puts the next call into a slot, if it says anything. Returns the slot, as a set. */
static uint64_t invoke(struct tjob_history_search *search)
{
    const struct view *view = search->view;
    const tjob_call *call = &view->calls[search->next];
    const bool before = search->next < view->first;
    const bool settled = before && call->answered < view->calls[view->first].invoked;
    const enum call_role role = settled ? ROLE_SILENT : role_in(view, call, is_forgotten(search));
    search->next++;
    if (role == ROLE_SILENT) {
        return 0;
    }
    if (search->used == UINT64_MAX) {
        search->bound = TJOB_BOUND_OPEN;
        return 0;
    }
    const unsigned slot = lowest(~search->used);
    search->calls[slot] = (uint32_t)(search->next - 1);
    search->roles[slot] = (uint8_t)role;
    search->used |= bit(slot);
    return bit(slot);
}

/* Explains the answer of a call, in every way in which it can be. */
static void answer(struct tjob_history_search *search, unsigned slot)
{
    if (search->roles[slot] != ROLE_OPEN) {
        expand(search, bit(slot));
        keep_done(search, bit(slot));
        remember_life(search, life_told_by(call_in(search, slot)));
        free_slots(search, bit(slot));
        return;
    }
    /* From now on it is bound to its life. If a removal may have been, so may have been another life. */
    bool removes = false;
    for (uint64_t slots = search->used & ~bit(slot); slots != 0; slots &= slots - 1) {
        removes = removes || call_in(search, lowest(slots))->event.kind == TJOB_REMOVED;
    }
    if (removes) {
        expand(search, 0);
    }
    search->late |= bit(slot);
}

/* The open call that is answered first; SEARCH_SLOTS if none is. */
static unsigned first_answered(const struct tjob_history_search *search)
{
    unsigned first = SEARCH_SLOTS;
    uint64_t earliest = TJOB_NEVER;
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

/* ---- The run --------------------------------------------------------------------------------------------------- */

/* Notes that the history may be cut behind an answer: all that came before is one configuration, and nothing waits. */
static void take_checkpoint(struct tjob_history_search *search, uint64_t clock)
{
    struct checkpoint *checkpoint = &search->checkpoint;
    const unsigned following = first_answered(search);
    if (search->configuration_count != 1 || search->configurations[0].effect != 0 ||
        (following != SEARCH_SLOTS && answered_in(search, following) == clock)) {
        return;
    }
    checkpoint->reached = true;
    checkpoint->configuration = search->configurations[0];
    checkpoint->clock = clock;
    checkpoint->next = search->next;
    memcpy(checkpoint->lives, search->last_lives, sizeof checkpoint->lives);
    checkpoint->open = 0;
    for (uint64_t slots = search->used; slots != 0; slots &= slots - 1) {
        const unsigned slot = lowest(slots);
        uint32_t at = checkpoint->open++;
        for (; at > 0 && checkpoint->calls[at - 1] > search->calls[slot]; at--) {
            checkpoint->calls[at] = checkpoint->calls[at - 1];
            checkpoint->slots[at] = checkpoint->slots[at - 1];
        }
        checkpoint->calls[at] = search->calls[slot];
        checkpoint->slots[at] = slot;
    }
}

static void begin(struct tjob_history_search *search, const struct view *view)
{
    const tjob_past *past = view->past;
    struct configuration first = {.belief = view->first > 0 ? belief_of_anything() : belief_absent()};
    search->view = view;
    search->next = 0;
    search->part_next = 0;
    search->bound = TJOB_BOUND_NONE;
    search->effort = 0;
    search->used = 0;
    search->late = 0;
    search->lives_count = 0;
    search->lives_filling++;
    search->checkpoint.reached = false;
    memset(search->last_lives, 0, sizeof search->last_lives);
    if (past != NULL && view->first == 0) {
        first.belief = belief_of_past(past);
        first.done = past->done;
        for (unsigned i = TJOB_HISTORY_LIVES_MAX; i > 0; i--) {
            remember_life(search, past->lives[i - 1]);
        }
        for (unsigned slot = 0; slot < past->open; slot++) {
            const enum call_role role = role_in(view, &view->calls[slot], is_forgotten(search));
            search->calls[slot] = slot;
            search->roles[slot] = (uint8_t)role;
            search->used |= role != ROLE_SILENT ? bit(slot) : 0;
            search->late |= role == ROLE_OPEN && view->calls[slot].answered <= past->clock ? bit(slot) : 0;
            search->next++;
        }
    }
    forget_seen(search);
    add(search, &first);
}

tjob_finding search_run(struct tjob_history_search *search, const struct view *view)
{
    begin(search, view);
    while (search->bound == TJOB_BOUND_NONE) {
        const unsigned slot = first_answered(search);
        if (search->next < view->count &&
            (slot == SEARCH_SLOTS || view->calls[search->next].invoked <= answered_in(search, slot))) {
            if (view->folds && view->calls[search->next].answered == TJOB_NEVER) {
                break;
            }
            const uint64_t invoked = invoke(search);
            for (uint32_t i = 0; i < search->configuration_count; i++) {
                settle(search, &search->configurations[i], invoked);
            }
            continue;
        }
        if (slot == SEARCH_SLOTS) {
            break;
        }
        const size_t call = search->calls[slot];
        answer(search, slot);
        if (search->configuration_count == 0 && search->bound == TJOB_BOUND_NONE) {
            return (tjob_finding){TJOB_NOT_LINEARIZABLE, TJOB_BOUND_NONE, call};
        }
        bury(search);
        if (view->folds) {
            take_checkpoint(search, view->calls[call].answered);
        }
    }
    const bool bounded = search->bound != TJOB_BOUND_NONE;
    return (tjob_finding){bounded ? TJOB_INCONCLUSIVE : TJOB_LINEARIZABLE, search->bound, 0};
}
