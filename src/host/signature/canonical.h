/* The canonical form of a request, which is hashed as it is made. */
#ifndef TJOB_HOST_SIGNATURE_CANONICAL_H
#define TJOB_HOST_SIGNATURE_CANONICAL_H

#include "host/signature/parts.h"

/* The sizes of a hash, and of its text in hexadecimal digits without a terminating NUL. */
enum { SIGNATURE_HASH_BYTES = 32, SIGNATURE_HEX_BYTES = 64 };

/* Writes a hash as lower-case hexadecimal digits. */
void tjob__signature_hex(const unsigned char hash[SIGNATURE_HASH_BYTES], char hex[SIGNATURE_HEX_BYTES]);

/* Hashes a text. Returns false if libcrypto fails. */
bool tjob__signature_hash(tjob_text text, unsigned char hash[SIGNATURE_HASH_BYTES]);

/*
 * Hashes the canonical form of a request. `payload` is the hash of its body in hexadecimal digits. The signed headers
 * have been checked. Sorts the parameters. Returns false if libcrypto fails.
 */
bool tjob__signature_canonical_hash(const tjob_signed_request *request, signature_parts *parts,
                                    const char payload[SIGNATURE_HEX_BYTES], unsigned char hash[SIGNATURE_HASH_BYTES]);

#endif
