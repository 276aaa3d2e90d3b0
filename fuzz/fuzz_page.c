/*
 * What the page hands to its engine: the first byte of an input says which part of it. whatever is played, checked or
 * read, the answer is one JSON object, and the same once more, whatever was in the memory before.
 */
#include <stdbool.h>
#include <string.h>

#include "page/page.h"
#include "page/situation.h"
#include "target.h"
#include "wire/json.h"

enum { MEMORY_BYTES = 1 << 26, FILLED_BYTES_MAX = 1 << 22, OUTPUT_BYTES = 1 << 22 };

struct arena {
    struct page_space space;
    unsigned char *memory;
    uint64_t used;
    int fill;
};

static void *arena_take(struct page_space *space, uint64_t bytes)
{
    struct arena *arena = (struct arena *)space;
    if (bytes > MEMORY_BYTES - arena->used) {
        return NULL;
    }
    void *taken = arena->memory + arena->used;
    memset(taken, arena->fill, bytes < FILLED_BYTES_MAX ? (size_t)bytes : FILLED_BYTES_MAX);
    arena->used += (bytes + 63) / 64 * 64;
    return taken;
}

static tjob_text answer(page_function *function, tjob_text input, int fill, char *output)
{
    static _Alignas(64) unsigned char memory[MEMORY_BYTES];
    struct arena arena = {.space = {.take = arena_take}, .memory = memory, .fill = fill};
    struct page_json json = {.writer = {.out = output, .capacity = OUTPUT_BYTES}};
    function(&arena.space, input, &json);
    FUZZ_EXPECT(json.writer.bytes <= OUTPUT_BYTES);
    return (tjob_text){output, json.writer.bytes};
}

static void check_json(tjob_text text)
{
    json_reader reader;
    json_value name;
    json_value value;
    json_status status = tjob__json_open(&reader, text);
    while (status == JSON_OK) {
        status = tjob__json_next_member(&reader, &name, &value);
    }
    FUZZ_EXPECT(status == JSON_END);
}

static void check_function(page_function *function, tjob_text input)
{
    static char outputs[2][OUTPUT_BYTES];
    const tjob_text first = answer(function, input, 0xa5, outputs[0]);
    const tjob_text second = answer(function, input, 0, outputs[1]);
    check_json(first);
    FUZZ_EXPECT(first.bytes == second.bytes && memcmp(first.data, second.data, first.bytes) == 0);
}

/* What is read of parameters is written as parameters that are read as the same. */
static void check_parameters(tjob_text input, const struct page_parameter *table, size_t count)
{
    enum { TEXT_BYTES = 1000, VALUES_MAX = 16 };
    char text[TEXT_BYTES];
    char error_text[TEXT_BYTES];
    uint64_t values[VALUES_MAX];
    uint64_t again[VALUES_MAX];
    struct page_error error;
    if (!tjob__page_parameters_read(input, 0, table, count, values, &error)) {
        struct page_json json = {.writer = {.out = error_text, .capacity = sizeof error_text}};
        FUZZ_EXPECT(error.at <= input.bytes);
        tjob__page_error_write(&json, &error);
        check_json((tjob_text){error_text, json.writer.bytes});
        return;
    }
    json_writer writer = {.out = text, .capacity = sizeof text};
    tjob__page_parameters_write(&writer, table, count, values);
    FUZZ_EXPECT(writer.bytes <= sizeof text);
    FUZZ_EXPECT(tjob__page_parameters_read((tjob_text){text, writer.bytes}, 0, table, count, again, &error));
    FUZZ_EXPECT(memcmp(values, again, count * sizeof values[0]) == 0);
}

static void check_step(tjob_text input)
{
    char text[SITUATION_STEP_BYTES_MAX];
    struct situation_step step;
    struct situation_step again;
    struct page_error error;
    if (!tjob__situation_step_read(input, 0, &step, &error)) {
        FUZZ_EXPECT(error.at <= input.bytes);
        return;
    }
    json_writer writer = {.out = text, .capacity = sizeof text};
    tjob__situation_step_write(&writer, &step);
    FUZZ_EXPECT(writer.bytes < sizeof text);
    FUZZ_EXPECT(tjob__situation_step_read((tjob_text){text, writer.bytes}, 0, &again, &error));
    FUZZ_EXPECT(again.kind == step.kind && again.actor == step.actor && again.number == step.number);
    FUZZ_EXPECT(again.given == step.given && again.answer == step.answer && again.value == step.value);
    FUZZ_EXPECT(memcmp(&again.event, &step.event, sizeof step.event) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const tjob_text input = {(const char *)data + 1, size - 1};
    switch (data[0]) {
    case 'p':
        check_function(tjob__page_play, input);
        break;
    case 'j':
        check_function(tjob__page_history, input);
        break;
    case 's':
        check_step(input);
        break;
    default:
        check_parameters(input, tjob__check_parameters, CHECK_PARAMETER_COUNT);
        check_parameters(input, tjob__situation_parameters, SITUATION_PARAMETER_COUNT);
        check_parameters(input, tjob__history_parameters, HISTORY_PARAMETER_COUNT);
        break;
    }
    return 0;
}
