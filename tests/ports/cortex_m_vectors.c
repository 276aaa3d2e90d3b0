/*
 * What the processor reads first: where the stack begins, at the end of the board's second memory, and where to start.
 */
#include <stdint.h>

void _start(void); /* of newlib */

struct vectors {
    uintptr_t stack;
    void (*reset)(void);
};

extern const struct vectors vectors;

__attribute__((section(".vectors"), used)) const struct vectors vectors = {0x20400000, _start};
