/*
 * A host with functions of its own under plain names: the library calls none of them, and none of them clashes with its
 * own.
 */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for mkdtemp */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tjob/tjob.h"
#include "tjob/verify.h"

#define NAME(name)                                                                                                     \
    void name(void);                                                                                                   \
    void name(void)                                                                                                    \
    {                                                                                                                  \
        puts(#name);                                                                                                   \
        abort();                                                                                                       \
    }
#include "names.h"

enum { SEARCH_BYTES = 16 << 20 };

static tjob_text text(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

/* A job goes through a store in a file, and a request over the wire. */
static int serve(const char *path)
{
    const tjob_text arn = text("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/host");
    tjob_file_store store;
    tjob_http_response response;
    char body[TJOB_RESPONSE_BYTES_MAX];
    if (tjob_file_store_create(path, 100) != TJOB_FILE_OK || tjob_file_store_open(&store, path, 0) != TJOB_FILE_OK) {
        return 1;
    }
    const tjob_service service = {.store = tjob_file_store_callbacks(&store), .clock = tjob_system_clock()};
    const tjob_http_request request = {
        .method = text("POST"),
        .target = text("Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = text("application/x-amz-json-1.1"),
        .body = text("{\"EntityRecognizerArn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/host\"}"),
    };
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    tjob_handle(&service, NULL, &request, &response, body, sizeof body);
    tjob_file_store_close(&store);
    return response.status == 200 && tjob_file_store_grow(path, 200, 0) == TJOB_FILE_OK ? 0 : 1;
}

/* And every interleaving around one job is explored. */
static int explore(void)
{
    const tjob_lifecycle_config config = {.clients = 1, .trainers = 1};
    const size_t bytes = (size_t)tjob_lifecycle_model_bytes(&config);
    void *room = aligned_alloc(64, (bytes + 63) / 64 * 64);
    void *memory = aligned_alloc(64, SEARCH_BYTES);
    const tjob_model *model = tjob_lifecycle_model_of(tjob_lifecycle_model_init(&config, room, bytes));
    tjob_explorer *explorer = tjob_explorer_init(model, memory, SEARCH_BYTES, 1, NULL);
    const int code = tjob_explorer_run(explorer, 0) == TJOB_EXPLORATION_COMPLETE ? 0 : 1;
    free(memory);
    free(room);
    return code;
}

int main(void)
{
    char folder[] = "/tmp/tjob-host-XXXXXX";
    char path[sizeof folder + 8];
    if (mkdtemp(folder) == NULL) {
        return 2;
    }
    snprintf(path, sizeof path, "%s/store", folder);
    const bool sound = serve(path) == 0 && explore() == 0;
    (void)unlink(path);
    (void)rmdir(folder);
    puts(sound ? "none of the host's functions was called" : "FAILED");
    return sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
