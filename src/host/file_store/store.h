/* Opening and making files of a store, on any disk: for the store itself, its growth, and tests that are the disk. */
#ifndef TJOB_HOST_FILE_STORE_STORE_H
#define TJOB_HOST_FILE_STORE_STORE_H

#include "host/file_store/disk.h"
#include "host/file_store/header.h"

/* As the functions of tjob/file_store.h. */
tjob_file_problem tjob__file_store_create(const struct tjob_disk *disk, const char *path, uint64_t capacity);
tjob_file_problem tjob__file_store_open(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                        uint32_t wait_ms);
/* The same, of a file of an older format, too, which may only be read. */
tjob_file_problem tjob__file_store_open_any(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                            uint32_t wait_ms);

/* What the name of a file that is to take a store's place ends with, until it does. */
#define FILE_GROWING_SUFFIX ".growing"

/* Whether a path, and the name at its end, have room behind them for a suffix of some bytes. */
bool tjob__file_store_path_fits(const char *path, size_t suffix_bytes);

/* Makes a path absolute. TJOB_FILE_INVALID_ARGUMENT if either has no room for a suffix of some bytes. */
tjob_file_problem tjob__file_store_keep_path(const struct tjob_disk *disk, const char *path, size_t suffix_bytes,
                                             char absolute[TJOB_FILE_STORE_PATH_BYTES_MAX]);

/* Makes the identity of a new file. */
tjob_file_problem tjob__file_store_random_identity(const struct tjob_disk *disk, struct file_identity *identity);

/*
 * Writes the state, that it is new, and the header of a file whose other content is there, and makes all of it durable,
 * but not its name. Then the file is whole, and needs no room to become current.
 */
tjob_file_problem tjob__file_store_write_header(const struct tjob_disk *disk, int file,
                                                const struct file_header *header);

#endif
