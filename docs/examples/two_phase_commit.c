/*
 * The textbook model of a distributed protocol, two-phase commit, as in Gray and Lamport, "Consensus on Transaction
 * Commit" (2006): a transaction manager and some resource managers commit together, or abort together. Messages may be
 * delayed for ever; a second delivery would change nothing and is left out. SPIN 6.5.2 and Stateright count 288 states
 * for three resource managers and 8,832 for five, as this program does.
 *
 * With symmetry reduction, states that differ only in the names of the resource managers are one: 314 for five. A
 * transaction manager that does not wait for the last resource manager is caught, by a shortest counterexample.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "tjob/verify.h"

enum { MANAGERS_MAX = 9, THREADS = 2, MEMORY_MAX = 1 << 26 };

/* ---- The states ------------------------------------------------------------------------------------------------ */

enum { WORKING, PREPARED, COMMITTED, ABORTED }; /* a resource manager */
enum { WAITING, HAS_COMMITTED, HAS_ABORTED };   /* the transaction manager, and what it has sent to all */

/* A message, once sent, is there for ever. */
struct manager {
    unsigned char state;
    unsigned char sent;  /* "prepared", to the transaction manager */
    unsigned char heard; /* the transaction manager has received it */
};

struct commit {
    unsigned char coordinator; /* the transaction manager */
    struct manager managers[MANAGERS_MAX];
};

/* What the model is configured to be. */
struct config {
    uint32_t managers;
    bool hasty; /* the transaction manager does not wait for the last resource manager */
};

static uint32_t bytes_of(const struct config *config)
{
    return (uint32_t)(offsetof(struct commit, managers) + config->managers * sizeof(struct manager));
}

/* ---- The steps ------------------------------------------------------------------------------------------------- */

enum action { PREPARE, CHOOSE_TO_ABORT, HEAR, COMMIT, ABORT, LEARN_COMMIT, LEARN_ABORT };

/* Adds a step of `action` by or for resource manager `which`; returns the state after it, so far equal to `before`. */
static struct commit *add(tjob_successors *successors, const struct commit *before, enum action action, uint32_t which)
{
    const tjob_step step = {.label = (uint64_t)action << 8 | which, .progress = true};
    unsigned char *after = tjob_successors_add(successors, &step);
    memcpy(after, before, successors->state_bytes);
    return (struct commit *)(void *)after;
}

static void begin(void *context, tjob_successors *initial)
{
    (void)context;
    (void)tjob_successors_add(initial, &(tjob_step){.label = 0}); /* all bytes are 0: WORKING, WAITING */
}

static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    const struct config *config = context;
    const struct commit *now = (const struct commit *)(const void *)state;
    uint32_t heard = 0;
    for (uint32_t i = 0; i < config->managers; i++) {
        const struct manager *manager = &now->managers[i];
        heard += manager->heard;
        if (manager->state == WORKING) {
            struct commit *after = add(successors, now, PREPARE, i);
            after->managers[i].state = PREPARED;
            after->managers[i].sent = 1;
            add(successors, now, CHOOSE_TO_ABORT, i)->managers[i].state = ABORTED;
        }
        if (now->coordinator == WAITING && manager->sent && !manager->heard) {
            add(successors, now, HEAR, i)->managers[i].heard = 1;
        }
        if (now->coordinator == HAS_COMMITTED && manager->state != COMMITTED) {
            add(successors, now, LEARN_COMMIT, i)->managers[i].state = COMMITTED;
        }
        if (now->coordinator == HAS_ABORTED && manager->state != ABORTED) {
            add(successors, now, LEARN_ABORT, i)->managers[i].state = ABORTED;
        }
    }
    if (now->coordinator == WAITING) {
        if (heard + (config->hasty ? 1 : 0) >= config->managers) {
            add(successors, now, COMMIT, 0)->coordinator = HAS_COMMITTED;
        }
        add(successors, now, ABORT, 0)->coordinator = HAS_ABORTED;
    }
}

/* ---- The properties -------------------------------------------------------------------------------------------- */

enum { AGREEMENT, COMMITS, ABORTS, DECISION, PROPERTIES };

static const tjob_property properties[PROPERTIES] = {
    [AGREEMENT] = {TJOB_PROPERTY_ALWAYS, true, "agreement", "no one commits while another aborts"},
    [COMMITS] = {TJOB_PROPERTY_SOMETIMES, true, "commits", "all commit"},
    [ABORTS] = {TJOB_PROPERTY_SOMETIMES, true, "aborts", "all abort"},
    [DECISION] = {TJOB_PROPERTY_ALWAYS_REACHABLE, true, "decision", "all can still decide"},
};

