/* A way through a model, told step by step: for a reader, as JSON, or as a sequence diagram. */
#ifndef TJOB_STORY_H
#define TJOB_STORY_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_story_format {
    TJOB_STORY_TEXT = 0, /* numbered steps, and what each changed */
    TJOB_STORY_JSON,     /* an array of objects with the members of tjob_telling, in UTF-8 if those are */
    TJOB_STORY_MERMAID   /* a sequenceDiagram of Mermaid */
} tjob_story_format;

/* A story under way. Set `format`, `write` and `context`, and all else to 0. */
typedef struct tjob_story {
    tjob_story_format format;
    void (*write)(void *context, const char *text, size_t bytes); /* is given the story piece by piece */
    void *context;
    uint64_t steps; /* told so far */
} tjob_story;

/* Begins a story, tells one step of it, and ends it. */
void tjob_story_begin(tjob_story *story);
void tjob_story_step(tjob_story *story, const tjob_telling *telling);
void tjob_story_end(tjob_story *story);

/*
 * Tells the whole way of a property, see tjob_explorer_way, from its beginning to its end. `model` is that of the search.
 * Returns the number of steps.
 */
uint64_t tjob_story_of(tjob_story *story, tjob_explorer *explorer, const tjob_model *model, uint32_t property);

#ifdef __cplusplus
}
#endif

#endif
