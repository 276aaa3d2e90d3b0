#include "host/file_store/header.h"

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "host/file_store/crc32c.h"
#include "host/hash.h"
#include "host/versions.h"

_Static_assert((int)FILE_IDENTITY_BYTES == (int)HASH_KEY_BYTES && FILE_IDENTITY_BYTES == TJOB_FILE_STORE_KEY_BYTES,
               "the identity of a file is the key of the hash");

static const char store_magic[8] = {'t', 'j', 'o', 'b', 'f', 'i', 'l', 'e'};
static const char backup_magic[8] = {'t', 'j', 'o', 'b', 'b', 'a', 'c', 'k'};

enum {
    AT_CHECKSUM = 8,
    AT_FORMAT = 12,
    AT_BUCKETS = 16,
    AT_CAPACITY = 20,
    AT_IDENTITY = 28,
    CHECKSUM_END = 44, /* the end of the bytes that the first checksum covers, in all formats */
    BASE_BYTES = 8
};

uint32_t tjob__file_header_buckets(uint64_t capacity)
{
    const uint64_t slots = capacity * TJOB_FILE_STORE_SLOTS_PER_JOB;
    const uint64_t buckets = (slots + FILE_PAGE_SLOTS - 1) / FILE_PAGE_SLOTS;
    return buckets < 2 ? 2 : (uint32_t)buckets;
}

uint32_t tjob__file_identity_format(const struct file_identity *identity)
{
    return identity->count == FILE_IDENTITY_BYTES ? FILE_FORMAT : FILE_FORMAT_1;
}

static uint64_t round_up(uint64_t offset, uint64_t unit)
{
    return (offset + unit - 1) / unit * unit;
}

uint64_t tjob__file_header_begin(const struct file_header *header)
{
    return tjob__file_identity_format(&header->identity) == FILE_FORMAT
               ? tjob__file_header_bucket_offset(header->buckets, 0)
               : round_up(tjob__file_entry_offset(header->buckets), FILE_BUCKET_BYTES);
}

uint64_t tjob__file_header_end(const struct file_header *header)
{
    return tjob__file_header_begin(header) +
           (uint64_t)header->buckets * tjob__file_header_bucket_bytes(header->is_backup);
}

uint32_t tjob__file_header_bucket_bytes(bool is_backup)
{
    return is_backup ? FILE_PAGE_BYTES : FILE_BUCKET_BYTES;
}

uint64_t tjob__file_header_bucket_offset(uint32_t buckets, uint32_t bucket)
{
    return round_up(tjob__file_progress_offset(buckets, buckets), FILE_BUCKET_BYTES) +
           (uint64_t)bucket * FILE_BUCKET_BYTES;
}

uint64_t tjob__file_header_file_bytes(uint32_t buckets)
{
    return tjob__file_header_bucket_offset(buckets, buckets);
}

/* ---- The header ---------------------------------------------------------------------------------------------- */

static uint32_t checksum_up_to(const unsigned char *bytes, size_t end)
{
    return tjob__crc32c(0, bytes + AT_FORMAT, end - AT_FORMAT);
}

static size_t base_offset(const struct file_identity *identity)
{
    return AT_IDENTITY + identity->count;
}

/* Returns the checksum of a whole header. In format 1 it is the first checksum. */
static uint32_t checksum_of(const unsigned char *bytes, const struct file_identity *identity)
{
    return checksum_up_to(bytes, base_offset(identity) + BASE_BYTES);
}

void tjob__file_header_encode(const struct file_header *header, unsigned char bytes[FILE_HEADER_BYTES])
{
    const struct file_identity *identity = &header->identity;
    memset(bytes, 0, FILE_HEADER_BYTES);
    memcpy(bytes, header->is_backup ? backup_magic : store_magic, sizeof store_magic);
    bytes_store32(bytes + AT_FORMAT, tjob__file_identity_format(identity));
    bytes_store32(bytes + AT_BUCKETS, header->buckets);
    bytes_store64(bytes + AT_CAPACITY, header->capacity);
    memcpy(bytes + AT_IDENTITY, identity->bytes, identity->count);
    bytes_store64(bytes + base_offset(identity), header->base);
    bytes_store32(bytes + AT_CHECKSUM, checksum_up_to(bytes, CHECKSUM_END));
    if (tjob__file_identity_format(identity) == FILE_FORMAT) {
        bytes_store32(bytes + base_offset(identity) + BASE_BYTES, checksum_of(bytes, identity));
    }
}

