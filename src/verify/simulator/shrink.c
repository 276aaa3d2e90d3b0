/* Shrinking: removes more and more of a replay as long as it still violates an invariant. */
#include "verify/simulator/shrink.h"

#include <string.h>

#include "verify/simulator/replay_describe.h"
#include "verify/simulator/simulation.h"
#include "verify/simulator/simulator.h"

/* The maximum number of rounds; after these the replay is short enough. */
enum { ROUNDS_MAX = 8 };

struct shrinker {
    struct replay *replay;
    struct replay_run *run;
    const tjob_simulator_config *config;
    tjob_invariant check; /* the invariant that the current replay violates */
    uint64_t runs;
};

/* Empties a store of the caller's before each run. Returns false if there is no empty store to run on. */
static bool renew(const tjob_simulator_config *config)
{
    return config->store == NULL || (config->empty != NULL && config->empty(config->empty_context));
}

/* Runs the current replay. If it violates an invariant, the accesses after the violation are cut off. */
static bool fails(struct shrinker *shrinker)
{
    uint32_t accesses;
    if (!renew(shrinker->config)) {
        return false;
    }
    const tjob_invariant check = tjob__replay_run(shrinker->run, shrinker->replay, &accesses);
    shrinker->runs++;
    if (check == TJOB_INVARIANT_NONE) {
        return false;
    }
    shrinker->check = check;
    shrinker->replay->access_count = accesses;
    return true;
}

/* ---- Leaving out ----------------------------------------------------------------------------------------------- */

/* Removes the accesses that are marked as left out. */
static void shrink_compact(struct replay *replay)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < replay->access_count; i++) {
        if (!replay->accesses[i].left_out) {
            replay->accesses[kept++] = replay->accesses[i];
        }
    }
    replay->access_count = kept;
}

static void take_back(struct replay *replay)
{
    for (uint32_t i = 0; i < replay->access_count; i++) {
        replay->accesses[i].left_out = false;
    }
}

/* Tries the replay without the accesses that are marked as left out. Returns whether it still fails. */
static bool without(struct shrinker *shrinker)
{
    const bool fewer = fails(shrinker);
    if (fewer) {
        shrink_compact(shrinker->replay);
    } else {
        take_back(shrinker->replay);
    }
    return fewer;
}

/* Leaves out runs of operations, from half of all operations down to single ones. */
static bool leave_out_operations(struct shrinker *shrinker)
{
    struct replay *replay = shrinker->replay;
    bool fewer = false;
    for (uint32_t length = replay->operation_count; length != 0; length /= 2) {
        for (uint32_t first = 0; first < replay->operation_count; first += length) {
            bool any = false;
            for (uint32_t i = 0; i < replay->access_count; i++) {
                replay->accesses[i].left_out = replay->accesses[i].operation - first < length;
                any = any || replay->accesses[i].left_out;
            }
            fewer = (any && without(shrinker)) || fewer;
        }
    }
    return fewer;
}

static bool leave_out_accesses(struct shrinker *shrinker)
{
    bool fewer = false;
    for (uint32_t i = 0; i < shrinker->replay->access_count;) {
        shrinker->replay->accesses[i].left_out = true;
        const bool left_out = without(shrinker);
        fewer = fewer || left_out;
        i += left_out ? 0 : 1;
    }
    return fewer;
}

static bool leave_out_faults(struct shrinker *shrinker)
{
    bool fewer = false;
    for (uint32_t i = 0; i < shrinker->replay->access_count; i++) {
        struct access *access = &shrinker->replay->accesses[i];
        const uint8_t fault = access->fault;
        access->fault = NO_FAULT;
        if (fault != NO_FAULT && fails(shrinker)) {
            fewer = true;
        } else {
            access->fault = fault;
        }
    }
    return fewer;
}

/* ---- Reordering ------------------------------------------------------------------------------------------------ */

/* Moves an access to another position. */
static void shrink_move(struct replay *replay, uint32_t from, uint32_t to)
{
    const struct access moved = replay->accesses[from];
    if (from < to) {
        memmove(&replay->accesses[from], &replay->accesses[from + 1], (to - from) * sizeof moved);
    } else {
        memmove(&replay->accesses[to + 1], &replay->accesses[to], (from - to) * sizeof moved);
    }
    replay->accesses[to] = moved;
}

/* Returns the next access of the same operation; the number of accesses if there is none. */
static uint32_t next_of(const struct replay *replay, uint32_t at)
{
    uint32_t next = at + 1;
    while (next < replay->access_count && replay->accesses[next].operation != replay->accesses[at].operation) {
        next++;
    }
    return next;
}

/* Tries an access at another position. If the replay then fails earlier, it becomes shorter, which is welcome. */
static bool shrink_moves(struct shrinker *shrinker, uint32_t from, uint32_t to)
{
    struct replay *replay = shrinker->replay;
    const uint32_t count = replay->access_count;
    shrink_move(replay, from, to);
    if (fails(shrinker)) {
        return true;
    }
    replay->access_count = count;
    shrink_move(replay, to, from);
    return false;
}

