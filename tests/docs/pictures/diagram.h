/*
 * Boxes and arrows. Boxes are where the caller puts them; every arrow is one straight line, whose place follows from
 * them: where both boxes lie side by side and nothing is in between. What has no such place is an error, so that a
 * picture that its layout no longer fits is not drawn at all.
 */
#ifndef TJOB_TESTS_PICTURES_DIAGRAM_H
#define TJOB_TESTS_PICTURES_DIAGRAM_H

#include <stdbool.h>

#include "docs/pictures/svg.h"

enum { BOXES_MAX = 16, ARROWS_MAX = 64, WORDS_BYTES_MAX = 256, LEGEND_MAX = 2 };

struct box {
    const char *name;
    char note[WORDS_BYTES_MAX]; /* below the name; empty: nothing */
    struct rect place;
    enum border border;
    enum tone tone;
};

struct arrow {
    int from; /* boxes, by their index */
    int to;
    char label[WORDS_BYTES_MAX];
    enum tone tone;
};

/* What a tone of lines stands for. */
struct legend {
    enum tone tone;
    const char *text;
};

struct diagram {
    const char *title;
    const char *description;
    int size[AXES];
    int legend_at[AXES];
    struct legend legend[LEGEND_MAX]; /* up to the first without a text */
    int box_count;
    int arrow_count;
    struct box boxes[BOXES_MAX];
    struct arrow arrows[ARROWS_MAX];
};

/* Adds to words what is not yet among them, behind a comma. */
void add_words(char words[WORDS_BYTES_MAX], const char *more);

/* Adds an arrow. False if there is no room for it. */
bool diagram_add(struct diagram *diagram, const struct arrow *arrow);

/* Prints a diagram. False, and said on standard error, if some arrow has no place. */
bool diagram_print(const struct diagram *diagram);

#endif
