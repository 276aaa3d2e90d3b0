/* Base64 (RFC 4648) with padding: how JSON carries bytes to etcd's gateway and back. */
#ifndef TJOB_HOST_ETCD_BASE64_H
#define TJOB_HOST_ETCD_BASE64_H

#include <stdint.h>

#include "wire/json.h"
#include "wire/json_writer.h"

/* An encoder in progress: bytes may come in pieces. All zero at the beginning. */
typedef struct base64_encoder {
    uint32_t bits;
    uint32_t count; /* of bytes in `bits`, 0 to 2 */
} base64_encoder;

/* Writes the code of the next bytes; and that of the last ones. */
void tjob__base64_write(base64_encoder *encoder, json_writer *writer, tjob_text bytes);
void tjob__base64_end(base64_encoder *encoder, json_writer *writer);

/* Decodes a JSON string into `out`. Returns whether it is valid and has at most `capacity` bytes, and sets *count. */
bool tjob__base64_decode(const json_value *string, void *out, size_t capacity, size_t *count);

#endif
