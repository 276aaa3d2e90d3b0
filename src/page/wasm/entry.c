/*
 * The border between the page and the engine: addresses and lengths of 32 bits. The memory above __heap_base holds the
 * input, then the output, then what the function takes. A call forgets the call before.
 */
#include "page/page.h"

enum { OUTPUT_BYTES_LEAST = 1 << 20, PAGE_BYTES = 65536, ENTRY_ALIGNMENT = 64 };

extern unsigned char __heap_base;

__attribute__((import_module("page"), import_name("progress"))) void tjob__page_import_progress(uint32_t bytes);

/* Returns the address of room for an input of so many bytes; 0 if it is too large, or the memory cannot grow. */
__attribute__((export_name("room"))) uint32_t tjob__page_export_room(uint32_t bytes);

/* Returns the address of the output of the last call. */
__attribute__((export_name("output"))) uint32_t tjob__page_export_output(void);

/* Call a function with the input that is in the room. Return the length of the output; 0 if the memory cannot grow. */
__attribute__((export_name("play"))) uint32_t tjob__page_export_play(uint32_t bytes);
__attribute__((export_name("check"))) uint32_t tjob__page_export_check(uint32_t bytes);
__attribute__((export_name("read"))) uint32_t tjob__page_export_read(uint32_t bytes);
__attribute__((export_name("history"))) uint32_t tjob__page_export_history(uint32_t bytes);

static uint32_t input_at;
static uint32_t input_room;
static uint32_t output_at;
static uint32_t free_at;

static uint64_t entry_aligned(uint64_t address)
{
    return (address + ENTRY_ALIGNMENT - 1) / ENTRY_ALIGNMENT * ENTRY_ALIGNMENT;
}

/* Takes memory from the free end. Returns its address; 0 if the memory cannot grow as far. */
static uint32_t entry_take(uint64_t bytes)
{
    const uint64_t at = entry_aligned(free_at);
    const uint64_t end = at + bytes;
    const uint64_t there = (uint64_t)__builtin_wasm_memory_size(0) * PAGE_BYTES;
    if (bytes > UINT32_MAX || end > UINT32_MAX) {
        return 0;
    }
    if (end > there &&
        __builtin_wasm_memory_grow(0, (size_t)((end - there + PAGE_BYTES - 1) / PAGE_BYTES)) == (size_t)-1) {
        return 0;
    }
    free_at = (uint32_t)end;
    return (uint32_t)at;
}

static void *entry_space_take(struct page_space *space, uint64_t bytes)
{
    (void)space;
    return (void *)entry_take(bytes);
}

static void entry_progress(struct page_space *space, struct page_json *json)
{
    (void)space;
    tjob__page_import_progress((uint32_t)json->writer.bytes);
}

uint32_t tjob__page_export_room(uint32_t bytes)
{
    free_at = (uint32_t)&__heap_base;
    input_at = bytes <= PAGE_INPUT_BYTES_MAX ? entry_take((uint64_t)bytes + 1) : 0;
    input_room = input_at != 0 ? bytes : 0;
    return input_at;
}

uint32_t tjob__page_export_output(void)
{
    return output_at;
}

/* Calls a function, with more room for the output if it needs more. Returns the length of the output. */
static uint32_t entry_call(page_function *function, uint32_t bytes)
{
    uint64_t room = OUTPUT_BYTES_LEAST;
    bytes = bytes < input_room ? bytes : input_room;
    for (;;) {
        struct page_space space = {.take = entry_space_take, .progress = entry_progress};
        free_at = input_at + bytes;
        output_at = entry_take(room);
        struct page_json json = {.writer = {.out = (char *)output_at, .capacity = output_at != 0 ? (size_t)room : 0}};
        if (output_at == 0) {
            return 0;
        }
        function(&space, (tjob_text){(const char *)input_at, bytes}, &json);
        if (json.writer.bytes <= room) {
            return (uint32_t)json.writer.bytes;
        }
        room = json.writer.bytes;
    }
}

uint32_t tjob__page_export_play(uint32_t bytes)
{
    return entry_call(tjob__page_play, bytes);
}

uint32_t tjob__page_export_check(uint32_t bytes)
{
    return entry_call(tjob__page_check, bytes);
}

uint32_t tjob__page_export_read(uint32_t bytes)
{
    return entry_call(tjob__page_read, bytes);
}

uint32_t tjob__page_export_history(uint32_t bytes)
{
    return entry_call(tjob__page_history, bytes);
}
