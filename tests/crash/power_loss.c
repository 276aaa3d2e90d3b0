/*
 * A workload on the file store is cut off before each call that changes something on the disk. What then may happen:
 * other processes go on for a while and are killed, too; the power goes out, once or again while the store is being
 * read for the first time. After each of many such courses every job must be what was acknowledged or seen, or what was
 * under way.
 *
 *   power_loss [--images N] [--tearing bytes|blocks] [--seeded bug NAME] [--first N] [--every N]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crash/seeded_bugs.h"
#include "crash/truth.h"
#include "host/file_store/create.h"
#include "host/file_store/grow.h"
#include "host/file_store/store.h"
#include "support/random.h"
#include "tjob/service.h"

enum {
    NAMES = 5,
    STEPS = 48,
    STEPS_AFTER = 3,      /* by processes that come after the cut */
    FIRST_CAPACITY = 1,   /* two buckets */
    SECOND_CAPACITY = 30, /* five */
    GROWS_AT = 32,
    FILE_BYTES_MAX = 8 * FILE_BUCKET_BYTES,
    WAIT_MS = 10
};

/* The steps at which a sync fails, and nobody knows what it has done. */
static bool sync_fails_at(unsigned step)
{
    return step == 6 || step == 14 || step == 15 || step == 36;
}

static const char names[NAMES][80] = {
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a",
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/b",
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/c",
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/d",
    "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/e",
};

/* A machine, the process that runs on it, and what must be true. */
struct world {
    struct sim_disk disk;
    struct sim_process process;
    tjob_file_store store;
    tjob_service service;
    struct truth truths[NAMES];
    bool created; /* the store, acknowledged */
    uint64_t now_ms;
    uint64_t random;
    const char *wrong; /* what is, if anything */
    int wrong_name;
};

static uint64_t now(void *context, void *user)
{
    (void)user;
    return ((const struct world *)context)->now_ms;
}

static tjob_text name_of(unsigned number)
{
    return (tjob_text){names[number], strlen(names[number])};
}

static void find_wrong(struct world *world, const char *wrong, int name)
{
    if (wrong != NULL && world->wrong == NULL) {
        world->wrong = wrong;
        world->wrong_name = name;
    }
}

/* ---- Processes ------------------------------------------------------------------------------------------------- */

/* Whether nothing stands in the way of the process that runs. */
static bool is_healthy(const struct world *world)
{
    return !world->process.dead && world->process.fault_from == 0;
}

static void start(struct world *world, unsigned dies_at)
{
    sim_start(&world->process, &world->disk);
    seeded_bug_in_process(&world->process);
    world->process.dies_at = dies_at;
}

static void end(struct world *world)
{
    sim_kill(&world->process);
}

static bool open_store(struct world *world)
{
    const tjob_file_problem problem = tjob__file_store_open(&world->process.table, &world->store, "store", WAIT_MS);
    if (problem != TJOB_FILE_OK && is_healthy(world) && world->created) {
        find_wrong(world, tjob_file_problem_text(problem), -1);
    }
    world->service = (tjob_service){
        .store = tjob_file_store_callbacks(&world->store), .clock = {world, now}, .grammar = TJOB_ARN_REFERENCE};
    return problem == TJOB_FILE_OK;
}

/* ---- The workload ---------------------------------------------------------------------------------------------- */

/* Something that can happen to a job. */
static tjob_event event_for(struct world *world, const tjob_job *job)
{
    static const tjob_event_kind usual[TJOB_STATE_COUNT][2] = {
        [TJOB_ABSENT] = {TJOB_SUBMIT, TJOB_SUBMIT},
        [TJOB_SUBMITTED] = {TJOB_START, TJOB_STOP},
        [TJOB_TRAINING] = {TJOB_STOP, TJOB_COMPLETED},
        [TJOB_STOP_REQUESTED] = {TJOB_HALTED, TJOB_TRAINER_LOST},
        [TJOB_STOPPED] = {TJOB_DELETE, TJOB_STOP},
        [TJOB_TRAINED] = {TJOB_DELETE, TJOB_DELETE},
        [TJOB_TRAINED_WITH_WARNING] = {TJOB_DELETE, TJOB_DELETE},
        [TJOB_IN_ERROR] = {TJOB_DELETE, TJOB_DELETE},
        [TJOB_DELETING] = {TJOB_REMOVED, TJOB_REMOVED},
    };
    const tjob_event_kind kind = usual[job->state][next_random(&world->random) % 2];
    return (tjob_event){
        .kind = (uint32_t)kind,
        .token = kind == TJOB_SUBMIT ? world->now_ms : 0,
        .trainer_token = kind == TJOB_START ? world->now_ms : job->trainer_token,
    };
}

