/*
 * What TinyCC before 0.9.28 lacks, for x86-64: the atomic built-ins of GCC, and a few others. That compiler keeps every
 * access to memory where it is written, and the processor loads with acquire and stores with release; so only what
 * reads and writes at once takes an instruction of its own.
 */
#if defined(__TINYC__) && !defined(__ATOMIC_RELAXED)
#ifndef __x86_64__
#error "this compiler has no atomic operations for this processor"
#endif

#define __ATOMIC_RELAXED 0
#define __ATOMIC_ACQUIRE 2
#define __ATOMIC_RELEASE 3
#define __ATOMIC_ACQ_REL 4

/* Replaces *expected by `next` if the word has that value; otherwise sets *expected to the value. */
static int tinyc_swap64(volatile void *word, void *expected, unsigned long long next)
{
    const unsigned long long was = *(unsigned long long *)expected;
    unsigned long long found;
    __asm__ volatile("lock; cmpxchgq %2, (%1)" : "=a"(found) : "r"(word), "r"(next), "0"(was) : "memory", "cc");
    *(unsigned long long *)expected = found;
    return found == was;
}

static int tinyc_swap32(volatile void *word, void *expected, unsigned next)
{
    const unsigned was = *(unsigned *)expected;
    unsigned found;
    __asm__ volatile("lock; cmpxchgl %2, (%1)" : "=a"(found) : "r"(word), "r"(next), "0"(was) : "memory", "cc");
    *(unsigned *)expected = found;
    return found == was;
}

enum tinyc_change { TINYC_ADD, TINYC_OR, TINYC_AND, TINYC_SET };

/* Changes a word of 4 or 8 bytes; what it was. */
static unsigned long long tinyc_change(volatile void *word, unsigned bytes, enum tinyc_change change,
                                       unsigned long long by)
{
    unsigned long long was = bytes == 8 ? *(volatile unsigned long long *)word : *(volatile unsigned *)word;
    for (;;) {
        const unsigned long long next = change == TINYC_ADD   ? was + by
                                        : change == TINYC_OR  ? (was | by)
                                        : change == TINYC_AND ? (was & by)
                                                              : by;
        if (bytes == 8 ? tinyc_swap64(word, &was, next) : tinyc_swap32(word, &was, (unsigned)next)) {
            return was;
        }
    }
}

static int tinyc_zeros_below(unsigned long long bits)
{
    int count = 0;
    for (; (bits & 1) == 0; bits >>= 1) {
        count++;
    }
    return count;
}

static int tinyc_zeros_above(unsigned bits)
{
    int count = 31;
    for (; bits > 1; bits >>= 1) {
        count--;
    }
    return count;
}

static void tinyc_trap(void)
{
    __asm__ volatile("ud2");
}

#define __atomic_load_n(word, order) (*(word))
#define __atomic_store_n(word, value, order) ((void)(*(word) = (value)))
#define __atomic_compare_exchange_n(word, expected, next, weak, order, otherwise)                                      \
    (sizeof *(word) == 8 ? tinyc_swap64((word), (expected), (next)) : tinyc_swap32((word), (expected), (next)))
#define __atomic_exchange_n(word, value, order) tinyc_change((word), sizeof *(word), TINYC_SET, (value))
#define __atomic_fetch_add(word, value, order) tinyc_change((word), sizeof *(word), TINYC_ADD, (value))
#define __atomic_add_fetch(word, value, order) (tinyc_change((word), sizeof *(word), TINYC_ADD, (value)) + (value))
#define __atomic_fetch_or(word, value, order) tinyc_change((word), sizeof *(word), TINYC_OR, (value))
#define __atomic_fetch_and(word, value, order) tinyc_change((word), sizeof *(word), TINYC_AND, (value))
#define __builtin_clz(bits) tinyc_zeros_above(bits)
#define __builtin_ctz(bits) tinyc_zeros_below(bits)
#define __builtin_ctzll(bits) tinyc_zeros_below(bits)
#define __builtin_prefetch(...) ((void)0)
#define __builtin_trap() tinyc_trap()
#endif
