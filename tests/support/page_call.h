/* Calls the functions behind the page, as the page does: a text in, a text out. */
#ifndef TJOB_TESTS_PAGE_CALL_H
#define TJOB_TESTS_PAGE_CALL_H

#include <stdbool.h>

#include "page/page.h"

/* A call, and what it returned. All zero at first; `limit` may be set before. */
struct page_call {
    char *output;        /* the JSON, terminated; valid until the next call */
    uint64_t taken;      /* bytes of memory */
    uint64_t limit;      /* at most that many; 0: any number */
    unsigned progresses; /* how often it has told its progress */
    char progress[512];  /* what it told last */
};

/* Calls a function with a text, and returns the output. */
const char *page_call(struct page_call *call, page_function *function, const char *input);

/* Frees the output. */
void page_call_end(struct page_call *call);

/* Returns whether a JSON text has this part. */
bool page_call_has(const struct page_call *call, const char *part);

#endif
