#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/* Answers one request: its argument is the operation, standard input is the body. */
int main(int argc, char **argv)
{
    static char body[TJOB_REQUEST_BODY_BYTES_MAX + 1];
    const tjob_service *service = host_service();
    if (argc != 2 || service == NULL) {
        return EXIT_FAILURE;
    }
    char target[128];
    snprintf(target, sizeof target, "Comprehend_20171127.%s", argv[1]);
    const tjob_http_request request = {
        .method = TJOB_TEXT("POST"),
        .target = {target, strlen(target)},
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = {body, fread(body, 1, sizeof body, stdin)},
    };

    char answer[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    tjob_handle(service, NULL, &request, &response, answer, sizeof answer);
    printf("HTTP/1.1 %d\nContent-Type: %.*s\n", response.status, (int)response.content_type.bytes,
           response.content_type.data);
    printf("Content-Length: %zu\n\n", response.body.bytes);
    if (response.body.bytes != 0) {
        printf("%.*s\n", (int)response.body.bytes, response.body.data);
    }
    return EXIT_SUCCESS;
}