static void step(struct world *world)
{
    const unsigned name = (unsigned)(next_random(&world->random) % NAMES);
    struct truth *truth = &world->truths[name];
    world->now_ms++;
    const tjob_event event = event_for(world, &truth->jobs[0]);
    tjob_outcome outcome;
    const tjob_status status = tjob_perform(&world->service, NULL, name_of(name), &event, &outcome);
    if (world->process.dead) {
        truth_left_open(truth, &event, world->now_ms);
        return;
    }
    find_wrong(world, truth_ended(truth, &event, world->now_ms, &outcome), (int)name);
    if (is_healthy(world) && tjob_status_is_failure(status)) {
        find_wrong(world, tjob_file_problem_text(tjob_file_store_problem(&world->store)), (int)name);
    }
}

static void look(struct world *world)
{
    for (unsigned name = 0; name < NAMES && !world->process.dead; name++) {
        tjob_job job = {.state = TJOB_ABSENT};
        uint64_t version;
        const tjob_load_status status =
            world->service.store.load(world->service.store.context, NULL, name_of(name), &job, &version);
        if (status != TJOB_LOAD_UNAVAILABLE) {
            find_wrong(world, truth_seen(&world->truths[name], &job, version), (int)name);
        } else if (is_healthy(world)) {
            find_wrong(world, tjob_file_problem_text(tjob_file_store_problem(&world->store)), (int)name);
        }
    }
}

static bool grow(struct world *world)
{
    tjob_file_store_close(&world->store);
    const tjob_file_problem problem = tjob__file_store_grow(&world->process.table, "store", SECOND_CAPACITY, WAIT_MS);
    if (problem != TJOB_FILE_OK && is_healthy(world)) {
        find_wrong(world, tjob_file_problem_text(problem), -1);
    }
    return open_store(world);
}

/* The workload from its beginning to its end, or to where it dies. */
static void work(struct world *world, unsigned dies_at)
{
    start(world, dies_at);
    world->created = tjob__file_store_create(&world->process.table, "store", FIRST_CAPACITY) == TJOB_FILE_OK;
    bool open = world->created && open_store(world);
    for (unsigned i = 0; i < STEPS && open && !world->process.dead; i++) {
        if (sync_fails_at(i)) {
            world->process.fault_function = SIM_SYNC;
            world->process.fault_from = world->process.calls[SIM_SYNC] + 1;
            world->process.fault = -EIO;
            world->process.fault_lies = true;
        }
        step(world);
        world->process.fault_from = 0;
        if (i == GROWS_AT) {
            open = grow(world);
        }
    }
    end(world);
}

/* ---- What comes after the cut ---------------------------------------------------------------------------------- */

static void set_up(struct world *world)
{
    sim_init(&world->disk, FILE_BYTES_MAX, 1);
}

static void begin(struct world *world)
{
    seeded_bug_in_disk(&world->disk);
    for (unsigned i = 0; i < NAMES; i++) {
        truth_init(&world->truths[i]);
    }
    world->created = false;
    world->now_ms = 1000;
    world->random = 5;
    world->wrong = NULL;
}

static void copy(struct world *to, const struct world *from, uint64_t seed)
{
    sim_copy(&to->disk, &from->disk);
    to->disk.random = seed * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(to->truths, from->truths, sizeof to->truths);
    to->created = from->created;
    to->now_ms = from->now_ms;
    to->random = seed;
    to->wrong = from->wrong;
    to->wrong_name = from->wrong_name;
}

