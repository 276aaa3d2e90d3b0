/*
 * An event queue with constant-time operations: a hierarchical timing wheel (Varghese and Lauck, 1987). It has one
 * wheel of 256 slots for each byte of the time. An entry that is due far in the future waits in a coarse slot and moves
 * to finer ones as its time comes near. Entries that are due at the same time are returned in the order in which they
 * were added.
 */
#ifndef TJOB_VERIFY_SIMULATOR_TIMER_WHEEL_H
#define TJOB_VERIFY_SIMULATOR_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 4, WHEEL_SLOTS = 256, WHEEL_CHUNK_ENTRIES = 31 };

/* Entries are stored in chunks, so that they are adjacent in memory. */
struct wheel_chunk {
    uint32_t next; /* its index plus 1; 0 = none */
    uint32_t count;
    struct wheel_entry {
        uint32_t due;
        uint32_t item;
    } entries[WHEEL_CHUNK_ENTRIES];
};

struct wheel_list {
    uint32_t first; /* chunks, by index plus 1 */
    uint32_t last;
};

struct timer_wheel {
    struct wheel_chunk *chunks;
    uint32_t used;  /* chunks that were ever used */
    uint32_t spare; /* free chunks */
    uint32_t now;

    /* Called for each chunk of entries that moves from the second wheel into the finest one: they are due within 256
     * ms. May be NULL. */
    void (*soon)(const void *context, const struct wheel_chunk *chunk);
    const void *context;

    uint32_t capacity; /* in entries */
    uint32_t count;
    uint32_t most;         /* the maximum number of entries at once so far */
    struct wheel_list due; /* entries that are due now */
    struct wheel_list slots[WHEEL_LEVELS][WHEEL_SLOTS];
    uint64_t filled[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* the slots that are not empty */
};

/* Return the number of chunks that suffice for `entries` entries, however they are distributed; and set up an empty
 * wheel over that many chunks at time 0. The caller may then set `soon` and `context`. */
uint32_t tjob__wheel_chunks(uint32_t entries);
void tjob__wheel_init(struct timer_wheel *wheel, struct wheel_chunk *chunks, uint32_t entries);

/* Returns the time that is `delay` later than now, or the last time of all if that comes first. */
static inline uint32_t wheel_in(const struct timer_wheel *wheel, uint32_t delay)
{
    const uint32_t left = UINT32_MAX - wheel->now;
    return wheel->now + (delay < left ? delay : left);
}

/* Adds an item that is due later than now. Returns false if there is no room. */
bool tjob__wheel_add(struct timer_wheel *wheel, uint32_t due, uint32_t item);

/* Advances to the next time at which an entry is due, if that is at most `until`; otherwise advances to `until` and
 * returns false. */
bool tjob__wheel_advance(struct timer_wheel *wheel, uint32_t until);

/*
 * Returns the entries that are due now, chunk by chunk. A chunk is valid until it is given back, which must happen
 * before the next one is taken. Returns NULL if there is none left.
 */
const struct wheel_chunk *tjob__wheel_take(struct timer_wheel *wheel);
void tjob__wheel_give_back(struct timer_wheel *wheel, const struct wheel_chunk *chunk);

#endif
