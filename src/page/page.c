#include "page/page.h"

#include "page/parameters.h"
#include "page/play.h"

void tjob__page_error_memory(struct page_json *json)
{
    struct page_error error;
    tjob__page_error_set(&error, SIZE_MAX, "out of memory", (tjob_text){NULL, 0});
    tjob__page_error_write(json, &error);
}

void *tjob__page_take(struct page_space *space, uint64_t bytes, struct page_json *json)
{
    void *memory = space->take(space, bytes);
    if (memory == NULL) {
        tjob__page_error_memory(json);
    }
    return memory;
}

void tjob__page_play(struct page_space *space, tjob_text input, struct page_json *json)
{
    struct play *play = tjob__page_take(space, sizeof *play, json);
    if (play != NULL) {
        tjob__play(play, input, json);
    }
}
