/*
 * tjob's explorer on a different problem: four people cross a bridge at night. They have one torch, the bridge carries
 * two people, and they need 1, 2, 5 and 10 minutes. Two who walk together walk as slowly as the slower one. The torch
 * burns for 17 minutes.
 *
 * A state is five bytes: the side on which each of the four is, and the minutes that are left of the torch. The highest
 * bit of the fifth byte is the side of the torch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/verify.h"

enum { PEOPLE = 4, TORCH = 4, FAR = 0x80, MINUTES = 17, STATES = 1000 };

static const unsigned char minutes[PEOPLE] = {1, 2, 5, 10};

static void begin(void *context, tjob_successors *initial)
{
    static const unsigned char start[] = {0, 0, 0, 0, MINUTES};
    const tjob_step step = {.label = 0};
    (void)context;
    memcpy(tjob_successors_add(initial, &step), start, sizeof start);
}

/* Each person on the torch's side may cross, alone or with one of the people after them in the order. */
static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    const unsigned char side = state[TORCH] & FAR;
    (void)context;
    for (unsigned one = 0; one < PEOPLE; one++) {
        for (unsigned other = one; other < PEOPLE; other++) {
            const unsigned char slower = minutes[other];
            if (state[one] == side && state[other] == side && (state[TORCH] & ~FAR) >= slower) {
                const tjob_step step = {.label = one << 8 | other};
                unsigned char *after = tjob_successors_add(successors, &step);
                memcpy(after, state, PEOPLE + 1);
                after[one] = after[other] = side ^ FAR;
                after[TORCH] = (unsigned char)((state[TORCH] ^ FAR) - slower);
            }
        }
    }
}

static tjob_observation observe(void *context, const unsigned char *state)
{
    (void)context;
    for (unsigned i = 0; i < PEOPLE; i++) {
        if (state[i] != FAR) {
            return (tjob_observation){.exercised = 0};
        }
    }
    return (tjob_observation){.exercised = 1};
}

static const tjob_property all_across = {TJOB_PROPERTY_SOMETIMES, true, "across", "all of them get across in time"};

static const tjob_model bridge = {.state_bytes = PEOPLE + 1,
                                  .property_count = 1,
                                  .properties = &all_across,
                                  .begin = begin,
                                  .next = next,
                                  .observe = observe};

static void print_step(void *context, const tjob_trace_step *step)
{
    const unsigned one = minutes[step->label >> 8];
    const unsigned other = minutes[step->label & 0xff];
    (void)context;
    printf("%s %2u", (step->before[TORCH] & FAR) == 0 ? "->" : "<-", one);
    printf(other != one ? " and %2u" : "       ", other);
    printf("   %2d minutes left\n", step->after[TORCH] & ~FAR);
}

int main(void)
{
    const size_t bytes = (size_t)tjob_explorer_bytes(&bridge, 1, STATES);
    void *memory = aligned_alloc(64, bytes);
    tjob_explorer *explorer = memory != NULL ? tjob_explorer_init(&bridge, memory, bytes, 1, NULL) : NULL;
    if (explorer == NULL) {
        return EXIT_FAILURE;
    }
    tjob_exploration_counts counts;
    printf("%s: ", tjob_exploration_name(tjob_explorer_run(explorer, 0)));
    tjob_explorer_counts(explorer, &counts);
    printf("%d states, %d steps\n", (int)counts.states, (int)counts.transitions);
    printf("%s: %s\n", all_across.sentence, tjob_verdict_name(tjob_explorer_verdict(explorer, 0)));
    tjob_explorer_trace(explorer, 0, print_step, NULL);
    free(memory);
    return EXIT_SUCCESS;
}
