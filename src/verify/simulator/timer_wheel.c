#include "verify/simulator/timer_wheel.h"

#include <stddef.h>

#include "core/assert.h"

enum { BITS = 8 };

uint32_t tjob__wheel_chunks(uint32_t entries)
{
    /* Each slot, and the list of due entries, may have one chunk that is not full; one more is being given back. */
    return entries / WHEEL_CHUNK_ENTRIES + WHEEL_LEVELS * WHEEL_SLOTS + 2;
}

void tjob__wheel_init(struct timer_wheel *wheel, struct wheel_chunk *chunks, uint32_t entries)
{
    *wheel = (struct timer_wheel){.chunks = chunks, .capacity = entries};
}

/* ---- Chunks ---------------------------------------------------------------------------------------------------- */

static struct wheel_chunk *chunk_at(const struct timer_wheel *wheel, uint32_t number)
{
    return &wheel->chunks[number - 1];
}

/* Returns the number of an empty chunk. There are enough chunks for the maximum number of entries. */
static uint32_t chunk_new(struct timer_wheel *wheel)
{
    const uint32_t number = wheel->spare != 0 ? wheel->spare : ++wheel->used;
    struct wheel_chunk *chunk = chunk_at(wheel, number);
    wheel->spare = wheel->spare != 0 ? chunk->next : 0;
    chunk->next = 0;
    chunk->count = 0;
    return number;
}

static void chunk_free(struct timer_wheel *wheel, uint32_t number)
{
    chunk_at(wheel, number)->next = wheel->spare;
    wheel->spare = number;
}

/* ---- Slots ----------------------------------------------------------------------------------------------------- */

static void wheel_append(struct timer_wheel *wheel, struct wheel_list *list, uint32_t due, uint32_t item)
{
    if (list->last == 0 || chunk_at(wheel, list->last)->count == WHEEL_CHUNK_ENTRIES) {
        const uint32_t number = chunk_new(wheel);
        if (list->last != 0) {
            chunk_at(wheel, list->last)->next = number;
        } else {
            list->first = number;
        }
        list->last = number;
    }
    struct wheel_chunk *chunk = chunk_at(wheel, list->last);
    chunk->entries[chunk->count++] = (struct wheel_entry){due, item};
}

/* Adds an entry that is due now or later, at the level of the highest byte in which its time differs from now. */
static void wheel_put(struct timer_wheel *wheel, uint32_t due, uint32_t item)
{
    const uint32_t differs = due ^ wheel->now;
    const uint32_t level = differs < 1u << BITS ? 0 : differs < 1u << 2 * BITS ? 1 : differs < 1u << 3 * BITS ? 2 : 3;
    const uint32_t slot = due >> BITS * level & (WHEEL_SLOTS - 1);
    wheel->filled[level][slot / 64] |= UINT64_C(1) << slot % 64;
    wheel_append(wheel, &wheel->slots[level][slot], due, item);
}

bool tjob__wheel_add(struct timer_wheel *wheel, uint32_t due, uint32_t item)
{
    TJOB_ASSERT(due > wheel->now);
    if (wheel->count == wheel->capacity) {
        return false;
    }
    wheel->count++;
    wheel->most = wheel->count > wheel->most ? wheel->count : wheel->most;
    wheel_put(wheel, due, item);
    return true;
}

/* Removes and returns the entries of a slot. */
static struct wheel_list empty(struct timer_wheel *wheel, uint32_t level, uint32_t slot)
{
    const struct wheel_list list = wheel->slots[level][slot];
    wheel->slots[level][slot] = (struct wheel_list){0, 0};
    wheel->filled[level][slot / 64] &= ~(UINT64_C(1) << slot % 64);
    return list;
}

/* Returns the first slot of a level, from `from` on, that is not empty; WHEEL_SLOTS if there is none. All slots before
 * `from` are empty. */
static uint32_t next_filled(const struct timer_wheel *wheel, uint32_t level, uint32_t from)
{
    for (uint32_t word = from / 64; word < WHEEL_SLOTS / 64; word++) {
        const uint64_t bits = wheel->filled[level][word];
        if (bits != 0) {
            return word * 64 + (uint32_t)__builtin_ctzll(bits);
        }
    }
    return WHEEL_SLOTS;
}

/* ---- Time ------------------------------------------------------------------------------------------------------ */

/* Moves the entries of a coarse slot to finer slots, in their order. A chunk is freed before the next one is
 * allocated. */
static void cascade(struct timer_wheel *wheel, uint32_t level, uint32_t slot)
{
    struct wheel_list list = empty(wheel, level, slot);
    for (uint32_t number = list.first; number != 0;) {
        const struct wheel_chunk chunk = *chunk_at(wheel, number);
        chunk_free(wheel, number);
        for (uint32_t i = 0; i < chunk.count; i++) {
            wheel_put(wheel, chunk.entries[i].due, chunk.entries[i].item);
        }
        if (level == 1 && wheel->soon != NULL) {
            wheel->soon(wheel->context, &chunk);
        }
        number = chunk.next;
    }
}

/* Finds the next non-empty slot of a level within its current turn, and the time at which the slot begins. */
static bool next_begin(const struct timer_wheel *wheel, uint32_t level, uint32_t *slot, uint32_t *begin)
{
    const uint32_t shift = BITS * level;
    const uint32_t present = wheel->now >> shift & (WHEEL_SLOTS - 1);
    *slot = next_filled(wheel, level, present);
    if (*slot == WHEEL_SLOTS) {
        return false;
    }
    const uint32_t turn = wheel->now >> shift >> BITS << BITS << shift;
    *begin = turn | *slot << shift;
    return true;
}

bool tjob__wheel_advance(struct timer_wheel *wheel, uint32_t until)
{
    TJOB_ASSERT(wheel->due.first == 0);
    for (uint32_t level = 0; level < WHEEL_LEVELS;) {
        uint32_t slot;
        uint32_t begin;
        if (!next_begin(wheel, level, &slot, &begin)) {
            level++;
            continue;
        }
        if (begin > until) {
            break;
        }
        TJOB_ASSERT(begin >= wheel->now);
        wheel->now = begin;
        if (level == 0) {
            wheel->due = empty(wheel, 0, slot);
            return true;
        }
        cascade(wheel, level, slot);
        level = 0;
    }
    wheel->now = until > wheel->now ? until : wheel->now;
    return false;
}

const struct wheel_chunk *tjob__wheel_take(struct timer_wheel *wheel)
{
    const uint32_t number = wheel->due.first;
    if (number == 0) {
        return NULL;
    }
    wheel->due.first = chunk_at(wheel, number)->next;
    wheel->count -= chunk_at(wheel, number)->count;
    return chunk_at(wheel, number);
}

void tjob__wheel_give_back(struct timer_wheel *wheel, const struct wheel_chunk *chunk)
{
    chunk_free(wheel, (uint32_t)(chunk - wheel->chunks) + 1);
}