tjob_file_problem tjob__file_header_decode(const unsigned char bytes[FILE_HEADER_BYTES], struct file_header *header)
{
    const bool is_backup = bytes_equal(bytes, backup_magic, sizeof backup_magic);
    if (!is_backup && !bytes_equal(bytes, store_magic, sizeof store_magic)) {
        return TJOB_FILE_NOT_A_STORE;
    }
    if (bytes_load32(bytes + AT_CHECKSUM) != checksum_up_to(bytes, CHECKSUM_END)) {
        return TJOB_FILE_DAMAGED;
    }
    const uint32_t format = bytes_load32(bytes + AT_FORMAT);
    if (format != FILE_FORMAT && format != FILE_FORMAT_1) {
        return TJOB_FILE_OTHER_FORMAT;
    }
    struct file_identity identity = {.count = format == FILE_FORMAT ? FILE_IDENTITY_BYTES : FILE_IDENTITY_BYTES_OF_1};
    memcpy(identity.bytes, bytes + AT_IDENTITY, identity.count);
    const size_t base = base_offset(&identity);
    *header = (struct file_header){
        .buckets = bytes_load32(bytes + AT_BUCKETS),
        .capacity = bytes_load64(bytes + AT_CAPACITY),
        .identity = identity,
        .is_backup = is_backup,
        .base = bytes_load64(bytes + base),
    };
    const bool whole =
        format == FILE_FORMAT_1 || bytes_load32(bytes + base + BASE_BYTES) == checksum_of(bytes, &identity);
    const bool can_be = header->capacity != 0 && header->capacity <= TJOB_FILE_STORE_JOBS_MAX &&
                        header->buckets == tjob__file_header_buckets(header->capacity) &&
                        header->base < FILE_SEQUENCE_MAX;
    return whole && can_be ? TJOB_FILE_OK : TJOB_FILE_DAMAGED;
}

tjob_file_problem tjob__file_header_read(const struct tjob_disk *disk, int file, uint64_t offset,
                                         struct file_header *header)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    const tjob_file_problem problem = tjob__disk_read(disk, file, offset, bytes, sizeof bytes);
    if (problem != TJOB_FILE_OK) {
        return problem == TJOB_FILE_TRUNCATED ? TJOB_FILE_NOT_A_STORE : problem;
    }
    return tjob__file_header_decode(bytes, header);
}

static bool is_same_header(const struct file_header *a, const struct file_header *b)
{
    unsigned char bytes[2][FILE_HEADER_BYTES];
    tjob__file_header_encode(a, bytes[0]);
    tjob__file_header_encode(b, bytes[1]);
    return bytes_equal(bytes[0], bytes[1], FILE_HEADER_BYTES);
}

tjob_file_problem tjob__file_header_read_either(const struct tjob_disk *disk, int file, struct file_header *header)
{
    struct file_header copy;
    const tjob_file_problem problem = tjob__file_header_read(disk, file, 0, header);
    const bool may_use_copy =
        problem == TJOB_FILE_DAMAGED || problem == TJOB_FILE_NOT_A_STORE || problem == TJOB_FILE_IO;
    if ((problem != TJOB_FILE_OK && !may_use_copy) ||
        tjob__file_header_read(disk, file, FILE_HEADER_COPY_OFFSET, &copy) != TJOB_FILE_OK) {
        return problem;
    }
    const bool differ = problem == TJOB_FILE_OK && !is_same_header(header, &copy);
    *header = copy;
    return differ ? TJOB_FILE_DAMAGED : TJOB_FILE_OK;
}

tjob_file_problem tjob__file_header_check(const struct tjob_disk *disk, int file, uint64_t offset,
                                          const struct file_header *header)
{
    unsigned char expected[FILE_HEADER_BYTES];
    unsigned char bytes[FILE_HEADER_BYTES];
    const tjob_file_problem problem = tjob__disk_read(disk, file, offset, bytes, sizeof bytes);
    tjob__file_header_encode(header, expected);
    const bool is_wrong = problem == TJOB_FILE_OK && !bytes_equal(bytes, expected, sizeof bytes);
    return is_wrong || problem == TJOB_FILE_IO ? TJOB_FILE_DAMAGED : problem;
}

tjob_file_problem tjob__file_header_write(const struct tjob_disk *disk, int file, uint64_t offset,
                                          const struct file_header *header)
{
    unsigned char bytes[FILE_HEADER_BYTES];
    bool begun;
    tjob__file_header_encode(header, bytes);
    return tjob__disk_write(disk, file, offset, bytes, sizeof bytes, &begun);
}

