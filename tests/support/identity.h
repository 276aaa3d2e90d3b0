/* Identities of files as tests know them: all bytes are the same. That of the n-th file made on a sim_disk is n. */
#ifndef TJOB_TESTS_IDENTITY_H
#define TJOB_TESTS_IDENTITY_H

#include <string.h>

#include "host/file_store/page.h"

static inline struct file_identity identity_of(unsigned number)
{
    struct file_identity identity = {.count = FILE_IDENTITY_BYTES};
    memset(identity.bytes, (int)(number & 0xff), sizeof identity.bytes);
    return identity;
}

#endif
