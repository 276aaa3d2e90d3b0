#include "verify/explorer/edges.h"

#include <string.h>

/* A block belongs to one thread. Its first word is the number of its words that are in use. A record of edges can be
 * read from its end: the successors, their number, and the state. */
enum { RECORD_WORDS = 2 };

_Static_assert(1 + BATCH_ROOM_MAX + RECORD_WORDS <= EDGES_BLOCK_WORDS, "a block has room for any record");

static uint32_t *edges_block(const struct tjob_explorer *explorer, uint64_t block)
{
    return explorer->edges + block * EDGES_BLOCK_WORDS;
}

struct range tjob__edges_range(const struct tjob_explorer *explorer)
{
    const uint64_t taken = __atomic_load_n(&explorer->edge_blocks_taken, __ATOMIC_RELAXED);
    return (struct range){0, taken < explorer->edge_blocks ? taken : explorer->edge_blocks};
}

/* Returns a block with room for a record, or NULL if there is no room any more. */
static uint32_t *block_for(struct thread *thread, uint32_t words)
{
    struct tjob_explorer *explorer = thread->explorer;
    if (thread->edges != NULL && thread->edges[0] + words <= EDGES_BLOCK_WORDS) {
        return thread->edges;
    }
    const uint64_t taken = __atomic_fetch_add(&explorer->edge_blocks_taken, 1, __ATOMIC_RELAXED);
    thread->edges = taken < explorer->edge_blocks ? edges_block(explorer, taken) : NULL;
    if (thread->edges != NULL) {
        thread->edges[0] = 1;
    }
    return thread->edges;
}

void tjob__edges_keep(struct thread *thread, uint32_t slot, const uint32_t *successors, uint32_t count)
{
    uint32_t *block = block_for(thread, count + RECORD_WORDS);
    if (block == NULL) {
        return;
    }
    memcpy(&block[block[0]], successors, count * sizeof *successors);
    block[0] += count;
    block[block[0]++] = count;
    block[block[0]++] = slot;
}

/* Returns whether the state of a record gains a flag. */
static bool edges_spread(const struct tjob_explorer *explorer, uint32_t slot, const uint32_t *successors,
                         uint32_t count)
{
    static const tjob_step without_progress = {.progress = false};
    const unsigned had = state_table_flags(&explorer->table, slot);
    unsigned gathered = 0;
    for (uint32_t i = 0; i < count; i++) {
        gathered |= exploration_gather(explorer, &without_progress, state_table_flags(&explorer->table, successors[i]));
    }
    const unsigned gained = exploration_gained(explorer, gathered) & ~had;
    state_table_set(&explorer->table, slot, gained);
    return gained != 0;
}

/* From the last block to the first, and from the last record to the first: see tjob__liveness_sweep. */
void tjob__edges_sweep(struct tjob_explorer *explorer, struct thread *thread)
{
    struct range chunk;
    while (tjob__exploration_take(explorer, &chunk)) {
        for (uint64_t i = chunk.begin; i < chunk.end; i++) {
            const uint32_t *block = edges_block(explorer, explorer->offered.end - 1 - i);
            for (uint32_t at = block[0]; at > 1;) {
                const uint32_t slot = block[at - 1];
                const uint32_t count = block[at - RECORD_WORDS];
                at -= count + RECORD_WORDS;
                thread->changed = edges_spread(explorer, slot, &block[at], count) || thread->changed;
            }
        }
    }
}
