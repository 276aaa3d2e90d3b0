/* The state of a store's file: whether it is the store, is about to grow, or has grown into another file. */
#ifndef TJOB_HOST_FILE_STORE_STATE_H
#define TJOB_HOST_FILE_STORE_STATE_H

#include "host/file_store/disk.h"
#include "host/file_store/header.h"

/* Reads the state. The result stays true as long as the reader holds a bucket or the header. */
tjob_file_problem tjob__file_state_read(const struct tjob_disk *disk, int file, const struct file_header *header,
                                        enum file_state *state);

/* Writes the state without making it durable. The writer holds the header. */
tjob_file_problem tjob__file_state_write(const struct tjob_disk *disk, int file, const struct file_header *header,
                                         enum file_state state);

/*
 * Does so where the file has been a store already: first it repairs the header at the beginning, durably, unless that
 * is sound. The state and the copy of the header share a block, which a power cut may tear.
 */
tjob_file_problem tjob__file_state_change(const struct tjob_disk *disk, int file, const struct file_header *header,
                                          enum file_state state);

/* Sets the state of a file to current, if no other state was set yet. The caller holds the header. */
void tjob__file_state_confirm(const struct tjob_disk *disk, int file, const struct file_header *header);

#endif