static tjob_observation observe(void *context, const unsigned char *state)
{
    const struct config *config = context;
    const struct commit *now = (const struct commit *)(const void *)state;
    uint32_t count[ABORTED + 1] = {0};
    for (uint32_t i = 0; i < config->managers; i++) {
        count[now->managers[i].state]++;
    }
    const bool all_commit = count[COMMITTED] == config->managers;
    const bool all_abort = count[ABORTED] == config->managers;
    const bool all_decide = count[COMMITTED] + count[ABORTED] == config->managers;
    return (tjob_observation){
        .exercised = 1u << AGREEMENT | (all_commit ? 1u << COMMITS : 0) | (all_abort ? 1u << ABORTS : 0) |
                     (all_decide ? 1u << DECISION : 0),
        .violated = count[COMMITTED] != 0 && count[ABORTED] != 0 ? 1u << AGREEMENT : 0,
    };
}

/* ---- Symmetry: resource managers differ only in their names ---------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct manager));
}

/* Sorts the managers by all of their bytes: states that are equal up to names become the same. */
static void canonicalize(void *context, unsigned char *state)
{
    const struct config *config = context;
    struct commit *now = (struct commit *)(void *)state;
    qsort(now->managers, config->managers, sizeof(struct manager), compare);
}

/* ---- The steps in words ---------------------------------------------------------------------------------------- */

static void describe_state(const struct config *config, const unsigned char *state, char *text, size_t bytes)
{
    static const char *const names[] = {"working", "prepared", "committed", "aborted"};
    const struct commit *now = (const struct commit *)(const void *)state;
    size_t at = 0;
    for (uint32_t i = 0; i < config->managers && at < bytes; i++) {
        at += (size_t)snprintf(text + at, bytes - at, "%s%s", i != 0 ? ", " : "", names[now->managers[i].state]);
    }
}

static void describe(void *context, const unsigned char *before, uint64_t label, const unsigned char *after,
                     tjob_step_description *description)
{
    static const struct {
        bool by_all; /* by the transaction manager, to all */
        const char *action;
    } words[] = {
        [PREPARE] = {false, "prepares, and says so"},
        [CHOOSE_TO_ABORT] = {false, "aborts of its own accord"},
        [HEAR] = {false, "its message arrives"},
        [COMMIT] = {true, "commits, and says so to all"},
        [ABORT] = {true, "aborts, and says so to all"},
        [LEARN_COMMIT] = {false, "learns that it must commit"},
        [LEARN_ABORT] = {false, "learns that it must abort"},
    };
    const enum action action = (enum action)(label >> 8);
    if (words[action].by_all) {
        snprintf(description->actor, sizeof description->actor, "transaction manager");
    } else {
        snprintf(description->actor, sizeof description->actor, "resource manager %d", (int)(label & 0xff) + 1);
    }
    snprintf(description->action, sizeof description->action, "%s", words[action].action);
    describe_state(context, before, description->before, sizeof description->before);
    describe_state(context, after, description->after, sizeof description->after);
}

/* ---- The exploration ------------------------------------------------------------------------------------------- */

static void print(void *context, const char *text, size_t bytes)
{
    (void)context;
    fwrite(text, 1, bytes, stdout);
}

static void check(const char *title, struct config config, bool symmetric)
{
    const tjob_model model = {.context = &config,
                              .state_bytes = bytes_of(&config),
                              .property_count = PROPERTIES,
                              .properties = properties,
                              .begin = begin,
                              .next = next,
                              .observe = observe,
                              .canonicalize = symmetric ? canonicalize : NULL,
                              .describe = describe};
    void *memory;
    tjob_exploration_counts counts;
    tjob_explorer *explorer = explore_model(&model, THREADS, MEMORY_MAX, &memory);
    if (explorer == NULL) {
        fprintf(stderr, "there is no memory, or no thread\n");
        exit(EXIT_FAILURE);
    }
    tjob_explorer_counts(explorer, &counts);
    printf("%s: %s, %" PRIu64 " states, %" PRIu64 " transitions\n", title,
           tjob_exploration_name(tjob_explorer_end(explorer)), counts.states, counts.transitions);
    for (uint32_t i = 0; i < PROPERTIES; i++) {
        const tjob_verdict verdict = tjob_explorer_verdict(explorer, i);
        printf("  %-9s %s: %s\n", properties[i].name, tjob_verdict_name(verdict), properties[i].sentence);
        if (verdict == TJOB_VERDICT_VIOLATED) {
            tjob_trace_printer printer = {.format = TJOB_TRACE_TEXT, .write = print};
            tjob_trace_print(&printer, explorer, &model, i);
        }
    }
    free(memory);
}

int main(void)
{
    check("three resource managers", (struct config){.managers = 3}, false);
    check("five resource managers", (struct config){.managers = 5}, false);
    check("five, up to their names", (struct config){.managers = 5}, true);
    check("a hasty transaction manager", (struct config){.managers = 3, .hasty = true}, false);
    return EXIT_SUCCESS;
}