static tjob_file_problem write_durably(const struct tjob_disk *disk, int file, uint64_t offset,
                                       const struct file_header *header)
{
    const tjob_file_problem problem = tjob__file_header_write(disk, file, offset, header);
    return problem == TJOB_FILE_OK ? tjob__disk_sync(disk, file) : problem;
}

tjob_file_problem tjob__file_header_repair(const struct tjob_disk *disk, int file, uint64_t offset,
                                           const struct file_header *header)
{
    const tjob_file_problem problem = write_durably(disk, file, offset, header);
    if (problem != TJOB_FILE_OK) {
        unsigned char bytes[FILE_HEADER_BYTES];
        bool begun;
        tjob__file_header_encode(header, bytes);
        bytes[0] ^= UINT8_MAX;
        (void)tjob__disk_write(disk, file, offset, bytes, sizeof bytes, &begun);
    }
    return problem;
}

tjob_file_problem tjob__file_header_renew(const struct tjob_disk *disk, int file, const struct file_header *header)
{
    static const uint64_t offsets[] = {0, FILE_HEADER_COPY_OFFSET};
    tjob_file_problem found[2] = {TJOB_FILE_OK, TJOB_FILE_OK};
    tjob_file_problem problem = TJOB_FILE_OK;
    for (size_t i = 0; i < 2 && problem == TJOB_FILE_OK; i++) {
        found[i] = tjob__file_header_check(disk, file, offsets[i], header);
        problem = found[i] == TJOB_FILE_DAMAGED ? TJOB_FILE_OK : found[i];
    }
    const size_t first = found[1] == TJOB_FILE_DAMAGED; /* the copy comes first only if it is wrong */
    for (size_t i = 0; i < 2 && problem == TJOB_FILE_OK; i++) {
        const size_t at = first ^ i;
        problem = found[at] == TJOB_FILE_DAMAGED ? tjob__file_header_repair(disk, file, offsets[at], header)
                                                 : write_durably(disk, file, offsets[at], header);
    }
    return problem;
}

/* NOLINTNEXTLINE(misc-redundant-expression): today they are the same text, which this keeps so */
_Static_assert(TJOB_FILE_STORE_RESTORE_RAISE == VERSIONS_AHEAD, "a restored store begins at the bound of all stores");

static uint64_t at_most_the_last(uint64_t sequence)
{
    return sequence < FILE_SEQUENCE_MAX ? sequence : FILE_SEQUENCE_MAX;
}

uint64_t tjob__file_header_raise(uint64_t highest, uint64_t now_ms)
{
    TJOB_ASSERT(now_ms <= TJOB_FILE_STORE_NOW_MS_MAX);
    return at_most_the_last(versions_above(highest, now_ms));
}

uint64_t tjob__file_header_lift(uint64_t highest, uint64_t now_ms)
{
    TJOB_ASSERT(now_ms <= TJOB_FILE_STORE_NOW_MS_MAX);
    const uint64_t until = versions_until(now_ms);
    return highest < until ? until : highest < FILE_SEQUENCE_MAX ? highest + 1 : FILE_SEQUENCE_MAX;
}

struct file_header tjob__file_store_header(const tjob_file_store *store)
{
    struct file_header header = {.buckets = store->buckets,
                                 .capacity = store->capacity,
                                 .identity = {.count = store->key_bytes},
                                 .is_backup = store->is_backup,
                                 .base = store->base};
    memcpy(header.identity.bytes, store->key, sizeof store->key);
    return header;
}

/* ---- The state ----------------------------------------------------------------------------------------------- */

static void encode_state(uint32_t header_checksum, enum file_state state, unsigned char bytes[FILE_STATE_BYTES])
{
    bytes_store32(bytes, (uint32_t)state);
    bytes_store32(bytes + 4, tjob__crc32c(header_checksum, bytes, 4));
}

static uint32_t header_checksum(const struct file_header *header)
{
    unsigned char whole[FILE_HEADER_BYTES];
    tjob__file_header_encode(header, whole);
    return checksum_of(whole, &header->identity);
}

void tjob__file_state_encode(const struct file_header *header, enum file_state state,
                             unsigned char bytes[FILE_STATE_BYTES])
{
    encode_state(header_checksum(header), state, bytes);
}

