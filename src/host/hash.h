/* A seeded hash of names. It is part of the format of a file store: it never changes, and is the same on every machine. */
#ifndef TJOB_HOST_HASH_H
#define TJOB_HOST_HASH_H

#include <stdint.h>

#include "tjob/text.h"

/* 64 bits that depend on every byte of the name and of the seed. Pure. */
uint64_t hash_name(uint64_t seed, tjob_text name);

#endif
