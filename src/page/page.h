/*
 * The functions behind the page: a text in, a text of JSON out. docs/page.md describes both. They are called natively
 * by the tests, and through wasm/entry.c by the page.
 */
#ifndef TJOB_PAGE_PAGE_H
#define TJOB_PAGE_PAGE_H

#include "page/json.h"

/* The maximum length of an input in the page. */
enum { PAGE_INPUT_BYTES_MAX = 16 << 20 };

/* The memory that a function may take. `take` returns memory that is aligned to 64, valid until the function has
 * returned its text; NULL if there is not as much. What is in it is unspecified. */
struct page_space {
    void *(*take)(struct page_space *space, uint64_t bytes);
    void (*progress)(struct page_space *space, struct page_json *json); /* of a check: some JSON, before the result */
};

typedef void page_function(struct page_space *space, tjob_text input, struct page_json *json);

page_function tjob__page_play;
page_function tjob__page_check;
page_function tjob__page_read;
page_function tjob__page_history;

/* Writes as the answer that the engine is out of memory. */
void tjob__page_error_memory(struct page_json *json);

/* Takes memory for a function; if there is none, writes that as the answer and returns NULL. */
void *tjob__page_take(struct page_space *space, uint64_t bytes, struct page_json *json);

#endif
