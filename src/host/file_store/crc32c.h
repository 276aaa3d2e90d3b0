/* CRC-32C, the cyclic redundancy check of Castagnoli's polynomial (RFC 3720, appendix B.4). */
#ifndef TJOB_HOST_FILE_STORE_CRC32C_H
#define TJOB_HOST_FILE_STORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * Returns the checksum of `bytes` bytes. `before` is the checksum of the bytes before them, or 0 if there are none. So
 * the checksum of two consecutive pieces is tjob__crc32c(tjob__crc32c(0, first), second). Pure.
 */
uint32_t tjob__crc32c(uint32_t before, const void *data, size_t bytes);

/* The same without the instruction that some processors have for it. */
uint32_t tjob__crc32c_by_table(uint32_t before, const void *data, size_t bytes);

#endif