enum file_state tjob__file_state_decode(const struct file_header *header, const unsigned char bytes[FILE_STATE_BYTES])
{
    const uint32_t checksum = header_checksum(header);
    for (int state = FILE_CURRENT; state < FILE_STATE_COUNT; state++) {
        unsigned char expected[FILE_STATE_BYTES];
        encode_state(checksum, (enum file_state)state, expected);
        if (bytes_equal(bytes, expected, sizeof expected)) {
            return (enum file_state)state;
        }
    }
    return FILE_NEW;
}

/* ---- The register -------------------------------------------------------------------------------------------- */

/* Returns the checksum of some bytes that describe a bucket. */
static uint32_t bucket_checksum(const struct file_identity *identity, uint32_t bucket, const unsigned char *bytes,
                                size_t count)
{
    unsigned char number[4];
    bytes_store32(number, bucket);
    const uint32_t checksum = tjob__crc32c(tjob__crc32c(0, identity->bytes, identity->count), number, sizeof number);
    return tjob__crc32c(checksum, bytes, count);
}

uint64_t tjob__file_entry_offset(uint32_t bucket)
{
    return FILE_REGISTER_OFFSET + (uint64_t)bucket * FILE_ENTRY_BYTES;
}

void tjob__file_entry_encode(const struct file_identity *identity, uint32_t bucket,
                             unsigned char bytes[FILE_ENTRY_BYTES])
{
    static const unsigned char used[4] = {'u', 's', 'e', 'd'};
    memcpy(bytes, used, sizeof used);
    bytes_store32(bytes + 4, bucket_checksum(identity, bucket, bytes, 4));
}

bool tjob__file_entry_is_used(const struct file_identity *identity, uint32_t bucket,
                              const unsigned char bytes[FILE_ENTRY_BYTES])
{
    unsigned char used[FILE_ENTRY_BYTES];
    tjob__file_entry_encode(identity, bucket, used);
    return bytes_equal(bytes, used, sizeof used);
}

uint64_t tjob__file_progress_offset(uint32_t buckets, uint32_t bucket)
{
    return round_up(tjob__file_entry_offset(buckets), FILE_PAGE_BYTES) + (uint64_t)bucket * FILE_PROGRESS_BYTES;
}

void tjob__file_progress_encode(const struct file_identity *identity, uint32_t bucket, uint64_t sequence,
                                unsigned char bytes[FILE_PROGRESS_BYTES])
{
    bytes_store64(bytes, sequence);
    bytes_store32(bytes + 8, bucket_checksum(identity, bucket, bytes, 8));
    bytes_store32(bytes + 12, 0);
}

uint64_t tjob__file_progress_decode(const struct file_identity *identity, uint32_t bucket,
                                    const unsigned char bytes[FILE_PROGRESS_BYTES])
{
    return bytes_load32(bytes + 8) == bucket_checksum(identity, bucket, bytes, 8) ? bytes_load64(bytes) : 0;
}

/* ---- The buckets of a name ----------------------------------------------------------------------------------- */

/* Returns a number below `count`, from 32 bits of a hash. */
static uint32_t scale(uint32_t hash, uint32_t count)
{
    return (uint32_t)((uint64_t)hash * count >> 32);
}

void tjob__file_header_buckets_of(const struct file_header *header, tjob_text arn, uint32_t buckets[2])
{
    const uint64_t hash = tjob__hash_name(header->identity.bytes, arn);
    buckets[0] = scale((uint32_t)hash, header->buckets);
    buckets[1] = scale((uint32_t)(hash >> 32), header->buckets - 1);
    buckets[1] += buckets[1] >= buckets[0] ? 1 : 0;
}

bool tjob__file_header_has(const struct file_header *header, uint32_t bucket, tjob_text arn)
{
    uint32_t buckets[2];
    tjob__file_header_buckets_of(header, arn, buckets);
    return buckets[0] == bucket || buckets[1] == bucket;
}

bool tjob__file_header_read_slot(const struct file_header *header, uint32_t bucket,
                                 const unsigned char page[FILE_PAGE_BYTES], uint32_t slot, struct file_record *record)
{
    return tjob__file_page_read(page, slot, record) && tjob__file_header_has(header, bucket, record->arn) &&
           tjob__file_page_find(page, record->arn) == slot;
}

bool tjob__file_header_has_good_slots(const struct file_header *header, uint32_t bucket,
                                      const unsigned char page[FILE_PAGE_BYTES])
{
    struct file_record record;
    uint32_t slot = 0;
    while (slot < tjob__file_page_count(page) && tjob__file_header_read_slot(header, bucket, page, slot, &record)) {
        slot++;
    }
    return slot == tjob__file_page_count(page);
}
