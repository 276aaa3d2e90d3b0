/*
 * Interning: a table gives each distinct byte string a small number, so that states can consist of numbers. Threads may
 * share a table.
 */
#ifndef TJOB_VERIFY_LIFECYCLE_INTERN_H
#define TJOB_VERIFY_LIFECYCLE_INTERN_H

#include <stddef.h>
#include <stdint.h>

/* Returned if there is no room for a further string. */
#define INTERN_FULL UINT32_MAX

struct intern {
    unsigned char *items; /* in the order of their numbers */
    uint32_t *slots;      /* a number plus 1; 0 = empty */
    uint32_t item_bytes;  /* a multiple of 8 */
    uint32_t capacity;
    uint32_t slot_count; /* a power of two, at least twice the capacity */
    uint32_t count;
    uint32_t lock;
};

/* Sets up a table in memory that is aligned to 8 and has at least tjob__intern_bytes bytes. */
void tjob__intern_init(struct intern *intern, void *memory, uint32_t item_bytes, uint32_t capacity);
uint64_t tjob__intern_bytes(uint32_t item_bytes, uint32_t capacity);

/* Returns the number of a string, counted from 0: its existing number, or the next free one. Returns INTERN_FULL if
 * there is no room. */
uint32_t tjob__intern_number(struct intern *intern, const void *item);

/* Returns the string that has a number. */
const void *tjob__intern_item(const struct intern *intern, uint32_t number);

/* A spin lock for very short critical sections. */
void tjob__spin_lock(uint32_t *lock);
void tjob__spin_unlock(uint32_t *lock);

/* Returns a hash of a 64-bit number that depends on all of its bits. */
static inline uint64_t mix64(uint64_t x)
{
    x *= UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 32;
}

#endif
