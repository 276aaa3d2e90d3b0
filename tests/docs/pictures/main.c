/* Draws the pictures of docs/pictures, one at a time, from what the libraries themselves say and do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docs/pictures/pictures.h"

static const struct {
    const char *name;
    bool (*draw)(void);
} pictures[] = {
    {"lifecycle", picture_lifecycle},
    {"operation", picture_operation},
    {"race", picture_race},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof pictures / sizeof pictures[0]; i++) {
        if (strcmp(argv[1], pictures[i].name) == 0) {
            return pictures[i].draw() && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
        }
    }
    fprintf(stderr, "usage: pictures lifecycle|operation|race\n");
    return 2;
}
