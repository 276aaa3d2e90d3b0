/*
 * The hash of names: SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), which is made for
 * tables whose names others choose. Without the key nobody finds names that meet more often than by chance. It is part
 * of the format of a file store: it never changes, and is the same on every machine.
 */
#ifndef TJOB_HOST_HASH_H
#define TJOB_HOST_HASH_H

#include <stdint.h>

#include "tjob/text.h"

enum { HASH_KEY_BYTES = 16 };

/* 64 bits that depend on every byte of the name and of the key. Pure. */
uint64_t tjob__hash_name(const unsigned char key[HASH_KEY_BYTES], tjob_text name);

#endif
