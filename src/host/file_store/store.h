/*
 * Opening and creating files of a store on any disk: for the store itself, its growth, and tests that replace the disk.
 */
#ifndef TJOB_HOST_FILE_STORE_STORE_H
#define TJOB_HOST_FILE_STORE_STORE_H

#include "host/file_store/disk.h"
#include "host/file_store/header.h"

/* The same as the functions of tjob/file_store.h. */
tjob_file_problem tjob__file_store_create(const struct tjob_disk *disk, const char *path, uint64_t capacity);
tjob_file_problem tjob__file_store_open(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                        uint32_t wait_ms);

/* What a file is opened for. */
enum file_access {
    FILE_ACCESS_CHANGE,
    FILE_ACCESS_GROW, /* a file of an older format is opened, too; such a file may only be read */
    FILE_ACCESS_READ
};

/* The same as tjob__file_store_open, for any access. */
tjob_file_problem tjob__file_store_open_for(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                            uint32_t wait_ms, enum file_access access);

/* The suffix of a file that is to replace a store, until it does. */
#define FILE_GROWING_SUFFIX ".growing"

/* Returns whether a path, and the name at its end, have room for a suffix of some bytes. */
bool tjob__file_store_path_fits(const char *path, size_t suffix_bytes);

/*
 * Makes a path absolute. Returns TJOB_FILE_INVALID_ARGUMENT if the given or the absolute path has no room for a suffix
 * of some bytes.
 */
tjob_file_problem tjob__file_store_keep_path(const struct tjob_disk *disk, const char *path, size_t suffix_bytes,
                                             char absolute[TJOB_FILE_STORE_PATH_BYTES_MAX]);

/* Creates the identity of a new file. */
tjob_file_problem tjob__file_store_random_identity(const struct tjob_disk *disk, struct file_identity *identity);

/*
 * Writes the state *new* and the header of a file whose other content is complete. Makes all of it durable, except the
 * name. Then the file is whole, and needs no room to become current.
 */
tjob_file_problem tjob__file_store_write_header(const struct tjob_disk *disk, int file,
                                                const struct file_header *header);

#endif
