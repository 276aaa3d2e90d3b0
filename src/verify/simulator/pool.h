/* A pool of items of one size. An item is named by its number. The functions are inline, for a simulated operation
 * calls six of them. */
#ifndef TJOB_VERIFY_SIMULATOR_POOL_H
#define TJOB_VERIFY_SIMULATOR_POOL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct pool {
    unsigned char *items; /* aligned to 8 bytes */
    uint32_t item_bytes;  /* a multiple of 8 */
    uint32_t max;
    uint32_t used;  /* items that were taken at least once */
    uint32_t spare; /* the first free item among them, as its number plus 1; its first bytes name the next. 0 = none */
    uint32_t count; /* items that are taken */
    uint32_t most;  /* the maximum of count */
};

#define POOL_EMPTY UINT32_MAX

static inline void *pool_item(const struct pool *pool, uint32_t number)
{
    return pool->items + (size_t)number * pool->item_bytes;
}

/* Takes an item, whose content is undefined, and returns its number; POOL_EMPTY if all are taken. */
static inline uint32_t pool_take(struct pool *pool)
{
    uint32_t number = pool->used;
    if (pool->spare != 0) {
        number = pool->spare - 1;
        memcpy(&pool->spare, pool_item(pool, number), sizeof pool->spare);
    } else if (pool->used == pool->max) {
        return POOL_EMPTY;
    } else {
        pool->used++;
    }
    pool->count++;
    pool->most = pool->count > pool->most ? pool->count : pool->most;
    return number;
}

static inline void pool_give_back(struct pool *pool, uint32_t number)
{
    memcpy(pool_item(pool, number), &pool->spare, sizeof pool->spare);
    pool->spare = number + 1;
    pool->count--;
}

#endif
