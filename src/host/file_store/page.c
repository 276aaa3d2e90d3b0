#include "host/file_store/page.h"

#include <string.h>

#include "core/assert.h"
#include "core/bytes.h"
#include "host/file_store/crc32c.h"
#include "tjob/arn.h"

enum {
    PAGE_AT_CHECKSUM = 0,
    AT_COUNT = 4,
    AT_SEQUENCE = 8,
    AT_ABSENCE = 16,
    AT_SLOTS = FILE_PAGE_HEAD_BYTES,

    /* within a slot */
    AT_VERSION = 0,
    AT_JOB = 8,
    AT_ARN_BYTES = 72,
    AT_ARN = 76,
    SLOT_BYTES = 336
};

_Static_assert(AT_JOB + TJOB_JOB_ENCODED_BYTES == AT_ARN_BYTES && AT_ARN + TJOB_ARN_BYTES_MAX <= SLOT_BYTES,
               "a slot holds a job and the longest name");
_Static_assert(AT_SLOTS + FILE_PAGE_SLOTS * SLOT_BYTES == FILE_MARK_OFFSET &&
                   FILE_MARK_OFFSET + FILE_MARK_BYTES <= FILE_PAGE_BYTES,
               "a page holds its slots and a mark");

static const unsigned char blank[FILE_PAGE_BYTES];

/* ---- The checksums ------------------------------------------------------------------------------------------- */

uint32_t tjob__file_place_checksum(const struct file_place *place, const unsigned char *bytes, size_t count)
{
    unsigned char numbers[8];
    bytes_store32(numbers, place->bucket);
    bytes_store32(numbers + 4, place->page);
    const uint32_t checksum =
        tjob__crc32c(tjob__crc32c(0, place->file.bytes, place->file.count), numbers, sizeof numbers);
    return tjob__crc32c(checksum, bytes, count);
}

static uint32_t page_checksum(const unsigned char *page, const struct file_place *place)
{
    const size_t end = AT_SLOTS + (size_t)tjob__file_page_count(page) * SLOT_BYTES;
    return tjob__file_place_checksum(place, page + AT_COUNT, end - AT_COUNT);
}

bool tjob__file_page_is_blank(const unsigned char page[FILE_PAGE_BYTES])
{
    return tjob__file_page_sequence(page) == 0 && bytes_equal(page, blank, FILE_MARK_OFFSET);
}

bool tjob__file_page_is_valid(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place)
{
    return tjob__file_page_is_blank(page) || (tjob__file_page_count(page) <= FILE_PAGE_SLOTS &&
                                              bytes_load32(page + PAGE_AT_CHECKSUM) == page_checksum(page, place) &&
                                              tjob__file_page_sequence(page) <= FILE_SEQUENCE_MAX &&
                                              tjob__file_page_absence(page) <= tjob__file_page_sequence(page));
}

void tjob__file_page_seal(unsigned char page[FILE_PAGE_BYTES], const struct file_place *place, uint64_t sequence)
{
    bytes_store64(page + AT_SEQUENCE, sequence);
    bytes_store32(page + PAGE_AT_CHECKSUM, page_checksum(page, place));
    memset(page + FILE_MARK_OFFSET, 0, FILE_PAGE_BYTES - FILE_MARK_OFFSET);
}

/* ---- The table ----------------------------------------------------------------------------------------------- */

uint64_t tjob__file_page_sequence(const unsigned char page[FILE_PAGE_HEAD_BYTES])
{
    return bytes_load64(page + AT_SEQUENCE);
}

uint32_t tjob__file_page_count(const unsigned char page[FILE_PAGE_BYTES])
{
    return bytes_load32(page + AT_COUNT);
}

uint64_t tjob__file_page_absence(const unsigned char page[FILE_PAGE_BYTES])
{
    return bytes_load64(page + AT_ABSENCE);
}

