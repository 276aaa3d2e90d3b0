/* The growth of a store into a larger file, on any disk. */
#ifndef TJOB_HOST_FILE_STORE_GROW_H
#define TJOB_HOST_FILE_STORE_GROW_H

#include "host/file_store/disk.h"

/* The same as tjob_file_store_grow, on any disk. */
tjob_file_problem tjob__file_store_grow(const struct tjob_disk *disk, const char *path, uint64_t capacity,
                                        uint32_t wait_ms);

#endif
