/*
 * The explorer's speed: stored states per second by one thread and by two, beside a textbook search over the same model
 * in the same run, and the bytes of memory for one stored state. Prints a Markdown table.
 *
 * The model costs next to nothing, so that what is measured is the search: four counters, each of which may go on by
 * one; states of 15 bytes, five million of them, about four steps out of each.
 */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tjob/explorer.h"

enum { ROUNDS = 5, STATE_BYTES = 15, COUNTERS = 4, LIMIT = 47, CAPACITY = 5500000, HUGE_PAGE = 2 << 20 };

/* ---- The model ------------------------------------------------------------------------------------------------- */

static void begin(void *context, tjob_successors *initial)
{
    (void)context;
    const tjob_step step = {.label = 0};
    memset(tjob_successors_add(initial, &step), 0, STATE_BYTES);
}

/* Each counter stands in three bytes, so that all bytes of a state vary. */
static void next(void *context, const unsigned char *state, tjob_successors *successors)
{
    (void)context;
    for (unsigned i = 0; i < COUNTERS; i++) {
        if (state[3 * i] < LIMIT) {
            const tjob_step step = {.label = i, .progress = true};
            unsigned char *after = tjob_successors_add(successors, &step);
            memcpy(after, state, STATE_BYTES);
            after[3 * i]++;
            after[3 * i + 1] = (unsigned char)(after[3 * i] * 7);
            after[3 * i + 2] ^= after[3 * i];
            after[12] = (unsigned char)(after[0] + after[3] + after[6] + after[9]);
        }
    }
}

static const tjob_model model = {.state_bytes = STATE_BYTES, .begin = begin, .next = next};

/* ---- Time and memory ------------------------------------------------------------------------------------------- */

static double read_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double now_s(void)
{
    return read_s(CLOCK_MONOTONIC);
}

static void check(bool ok)
{
    if (!ok) {
        fprintf(stderr, "bench: a case does not do what it should\n");
        abort();
    }
}

/* Memory that is there already, in huge pages where the system has them: both searches get the same. */
static void *take_memory(size_t bytes)
{
    void *memory = aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    check(memory != NULL);
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, 1, bytes);
    return memory;
}

/* ---- The explorer ---------------------------------------------------------------------------------------------- */

static void give_way(void)
{
    sched_yield();
}

struct run {
    double seconds;
    double processor_seconds; /* of the thread that took more */
    tjob_exploration_counts counts;
};

/* Its processor time is its own: a processor that others use meanwhile makes it no longer. */
static double work(tjob_explorer *explorer, uint32_t thread)
{
    const double start = read_s(CLOCK_THREAD_CPUTIME_ID);
    check(tjob_explorer_run(explorer, thread) == TJOB_EXPLORATION_COMPLETE);
    return read_s(CLOCK_THREAD_CPUTIME_ID) - start;
}

struct second {
    tjob_explorer *explorer;
    double processor_seconds;
};

static void *work_as_second(void *argument)
{
    struct second *second = argument;
    second->processor_seconds = work(second->explorer, 1);
    return NULL;
}

static double greater(double a, double b)
{
    return a > b ? a : b;
}

static struct run explore(uint32_t threads, void *memory, size_t bytes)
{
    pthread_t thread;
    struct run run;
    const double start = now_s();
    tjob_explorer *explorer = tjob_explorer_init(&model, memory, bytes, threads, give_way);
    check(explorer != NULL);
    struct second second = {.explorer = explorer};
    check(threads == 1 || pthread_create(&thread, NULL, work_as_second, &second) == 0);
    const double first = work(explorer, 0);
    check(threads == 1 || pthread_join(thread, NULL) == 0);
    run.seconds = now_s() - start;
    run.processor_seconds = greater(first, second.processor_seconds);
    tjob_explorer_counts(explorer, &run.counts);
    return run;
}

/* ---- What two threads can gain at most: two that have nothing in common ----------------------------------------- */

enum { SPINS = 100000000 };

static void *spin(void *argument)
{
    volatile uint64_t number = 0;
    for (uint32_t i = 0; i < SPINS; i++) {
        number = number + i;
    }
    return argument;
}

static double gain_of_two_threads(void)
{
    pthread_t second;
    const double start = now_s();
    spin(NULL);
    const double middle = now_s();
    check(pthread_create(&second, NULL, spin, NULL) == 0);
    spin(NULL);
    check(pthread_join(second, NULL) == 0);
    return 2 * (middle - start) / (now_s() - middle);
}

/* ---- The baseline: a queue, and a hash set with chains, as in a textbook ----------------------------------------- */