bool tjob__file_page_same(const unsigned char a[FILE_PAGE_BYTES], const unsigned char b[FILE_PAGE_BYTES])
{
    const size_t slots = (size_t)tjob__file_page_count(a) * SLOT_BYTES;
    return tjob__file_page_count(a) == tjob__file_page_count(b) &&
           tjob__file_page_absence(a) == tjob__file_page_absence(b) && bytes_equal(a + AT_SLOTS, b + AT_SLOTS, slots);
}

static const unsigned char *slot_at(const unsigned char *page, uint32_t slot)
{
    return page + AT_SLOTS + (size_t)slot * SLOT_BYTES;
}

uint32_t tjob__file_page_find(const unsigned char page[FILE_PAGE_BYTES], tjob_text arn)
{
    const uint32_t count = tjob__file_page_count(page);
    for (uint32_t slot = 0; slot < count; slot++) {
        const unsigned char *at = slot_at(page, slot);
        if (bytes_load32(at + AT_ARN_BYTES) == arn.bytes && bytes_equal(at + AT_ARN, arn.data, arn.bytes)) {
            return slot;
        }
    }
    return FILE_PAGE_SLOTS;
}

bool tjob__file_page_read(const unsigned char page[FILE_PAGE_BYTES], uint32_t slot, struct file_record *record)
{
    const unsigned char *at = slot_at(page, slot);
    const uint32_t arn_bytes = bytes_load32(at + AT_ARN_BYTES);
    record->version = bytes_load64(at + AT_VERSION);
    record->arn = (tjob_text){(const char *)at + AT_ARN, arn_bytes};
    return arn_bytes != 0 && arn_bytes <= TJOB_ARN_BYTES_MAX && record->version != 0 &&
           record->version <= tjob__file_page_sequence(page) &&
           tjob_job_decode(at + AT_JOB, &record->job) == TJOB_JOB_VALID;
}

void tjob__file_page_put(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, tjob_text arn, uint64_t version,
                         const tjob_job *job)
{
    const uint32_t count = tjob__file_page_count(page);
    TJOB_ASSERT(slot <= count && slot < FILE_PAGE_SLOTS);
    unsigned char *at = page + AT_SLOTS + (size_t)slot * SLOT_BYTES;
    bytes_store64(at + AT_VERSION, version);
    tjob_job_encode(job, at + AT_JOB);
    bytes_store32(at + AT_ARN_BYTES, (uint32_t)arn.bytes);
    memcpy(at + AT_ARN, arn.data, arn.bytes);
    bytes_store32(page + AT_COUNT, slot == count ? count + 1 : count);
}

void tjob__file_page_remove(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, uint64_t version)
{
    const uint32_t last = tjob__file_page_count(page) - 1;
    unsigned char *slots = page + AT_SLOTS;
    memmove(slots + (size_t)slot * SLOT_BYTES, slots + (size_t)last * SLOT_BYTES, SLOT_BYTES);
    memset(slots + (size_t)last * SLOT_BYTES, 0, SLOT_BYTES);
    bytes_store32(page + AT_COUNT, last);
    bytes_store64(page + AT_ABSENCE, version);
}

void tjob__file_page_clear(unsigned char page[FILE_PAGE_BYTES], uint64_t version)
{
    memset(page, 0, FILE_PAGE_BYTES);
    bytes_store64(page + AT_ABSENCE, version);
}

/* ---- The mark ------------------------------------------------------------------------------------------------ */

uint64_t tjob__file_mark_read(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place)
{
    const unsigned char *mark = page + FILE_MARK_OFFSET;
    return bytes_load32(mark + 8) == tjob__file_place_checksum(place, mark, 8) ? bytes_load64(mark) : 0;
}

void tjob__file_mark_write(unsigned char mark[FILE_MARK_BYTES], const struct file_place *place, uint64_t sequence)
{
    memset(mark, 0, FILE_MARK_BYTES);
    bytes_store64(mark, sequence);
    bytes_store32(mark + 8, tjob__file_place_checksum(place, mark, 8));
}
