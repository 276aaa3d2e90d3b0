/* The disk of a POSIX system. */
#ifndef TJOB_HOST_FILE_STORE_POSIX_DISK_H
#define TJOB_HOST_FILE_STORE_POSIX_DISK_H

#include "host/file_store/disk.h"

/* The disk of the system. */
extern const struct tjob_disk tjob__posix_disk;

#endif
