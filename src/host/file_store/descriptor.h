/*
 * The descriptors of a store's file through which calls sync. The system reports a failed write once to each of them
 * (errseq_t, since Linux 4.13). So a call that writes has one to itself, from before its first write to its end, and
 * learns of every write of its own that failed, whatever other calls sync meanwhile.
 */
#ifndef TJOB_HOST_FILE_STORE_DESCRIPTOR_H
#define TJOB_HOST_FILE_STORE_DESCRIPTOR_H

#include "tjob/file_store.h"

/* In place of the number of a descriptor: none. */
#define FILE_DESCRIPTOR_NONE UINT32_MAX

/* `init` follows tjob__file_holds_init, whose mutex guards the descriptors, too. `close` leaves store->file open. */
void tjob__file_descriptors_init(tjob_file_store *store);
void tjob__file_descriptors_close(tjob_file_store *store);

/*
 * Returns the number of a descriptor in store->descriptors that no other call uses. Opens one more if all are in use;
 * if that is not possible, or all are open, waits for the call that drops one first. A call that has a descriptor waits
 * for nothing but the disk.
 */
uint32_t tjob__file_descriptor_take(tjob_file_store *store);
void tjob__file_descriptor_drop(tjob_file_store *store, uint32_t number);

#endif
