/* The library's transition function with changed cells, if TJOB_SEEDED_CELLS names any: EVENT STATE KIND NEXT, each the
 * number of a value of its enum, one after the other. It takes the place of the library's own file in a program that is
 * linked with it. */
#include <stdio.h>
#include <stdlib.h>

#include "mutable_lifecycle.h" /* src/core/lifecycle.c, with a table that can be changed */

__attribute__((constructor)) static void change_cells(void)
{
    const char *cells = getenv("TJOB_SEEDED_CELLS");
    while (cells != NULL && *cells != '\0') {
        unsigned event;
        unsigned state;
        unsigned kind;
        unsigned next;
        int length = 0;
        if (sscanf(cells, "%u %u %u %u %n", &event, &state, &kind, &next, &length) != 4 ||
            event >= TJOB_EVENT_KIND_COUNT || state >= TJOB_STATE_COUNT || kind > TJOB_TRANSITION_AFTER_TIMEOUT ||
            next >= TJOB_STATE_COUNT) {
            fprintf(stderr, "TJOB_SEEDED_CELLS: no cell: %s\n", cells);
            exit(2);
        }
        table[event][state] = (struct table_cell){(uint8_t)kind, (uint8_t)next};
        cells += length;
    }
}
