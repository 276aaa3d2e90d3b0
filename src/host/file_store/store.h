/* Opening files of a store on any disk: for the store itself, its growth, and tests that replace the disk. */
#ifndef TJOB_HOST_FILE_STORE_STORE_H
#define TJOB_HOST_FILE_STORE_STORE_H

#include "host/file_store/disk.h"
#include "host/file_store/header.h"

/* The same as tjob_file_store_open, on any disk. */
tjob_file_problem tjob__file_store_open(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                        uint32_t wait_ms);

/* What a file is opened for. */
enum file_access {
    FILE_ACCESS_CHANGE,
    FILE_ACCESS_GROW, /* a file of an older format is opened, too; such a file may only be read */
    FILE_ACCESS_READ,
    FILE_ACCESS_REPAIR /* of the header; a backup is opened, too, and nothing else may be written to it */
};

/* The same as tjob__file_store_open, for any access. */
tjob_file_problem tjob__file_store_open_for(const struct tjob_disk *disk, tjob_file_store *store, const char *path,
                                            uint32_t wait_ms, enum file_access access);

#endif