/* Makes the accesses of each operation adjacent where the replay still fails, so that the trace has fewer steps. */
static bool put_together(struct shrinker *shrinker)
{
    struct replay *replay = shrinker->replay;
    bool moved = false;
    for (uint32_t i = 0; i < replay->access_count; i++) {
        const uint32_t next = next_of(replay, i);
        if (next < replay->access_count && next != i + 1) {
            moved = shrink_moves(shrinker, i, next - 1) || moved;
        }
    }
    return moved;
}

/* ---- The shrink loop ------------------------------------------------------------------------------------------- */

static void shrink(struct shrinker *shrinker)
{
    bool fewer = true;
    for (int round = 0; fewer && round < ROUNDS_MAX; round++) { /* LCOV_EXCL_BR_LINE: no known failure needs as many */
        fewer = leave_out_operations(shrinker);
        fewer = leave_out_faults(shrinker) || fewer;
        fewer = leave_out_accesses(shrinker) || fewer;
        fewer = put_together(shrinker) || fewer;
    }
}

static uint32_t count_operations(const struct replay *replay)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < replay->access_count; i++) {
        bool first = true;
        for (uint32_t j = 0; j < i && first; j++) {
            first = replay->accesses[j].operation != replay->accesses[i].operation;
        }
        count += first ? 1 : 0;
    }
    return count;
}

/* The workspace at the beginning of the memory for shrinking. The simulation of the one job follows it. */
struct workspace {
    struct replay replay;
    struct replay_run run;
    _Alignas(64) unsigned char history[TJOB_HISTORY_BYTES_DEFAULT];
};

/* The capacities for the simulation of one job. */
enum { CALLS_OF_ONE = 1024, TIMERS_OF_ONE = 4096 };

_Static_assert(sizeof(struct workspace) % 64 == 0, "what follows the workspace is aligned");
_Static_assert(sizeof(struct workspace) + 64 + TJOB_HISTORY_BYTES_DEFAULT + sizeof(struct tjob_simulator) +
                       (size_t)CALLS_OF_ONE * TJOB_SIMULATOR_BYTES_PER_CALL + (2 << 20) <=
                   TJOB_SHRINK_BYTES,
               "the memory for shrinking is enough");

/* Runs the job alone once more and records it. Returns whether it fails again. */
static bool shrink_record(struct workspace *workspace, const tjob_simulator_config *config, uint32_t job)
{
    tjob_simulator_config alone = *config;
    alone.first_job = job;
    alone.jobs = 1;
    alone.calls = CALLS_OF_ONE;
    alone.timers = TIMERS_OF_ONE;
    workspace->replay.operation_count = 0;
    workspace->replay.access_count = 0;
    workspace->replay.full = false;
    tjob_simulator *simulator =
        tjob__simulator_init(&alone, workspace + 1, TJOB_SHRINK_BYTES - sizeof *workspace, &workspace->replay);
    return simulator != NULL && renew(config) && tjob_simulator_run(simulator, UINT32_MAX) == TJOB_SIMULATION_VIOLATED;
}

tjob_shrunk tjob_simulator_shrink(const tjob_simulator_config *config, const tjob_simulator_report *violated,
                                  void *memory, tjob_trace_printer *printer)
{
    struct workspace *workspace = memory;
    struct shrinker shrinker = {.replay = &workspace->replay, .run = &workspace->run, .config = config};
    tjob_shrunk shrunk = {.reproduced = false};
    if (violated->simulation != TJOB_SIMULATION_VIOLATED ||
        !shrink_record(workspace, config, violated->violation.job)) {
        return shrunk;
    }
    workspace->run.store = (struct simulated_store){.model = tjob__simulator_model(config), .own = config->store};
    workspace->run.job = violated->violation.job;
    workspace->run.policy = &config->policy;
    workspace->run.bug = config->bug;
    (void)tjob_history_checker_init(&workspace->run.history, workspace->history, sizeof workspace->history,
                                    &config->policy);
    if (!fails(&shrinker)) {
        return shrunk;
    }
    shrunk.operations_before = count_operations(&workspace->replay);
    shrunk.accesses_before = workspace->replay.access_count;
    shrink(&shrinker);
    if (!renew(config)) {
        return (tjob_shrunk){.reproduced = false};
    }
    shrunk.reproduced = true;
    shrunk.invariant = shrinker.check;
    shrunk.operations = count_operations(&workspace->replay);
    shrunk.accesses = workspace->replay.access_count;
    if (printer != NULL) {
        tjob__replay_describe(&workspace->run, &workspace->replay, shrinker.check, printer);
    }
    shrunk.runs = shrinker.runs;
    return shrunk;
}

const struct replay *tjob__shrunk_replay(const void *memory)
{
    return &((const struct workspace *)memory)->replay;
}

struct replay_run *tjob__shrunk_run(void *memory, const tjob_simulator_config *config)
{
    struct replay_run *run = &((struct workspace *)memory)->run;
    run->store = (struct simulated_store){.model = tjob__simulator_model(config)};
    run->policy = &config->policy;
    return run;
}
