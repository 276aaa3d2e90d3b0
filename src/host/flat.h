/* The service behind the flat API, for its two parts: this folder's, and that of the file store. */
#ifndef TJOB_HOST_FLAT_H
#define TJOB_HOST_FLAT_H

#include "tjob/bucket.h"
#include "tjob/flat.h"
#include "tjob/memory_store.h"
#include "tjob/service.h"
#if defined(__unix__) || defined(__APPLE__)
#include "tjob/file_store.h"
#endif

struct tjob_flat {
    _Alignas(8) tjob_service service;
    tjob_bucket bucket;
    tjob_memory_store memory;
    void *store_context;
    tjob_flat_load load;
    tjob_flat_swap swap;
    void *authorizer_context;
    tjob_flat_authorize authorize;
    void (*close)(tjob_flat *flat); /* NULL: nothing to close */
#if defined(__unix__) || defined(__APPLE__)
    tjob_file_store file;
#endif
};

/* Begins a service without a store. Returns NULL if the memory is NULL, misaligned or too small. */
tjob_flat *tjob__flat_begin(void *memory, size_t bytes);

#endif
