/* A checker that finds nothing is credible only if it finds seeded bugs: here, all of those in the model of one job. */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"
#include "tjob/verify.h"

enum { THREADS = 2, MEMORY_MAX = 64 << 20 };

static tjob_exploration explore(tjob_seeded_bug bug)
{
    const tjob_lifecycle_config config = {.clients = 1, .trainers = 1, .faults = 1, .incarnations = 2, .bug = bug};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *room = aligned_alloc(64, bytes);
    void *memory = NULL;
    tjob_exploration end = TJOB_EXPLORATION_OUT_OF_MEMORY;
    if (room != NULL) {
        const tjob_model *model = tjob_lifecycle_model_of(tjob_lifecycle_model_init(&config, room, bytes));
        const tjob_explorer *explorer = explore_model(model, THREADS, MEMORY_MAX, &memory);
        end = explorer != NULL ? tjob_explorer_end(explorer) : end;
    }
    free(memory);
    free(room);
    return end;
}

int main(void)
{
    for (int bug = TJOB_BUG_NONE; bug < TJOB_SEEDED_BUG_COUNT; bug++) {
        printf("%s: %s\n", tjob_seeded_bug_name((tjob_seeded_bug)bug),
               tjob_exploration_name(explore((tjob_seeded_bug)bug)));
    }
    return EXIT_SUCCESS;
}
