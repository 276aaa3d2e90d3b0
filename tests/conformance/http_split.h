/* Takes an HTTP/1.1 request apart as far as the library asks for it: what a host's web server does. */
#ifndef TJOB_TESTS_HTTP_SPLIT_H
#define TJOB_TESTS_HTTP_SPLIT_H

#include <stdbool.h>

#include "tjob/request.h"

/*
 * Fills *http with texts inside `raw`: the method, the headers X-Amz-Target and Content-Type (empty where absent), the
 * body by Content-Length, and as id the client's own, amz-sdk-invocation-id. Names of headers are compared without
 * regard to case. False if the bytes are not one whole request.
 */
bool http_split(tjob_text raw, tjob_http_request *http);

#endif
