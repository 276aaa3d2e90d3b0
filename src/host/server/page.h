/* The pages besides the service: the state of the store, the metrics, and the answers to what is no request of it. */
#ifndef TJOB_HOST_SERVER_PAGE_H
#define TJOB_HOST_SERVER_PAGE_H

#include "host/server/head.h"
#include "tjob/server.h"

/* The buffer size, in bytes, that suffices for every page. */
enum { PAGE_BYTES_MAX = TJOB_METRICS_BYTES_MAX + 4096 };

typedef enum page_kind { PAGE_SERVICE, PAGE_HEALTH, PAGE_METRICS, PAGE_UNKNOWN } page_kind;

/* Returns which page a request is for. Pure. */
page_kind tjob__page_of(tjob_text method, tjob_text path);

/* Make the answer to a request that is for no page, that has no valid head, or whose body is larger than is read. */
void tjob__page_unknown(tjob_http_response *response);
void tjob__page_bad_head(tjob_http_response *response, head_problem problem, char *body, size_t capacity);
void tjob__page_too_large(tjob_http_response *response);

/* Asks the store for one job, and makes the answer: 200 if the store answers, else 503. */
void tjob__page_health(tjob_http_response *response, const tjob_service *service, void *user);

/* What the server counts beyond its service. */
typedef struct page_counts {
    uint64_t responses[6]; /* by the first digit of their status */
    uint64_t open;
    uint64_t count;
    uint64_t refused;
    uint64_t expired;
    uint64_t unanswered;
} page_counts;

/* Makes the page of metrics in `body`, a buffer of PAGE_BYTES_MAX bytes. */
void tjob__page_metrics(tjob_http_response *response, const tjob_metrics *metrics, const page_counts *counts,
                        char *body);

#endif
