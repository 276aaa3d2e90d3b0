#include "host/file_header.h"

#include <string.h>

#include "core/bytes.h"
#include "host/crc32c.h"
#include "host/hash.h"

static const char magic[8] = {'t', 'j', 'o', 'b', 'f', 'i', 'l', 'e'};

enum {
    AT_CHECK = 8,
    AT_FORMAT = 12,
    AT_BUCKETS = 16,
    AT_CAPACITY = 20,
    AT_SEED = 28,
    AT_BASE = 36
};

uint32_t file_header_buckets(uint64_t capacity)
{
    const uint64_t slots = capacity * TJOB_FILE_STORE_SLOTS_PER_JOB;
    const uint64_t buckets = (slots + FILE_PAGE_SLOTS - 1) / FILE_PAGE_SLOTS;
    return buckets < 2 ? 2 : (uint32_t)buckets;
}

uint64_t file_header_bucket_offset(uint32_t buckets, uint32_t bucket)
{
    const uint64_t before = (file_entry_offset(buckets) + FILE_BUCKET_BYTES - 1) / FILE_BUCKET_BYTES;
    return (before + bucket) * FILE_BUCKET_BYTES;
}

uint64_t file_header_file_bytes(uint32_t buckets)
{
    return file_header_bucket_offset(buckets, buckets);
}

static uint32_t check_of(const unsigned char *bytes)
{
    return crc32c(0, bytes + AT_FORMAT, FILE_HEADER_BYTES - AT_FORMAT);
}

void file_header_encode(const struct file_header *header, unsigned char bytes[FILE_HEADER_BYTES])
{
    memcpy(bytes, magic, sizeof magic);
    bytes_store32(bytes + AT_FORMAT, FILE_FORMAT);
    bytes_store32(bytes + AT_BUCKETS, header->buckets);
    bytes_store64(bytes + AT_CAPACITY, header->capacity);
    bytes_store64(bytes + AT_SEED, header->seed);
    bytes_store64(bytes + AT_BASE, header->base);
    bytes_store32(bytes + AT_CHECK, check_of(bytes));
}

tjob_file_problem file_header_decode(const unsigned char bytes[FILE_HEADER_BYTES], struct file_header *header)
{
    if (!bytes_equal(bytes, magic, sizeof magic)) {
        return TJOB_FILE_NOT_A_STORE;
    }
    if (bytes_load32(bytes + AT_CHECK) != check_of(bytes)) {
        return TJOB_FILE_DAMAGED;
    }
    if (bytes_load32(bytes + AT_FORMAT) != FILE_FORMAT) {
        return TJOB_FILE_OTHER_FORMAT;
    }
    *header = (struct file_header){
        .buckets = bytes_load32(bytes + AT_BUCKETS),
        .capacity = bytes_load64(bytes + AT_CAPACITY),
        .seed = bytes_load64(bytes + AT_SEED),
        .base = bytes_load64(bytes + AT_BASE),
    };
    const bool can_be = header->capacity != 0 && header->capacity <= TJOB_FILE_STORE_JOBS_MAX &&
                        header->buckets == file_header_buckets(header->capacity) && header->base < FILE_SEQUENCE_MAX;
    return can_be ? TJOB_FILE_OK : TJOB_FILE_DAMAGED;
}

struct file_header file_store_header(const tjob_file_store *store)
{
    return (struct file_header){store->buckets, store->capacity, store->seed, store->base};
}

/* ---- The state ----------------------------------------------------------------------------------------------- */

void file_state_encode(const struct file_header *header, enum file_state state, unsigned char bytes[FILE_STATE_BYTES])
{
    unsigned char whole[FILE_HEADER_BYTES];
    file_header_encode(header, whole);
    bytes_store32(bytes, (uint32_t)state);
    bytes_store32(bytes + 4, crc32c(bytes_load32(whole + AT_CHECK), bytes, 4));
}

enum file_state file_state_decode(const struct file_header *header, const unsigned char bytes[FILE_STATE_BYTES])
{
    for (int state = FILE_CURRENT; state < FILE_STATE_COUNT; state++) {
        unsigned char expected[FILE_STATE_BYTES];
        file_state_encode(header, (enum file_state)state, expected);
        if (bytes_equal(bytes, expected, sizeof expected)) {
            return (enum file_state)state;
        }
    }
    return FILE_NEW;
}

/* ---- The register -------------------------------------------------------------------------------------------- */

uint64_t file_entry_offset(uint32_t bucket)
{
    return FILE_REGISTER_OFFSET + (uint64_t)bucket * FILE_ENTRY_BYTES;
}

void file_entry_encode(uint64_t seed, uint32_t bucket, unsigned char bytes[FILE_ENTRY_BYTES])
{
    static const unsigned char used[4] = {'u', 's', 'e', 'd'};
    unsigned char place[12];
    bytes_store64(place, seed);
    bytes_store32(place + 8, bucket);
    memcpy(bytes, used, sizeof used);
    bytes_store32(bytes + 4, crc32c(crc32c(0, place, sizeof place), used, sizeof used));
}

/* ---- The buckets of a name ----------------------------------------------------------------------------------- */

/* A number below `count`, from 32 bits of a hash. */
static uint32_t scale(uint32_t hash, uint32_t count)
{
    return (uint32_t)((uint64_t)hash * count >> 32);
}

void file_header_buckets_of(const struct file_header *header, tjob_text arn, uint32_t buckets[2])
{
    const uint64_t hash = hash_name(header->seed, arn);
    buckets[0] = scale((uint32_t)hash, header->buckets);
    buckets[1] = scale((uint32_t)(hash >> 32), header->buckets - 1);
    buckets[1] += buckets[1] >= buckets[0] ? 1 : 0;
}
