/* The functions of the flat API for files. */
#include "host/flat.h"

int32_t tjob_flat_create_file(const char *path, uint64_t capacity)
{
    return (int32_t)tjob_file_store_create(path, capacity);
}

static void flat_file_close(tjob_flat *flat)
{
    tjob_file_store_close(&flat->file);
}

int32_t tjob_flat_open_file(void *memory, size_t bytes, const char *path, uint32_t wait_ms)
{
    tjob_flat *flat = tjob__flat_begin(memory, bytes);
    const tjob_file_problem problem =
        flat != NULL ? tjob_file_store_open(&flat->file, path, wait_ms) : TJOB_FILE_INVALID_ARGUMENT;
    if (problem == TJOB_FILE_OK) {
        flat->service.store = tjob_file_store_callbacks(&flat->file);
        flat->close = flat_file_close;
    }
    return (int32_t)problem;
}

int32_t tjob_flat_file_problem(const tjob_flat *flat)
{
    return flat != NULL && flat->close != NULL ? (int32_t)tjob_file_store_problem(&flat->file) : TJOB_FILE_OK;
}

const char *tjob_flat_problem_text(int32_t problem)
{
    return tjob_file_problem_text((tjob_file_problem)problem);
}
