/* Prints a trace through a model step by step: as text, as JSON, or as a sequence diagram. */
#ifndef TJOB_TRACE_PRINTER_H
#define TJOB_TRACE_PRINTER_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/explorer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The formats of a trace. */
typedef enum tjob_trace_format {
    TJOB_TRACE_TEXT = 0, /* numbered steps, each with what it changed */
    TJOB_TRACE_JSON,     /* an array of objects with the members of tjob_step_description; UTF-8 if those are UTF-8 */
    TJOB_TRACE_MERMAID   /* a sequenceDiagram of Mermaid */
} tjob_trace_format;

/* A printer of one trace. Set `format`, `write` and `context`, and everything else to 0. Not thread-safe. */
typedef struct tjob_trace_printer {
    tjob_trace_format format;
    void (*write)(void *context, const char *text, size_t bytes); /* receives the output piece by piece */
    void *context;
    uint64_t steps; /* printed so far */
} tjob_trace_printer;

/* Begin a trace, print one step of it, and end it. `description` is only read. They report no errors. */
void tjob_trace_printer_begin(tjob_trace_printer *printer);
void tjob_trace_printer_step(tjob_trace_printer *printer, const tjob_step_description *description);
void tjob_trace_printer_end(tjob_trace_printer *printer);

/*
 * Prints the whole trace of a property, from its beginning to its end: the counterexample or witness of
 * tjob_explorer_trace. `model` must be the model of the search. Returns the number of steps; 0 if there is no such
 * trace.
 */
uint64_t tjob_trace_print(tjob_trace_printer *printer, tjob_explorer *explorer, const tjob_model *model,
                          uint32_t property);

#ifdef __cplusplus
}
#endif

#endif