/* A process that looks at the store and works on it, until it dies or has done enough. */
static void visit(struct world *world, unsigned dies_at)
{
    start(world, dies_at);
    if (open_store(world)) {
        look(world);
        for (unsigned i = 0; i < STEPS_AFTER && !world->process.dead; i++) {
            step(world);
        }
        look(world);
    }
    end(world);
}

static unsigned soon(struct world *world)
{
    return 1 + (unsigned)(next_random(&world->random) % 24);
}

static bool perhaps(struct world *world)
{
    return next_random(&world->random) % 2 == 0;
}

static void live_on(struct world *world, enum sim_tearing tearing)
{
    for (int i = 0; i < 2 && perhaps(world); i++) {
        visit(world, soon(world));
    }
    sim_power_cut(&world->disk, tearing);
    for (int i = 0; i < 3 && perhaps(world); i++) {
        visit(world, soon(world));
        sim_power_cut(&world->disk, tearing);
    }
    visit(world, 0);
    sim_power_cut(&world->disk, tearing);
    visit(world, 0);
}

/* ---- The whole ------------------------------------------------------------------------------------------------- */

struct options {
    unsigned long images;
    unsigned long first; /* cut to try */
    unsigned long every;
    enum sim_tearing tearing;
    enum crash_bug bug;
};

static bool read_options(int argc, char **argv, struct options *options)
{
    *options = (struct options){.images = 10, .first = 1, .every = 1, .tearing = SIM_TEARS_BYTES};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--images") == 0) {
            options->images = strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--first") == 0) {
            options->first = strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--every") == 0) {
            options->every = strtoul(value, NULL, 10);
        } else if (strcmp(argv[i], "--tearing") == 0) {
            options->tearing = strcmp(value, "blocks") == 0 ? SIM_TEARS_BLOCKS : SIM_TEARS_BYTES;
        } else if (strcmp(argv[i], "--bug") == 0) {
            options->bug = seeded_bug_of(value);
        } else {
            return false;
        }
    }
    return argc % 2 == 1 && options->images != 0 && options->first != 0 && options->every != 0 &&
           options->bug != CRASH_BUG_COUNT;
}

static void report(const struct world *world, unsigned cut, unsigned long image)
{
    printf("cut before change %u, image %lu: %s\n", cut, image, world->wrong);
    if (world->wrong_name >= 0) {
        const struct truth *truth = &world->truths[world->wrong_name];
        printf("%s can be", names[world->wrong_name]);
        for (unsigned i = 0; i < truth->count; i++) {
            printf(" %s", tjob_state_name((tjob_state)truth->jobs[i].state));
        }
        printf(", seen at version %" PRIu64 "\n", truth->version);
    }
}

static bool try_cut(struct world *world, struct world *after, unsigned cut, const struct options *options)
{
    for (unsigned long image = 0; image < options->images; image++) {
        copy(after, world, (uint64_t)cut << 32 | image);
        if (after->wrong == NULL) {
            live_on(after, options->tearing);
        }
        if (after->wrong != NULL) {
            report(after, cut, image);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct world world;
    static struct world after;
    struct options options;
    if (!read_options(argc, argv, &options)) {
        fprintf(stderr, "power_loss: takes --images N, --first N, --every N, --tearing bytes|blocks, --bug NAME\n");
        return 2;
    }
    seeded_bug_set(options.bug);
    set_up(&after);
    unsigned cut = (unsigned)options.first;
    unsigned tried = 0;
    bool sound = true;
    bool reached = true;
    for (; sound && reached; cut += (unsigned)options.every, tried++) {
        set_up(&world);
        begin(&world);
        work(&world, cut);
        reached = world.process.changes >= cut;
        sound = try_cut(&world, &after, cut, &options);
        sim_destroy(&world.disk);
    }
    sim_destroy(&after.disk);
    printf("%u cuts, %lu images each: %s\n", tried, options.images, sound ? "nothing lost" : "FAILED");
    return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
