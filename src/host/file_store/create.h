/* The creation of a file of a store on any disk: empty, or filled before anybody can open it. */
#ifndef TJOB_HOST_FILE_STORE_CREATE_H
#define TJOB_HOST_FILE_STORE_CREATE_H

#include "host/file_store/disk.h"
#include "host/file_store/header.h"

/* The same as tjob_file_store_create, on any disk. */
tjob_file_problem tjob__file_store_create(const struct tjob_disk *disk, const char *path, uint64_t capacity);

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

/*
 * Writes the state *new* and the header of a file whose other content is complete. Makes all of it durable, except the
 * name. Then the file is whole, and needs no room to become current.
 */
tjob_file_problem tjob__file_store_write_header(const struct tjob_disk *disk, int file,
                                                const struct file_header *header);

/*
 * A file that is being created. Without a header it is not a store, and until the creation ends, its header is locked:
 * so nobody uses the file before it is complete.
 */
struct file_creation {
    const struct tjob_disk *disk;
    char path[TJOB_FILE_STORE_PATH_BYTES_MAX]; /* absolute */
    int file;
    struct file_header header; /* written at the end */
};

/* Prepares the header of a new file: its identity is random, and its base is 0. */
tjob_file_problem tjob__file_creation_plan(const struct tjob_disk *disk, uint64_t capacity, struct file_header *header);

/*
 * Creates a file at creation->path, for creation->header, which the caller has filled in like `disk`. Returns
 * TJOB_FILE_OK, and then the caller must end or abandon the creation; or why there is no new file.
 */
tjob_file_problem tjob__file_creation_begin(struct file_creation *creation, enum disk_opening opening);

/*
 * Gives the new file the owner, the group, the permissions and the access list of another. If the caller may not set
 * these, only the owner may open the new file, which was created private.
 */
tjob_file_problem tjob__file_creation_inherit(const struct file_creation *creation, int from);

/*
 * Makes what was put into the file durable. This comes before the end of the creation: otherwise a power cut could
 * leave the header without the rest.
 */
tjob_file_problem tjob__file_creation_sync(const struct file_creation *creation);

/* Makes the file durable and current. If this fails, abandons the creation. */
tjob_file_problem tjob__file_creation_end(struct file_creation *creation);

/* Removes the file, unless its name now belongs to another file. */
void tjob__file_creation_abandon(struct file_creation *creation);

/* Closes the file as it is, after its name has been given to another use. */
void tjob__file_creation_close(struct file_creation *creation);

#endif
