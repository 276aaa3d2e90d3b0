/*
 * A counterexample as a situation: each step of a trace becomes the steps of Play that do the same. Play takes them at
 * the same time, so that what comes out is a situation that opens.
 */
#ifndef TJOB_PAGE_CONVERT_H
#define TJOB_PAGE_CONVERT_H

#include "page/play.h"
#include "tjob/explorer.h"

struct convert {
    const tjob_lifecycle_model *model;
    json_writer *writer;
    struct play *play;
    uint32_t token; /* of the next submit of the model's host */
    bool failed;    /* Play cannot take one of the steps */
};

/* Begins a situation with these parameters: it writes them, and begins `play`. */
void tjob__convert_begin(struct convert *convert, const uint64_t values[SITUATION_PARAMETER_COUNT]);

/* Takes a step of Play, and writes it. */
void tjob__convert_take(struct convert *convert, const struct situation_step *step);

/* Sets the clock, if it shows another time. */
void tjob__convert_clock(struct convert *convert, uint64_t now_ms);

/*
 * Writes the counterexample of a property as a situation. `play` is memory for it. Returns false if there is none, or
 * if Play cannot show it; what was written is then meaningless.
 */
bool tjob__convert_trace(const tjob_lifecycle_model *model, tjob_explorer *explorer, uint32_t property,
                         struct play *play, json_writer *writer);

#endif
