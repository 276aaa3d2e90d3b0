/* A way through a model, told step by step: for a reader, as JSON, or as a sequence diagram. */
#ifndef TJOB_TRACE_PRINTER_H
#define TJOB_TRACE_PRINTER_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_trace_format {
    TJOB_TRACE_TEXT = 0, /* numbered steps, and what each changed */
    TJOB_TRACE_JSON,     /* an array of objects with the members of tjob_step_description, in UTF-8 if those are */
    TJOB_TRACE_MERMAID   /* a sequenceDiagram of Mermaid */
} tjob_trace_format;

/* A story under way. Set `format`, `write` and `context`, and all else to 0. */
typedef struct tjob_trace_printer {
    tjob_trace_format format;
    void (*write)(void *context, const char *text, size_t bytes); /* is given the story piece by piece */
    void *context;
    uint64_t steps; /* told so far */
} tjob_trace_printer;

/* Begins a story, tells one step of it, and ends it. */
void tjob_trace_printer_begin(tjob_trace_printer *printer);
void tjob_trace_printer_step(tjob_trace_printer *printer, const tjob_step_description *description);
void tjob_trace_printer_end(tjob_trace_printer *printer);

/*
 * Tells the whole way of a property, see tjob_explorer_trace, from its beginning to its end. `model` is that of the search.
 * Returns the number of steps.
 */
uint64_t tjob_trace_print(tjob_trace_printer *printer, tjob_explorer *explorer, const tjob_model *model,
                          uint32_t property);

#ifdef __cplusplus
}
#endif

#endif