struct node {
    struct node *next;
    unsigned char state[STATE_BYTES];
};

struct set {
    struct node **buckets;
    struct node *nodes; /* in the order in which they were found: the queue */
    uint64_t count;
};

enum { BUCKETS = 1 << 23 };

static uint64_t fnv(const unsigned char *state)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (unsigned i = 0; i < STATE_BYTES; i++) {
        hash = (hash ^ state[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

static void insert(struct set *set, const unsigned char *state)
{
    struct node **bucket = &set->buckets[fnv(state) % BUCKETS];
    for (const struct node *node = *bucket; node != NULL; node = node->next) {
        if (memcmp(node->state, state, STATE_BYTES) == 0) {
            return;
        }
    }
    check(set->count < CAPACITY);
    struct node *node = &set->nodes[set->count++];
    memcpy(node->state, state, STATE_BYTES);
    node->next = *bucket;
    *bucket = node;
}

static struct run search_plainly(void *memory)
{
    static _Alignas(8) unsigned char states[COUNTERS * 16];
    static tjob_step steps[COUNTERS];
    const double start = now_s();
    struct set set = {.buckets = memory};
    struct run run = {.seconds = 0};
    memset(memory, 0, BUCKETS * sizeof *set.buckets);
    set.nodes = (struct node *)(void *)(set.buckets + BUCKETS);
    insert(&set, (const unsigned char[STATE_BYTES]){0});
    for (uint64_t i = 0; i < set.count; i++) {
        tjob_successors successors = {.states = states, .steps = steps, .state_bytes = STATE_BYTES, .limit = COUNTERS};
        model.next(NULL, set.nodes[i].state, &successors);
        for (uint32_t j = 0; j < successors.count; j++) {
            insert(&set, states + 16 * j);
        }
        run.counts.transitions += successors.count;
    }
    run.seconds = now_s() - start;
    run.counts.states = set.count;
    return run;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The best of all rounds: by the clock on the wall, and of the thread that took more by the processor's. */
struct best {
    double seconds;
    double processor_seconds;
};

static void improve(struct best *best, const struct run *run)
{
    best->seconds = least(best->seconds, run->seconds);
    best->processor_seconds = least(best->processor_seconds, run->processor_seconds);
}

static void print(const struct best best[3], const tjob_exploration_counts *counts, double plain_bytes, double gain)
{
    const double states = (double)counts->states;
    const double state_bytes = (double)counts->bytes_used / states;
    printf("%" PRIu64 " states of %d bytes, %" PRIu64 " transitions, depth %" PRIu64 "\n\n", counts->states,
           STATE_BYTES, counts->transitions, counts->depth);
    printf("| search | million states/s | ratio | bytes/state |\n| --- | ---: | ---: | ---: |\n");
    printf("| queue and chained hash set, FNV-1a-64 | %.2f | 1 | %.1f |\n", states / best[0].seconds / 1e6,
           plain_bytes);
    for (int threads = 1; threads <= 2; threads++) {
        printf("| explorer, threads: %d | %.2f | %.2f | %.1f |\n", threads, states / best[threads].seconds / 1e6,
               best[0].seconds / best[threads].seconds, state_bytes);
    }
    printf("\nTwo threads are %.2f times one; by their processor time they would be %.2f times one, had they two "
           "processors "
           "to themselves. Two threads that share nothing: %.2f.\n",
           best[1].seconds / best[2].seconds, best[1].processor_seconds / best[2].processor_seconds, gain);
}

int main(void)
{
    const size_t bytes = (size_t)tjob_explorer_bytes(&model, 2, CAPACITY);
    const size_t plain_bytes = BUCKETS * sizeof(struct node *) + CAPACITY * sizeof(struct node);
    void *memory = take_memory(bytes > plain_bytes ? bytes : plain_bytes);
    struct best best[3] = {{1e18, 1e18}, {1e18, 1e18}, {1e18, 1e18}};
    tjob_exploration_counts counts = {.states = 0};
    double gain = 0;
    for (int round = 0; round < ROUNDS; round++) {
        const struct run plain = search_plainly(memory);
        improve(&best[0], &plain);
        gain = greater(gain, gain_of_two_threads());
        for (uint32_t threads = 1; threads <= 2; threads++) {
            const struct run run = explore(threads, memory, bytes);
            check(run.counts.states == plain.counts.states && run.counts.transitions == plain.counts.transitions);
            improve(&best[threads], &run);
            counts = run.counts;
        }
    }
    free(memory);
    print(best, &counts, (double)plain_bytes / CAPACITY, gain);
    return 0;
}
