#include "support/page_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 64, ROOM_AT_FIRST = 1 << 12 };

struct lent_space {
    struct page_space space;
    struct page_call *call;
    void *blocks[BLOCKS_MAX];
    unsigned count;
};

static void *lend(struct page_space *space, uint64_t bytes)
{
    struct lent_space *lent = (struct lent_space *)space;
    if (lent->count == BLOCKS_MAX || (lent->call->limit != 0 && bytes > lent->call->limit - lent->call->taken)) {
        return NULL;
    }
    lent->call->taken += bytes;
    void *block = aligned_alloc(64, (size_t)(bytes + 63) / 64 * 64);
    lent->blocks[lent->count++] = block;
    if (bytes < 1 << 24) {
        memset(block, 0xa5, (size_t)bytes); /* its content is unspecified */
    }
    return block;
}

static void hear(struct page_space *space, struct page_json *json)
{
    struct page_call *call = ((struct lent_space *)space)->call;
    call->progresses++;
    (void)snprintf(call->progress, sizeof call->progress, "%.*s", (int)json->writer.bytes, json->writer.out);
}

const char *page_call(struct page_call *call, page_function *function, const char *input)
{
    size_t room = ROOM_AT_FIRST;
    char *text = malloc(strlen(input) + 1); /* of its length alone, so that one who reads on is seen */
    memcpy(text, input, strlen(input));
    for (;;) {
        struct lent_space lent = {.space = {.take = lend, .progress = hear}, .call = call};
        call->taken = 0;
        call->progresses = 0;
        free(call->output);
        call->output = malloc(room + 1);
        struct page_json json = {.writer = {.out = call->output, .capacity = room}};
        function(&lent.space, (tjob_text){text, strlen(input)}, &json);
        for (unsigned i = 0; i < lent.count; i++) {
            free(lent.blocks[i]);
        }
        if (json.writer.bytes <= room) {
            call->output[json.writer.bytes] = '\0';
            free(text);
            return call->output;
        }
        room = json.writer.bytes;
    }
}

void page_call_end(struct page_call *call)
{
    free(call->output);
    call->output = NULL;
}

bool page_call_has(const struct page_call *call, const char *part)
{
    return strstr(call->output, part) != NULL;
}
