#include "support/lifecycle_run.h"

#include <stdlib.h>

#include "support/suite.h"

struct lifecycle_run lifecycle_start(const tjob_lifecycle_config *config)
{
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(config);
    struct lifecycle_run run = {.memory = aligned_alloc(64, bytes)};
    EXPECT(run.memory != NULL);
    run.model = tjob_lifecycle_model_init(config, run.memory, bytes);
    EXPECT(run.model != NULL);
    run.system = tjob_lifecycle_model_of(run.model);
    return run;
}

struct lifecycle_run lifecycle_explore(const tjob_lifecycle_config *config, uint32_t threads, uint64_t states)
{
    struct lifecycle_run run = lifecycle_start(config);
    run.explored = explore(run.system, threads, states);
    return run;
}

void lifecycle_end(struct lifecycle_run *run)
{
    explored_free(&run->explored);
    free(run->memory);
}
