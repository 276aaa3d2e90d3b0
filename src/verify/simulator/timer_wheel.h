/*
 * An event queue: what is due when, in constant time. A hierarchy of wheels of 256 slots, one for each byte of the
 * time, where what is far off waits in a coarse slot until its time comes near. What is due at one time comes in the
 * order in which it was added.
 */
#ifndef TJOB_VERIFY_SIMULATOR_TIMER_WHEEL_H
#define TJOB_VERIFY_SIMULATOR_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 4, WHEEL_SLOTS = 256, WHEEL_CHUNK_ENTRIES = 31 };

/* Entries wait in chunks, so that they lie together. */
struct wheel_chunk {
    uint32_t next; /* its index and 1; 0 = none */
    uint32_t count;
    struct wheel_entry {
        uint32_t due;
        uint32_t item;
    } entries[WHEEL_CHUNK_ENTRIES];
};

struct wheel_list {
    uint32_t first; /* chunks, by index and 1 */
    uint32_t last;
};

struct timer_wheel {
    struct wheel_chunk *chunks;
    uint32_t used;  /* chunks that were ever used */
    uint32_t spare; /* those that were given back */
    uint32_t now;

    /* Told of each item that comes from afar into the finest wheel: it is due within 256 ms. NULL: nobody is told. */
    void (*soon)(const void *context, uint32_t item);
    const void *context;

    uint32_t capacity; /* in entries */
    uint32_t count;
    uint32_t most;         /* entries at once so far */
    struct wheel_list due; /* what is due now */
    struct wheel_list slots[WHEEL_LEVELS][WHEEL_SLOTS];
    uint64_t filled[WHEEL_LEVELS][WHEEL_SLOTS / 64]; /* which slots hold anything */
};

/* How many chunks hold so many entries, however they lie; and sets up an empty wheel over that many chunks at time 0.
 * The caller may then set `soon` and `context`. */
uint32_t tjob__wheel_chunks(uint32_t entries);
void tjob__wheel_init(struct timer_wheel *wheel, struct wheel_chunk *chunks, uint32_t entries);

/* Adds an item that is due later than now. False if there is no room. */
bool tjob__wheel_add(struct timer_wheel *wheel, uint32_t due, uint32_t item);

/* Goes on to the next time at which something is due, if that is not later than `until`; else to `until`, and false. */
bool tjob__wheel_advance(struct timer_wheel *wheel, uint32_t until);

/*
 * What is due now, chunk by chunk: each is valid until it is given back, which must be before the next one is asked
 * for. NULL if there is nothing more.
 */
const struct wheel_chunk *tjob__wheel_take(struct timer_wheel *wheel);
void tjob__wheel_give_back(struct timer_wheel *wheel, const struct wheel_chunk *chunk);

#endif
