/* CRC-32C, the cyclic redundancy check of Castagnoli's polynomial (RFC 3720, appendix B.4). */
#ifndef TJOB_HOST_FILE_STORE_CRC32C_H
#define TJOB_HOST_FILE_STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * The check of `bytes` bytes. `before` is the check of what stands in front of them, 0 if nothing does: so the check of
 * two pieces in a row is tjob__crc32c(tjob__crc32c(0, first), second). Pure.
 */
uint32_t tjob__crc32c(uint32_t before, const void *data, size_t bytes);

#endif
