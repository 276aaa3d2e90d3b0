/* A line of text that is built piece by piece and truncated if it does not fit. */
#ifndef TJOB_VERIFY_TEXT_TEXT_H
#define TJOB_VERIFY_TEXT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/operation.h"
#include "tjob/text.h"

struct line {
    char *at;
    size_t left; /* includes the terminating 0 */
};

/* An empty line in an array of char. */
#define LINE(array) ((struct line){(array), sizeof(array)})

void tjob__text_put(struct line *line, const char *text);

/* Appends a run of bytes without a NUL. */
void tjob__text_put_bytes(struct line *line, tjob_text text);

void tjob__text_put_number(struct line *line, uint64_t number);

/* Appends a name and a number; appends nothing if the number is 0. */
void tjob__text_put_named(struct line *line, const char *name, uint64_t number);

/* Appends a record and its version. A `job` of NULL means that there is no record. */
void tjob__text_put_record(struct line *line, const tjob_job *job, uint64_t version);

/* ---- The wording of steps of a job's operations ---------------------------------------------------------------- */

/* Appends an event, with the trainer and the incarnation that it carries. */
void tjob__text_put_event(struct line *line, tjob_event_kind kind, uint64_t trainer_token, uint64_t incarnation);

/* Append the request of an operation: its load, after a conflict or not, at a time of its clock, or its swap. */
void tjob__text_put_load(struct line *line, const tjob_operation *operation, bool conflict, uint64_t now_ms);
void tjob__text_put_swap(struct line *line, const tjob_operation *operation);

/* Append the answer to a load, of a record that is described by `record`, and the answer to a swap. */
void tjob__text_put_loaded(struct line *line, tjob_load_status status, const char *record);
void tjob__text_put_swapped(struct line *line, tjob_swap_status status);

/* Appends the answer of an operation that has ended. */
void tjob__text_put_end(struct line *line, tjob_status status, tjob_changed changed);

/* The actions in which nobody answers: an actor crashes in the middle of its operation; the store crashes; the store
 * applies a late write. */
#define TEXT_CRASH ": crashes"
#define TEXT_STORE_CRASH "crashes and loses what was not durable"
#define TEXT_LATE_WRITE "applies a late write: "

#endif
