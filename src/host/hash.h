/*
 * The hash of names: SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), which is designed
 * for tables whose names others choose. Without the key, nobody can find names that collide more often than by chance.
 * The hash is part of the format of a file store: it never changes, and is the same on every machine.
 */
#ifndef TJOB_HOST_HASH_H
#define TJOB_HOST_HASH_H

#include <stdint.h>

#include "tjob/text.h"

enum { HASH_KEY_BYTES = 16 };

/* Returns 64 bits that depend on every byte of the name and of the key. Pure. */
uint64_t tjob__hash_name(const unsigned char key[HASH_KEY_BYTES], tjob_text name);

#endif
