/*
 * One page of a file store: a whole small table of jobs with a check, as bytes. docs/storage.md tells the format.
 *
 *   0     4  CRC-32C of the page's place and of what follows, up to the last slot in use
 *   4     4  slots in use, 0 to FILE_PAGE_SLOTS
 *   8     8  sequence: it grows with every page that is written to a bucket
 *   16    8  version of the latest removal from this bucket, 0 = none
 *   24    8  0
 *   32   336 each: a slot: version (8), job as tjob_job_encode writes it (64), length of the ARN (4), ARN (256), 0 (4)
 *   4064  8  mark: the sequence of a page of this bucket that is known to be durable, 0 = none
 *   4072  4  CRC-32C of the page's place and of the mark
 *   4076 20  0
 *
 * All numbers are little-endian. A page of nothing but 0, as a hole in a file reads, is an empty table of sequence 0.
 */
#ifndef TJOB_HOST_FILE_STORE_PAGE_H
#define TJOB_HOST_FILE_STORE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/text.h"

enum {
    FILE_IDENTITY_BYTES = 16,
    FILE_IDENTITY_BYTES_OF_1 = 8,
    FILE_PAGE_BYTES = 4096,
    FILE_PAGE_SLOTS = 12,
    FILE_MARK_OFFSET = 4064, /* within a page */
    FILE_MARK_BYTES = 16
};

/* The highest sequence that a page can have; a version is one, too. */
#define FILE_SEQUENCE_MAX (UINT64_MAX - 1)

/*
 * What no two files have in common: random bytes, which a file is given when it is made, and a new one when the store
 * grows. They are the key of the hash of names, too. Files of format 1 have 8 bytes, which a growth has kept.
 */
struct file_identity {
    unsigned char bytes[FILE_IDENTITY_BYTES];
    uint32_t count; /* FILE_IDENTITY_BYTES, or FILE_IDENTITY_BYTES_OF_1 */
};

/* Where a page belongs. It is part of each check, so that a page elsewhere, or of another file, is not taken for it. */
struct file_place {
    struct file_identity file;
    uint32_t bucket;
    uint32_t page; /* of the bucket */
};

/* What one slot holds. */
struct file_record {
    tjob_text arn; /* in the page */
    uint64_t version;
    tjob_job job;
};

/* The CRC-32C of some bytes of a place: of the file's identity, of two numbers of 32 bits, and of the bytes. */
uint32_t tjob__file_place_check(const struct file_place *place, const unsigned char *bytes, size_t count);

/*
 * Whether a page is all 0, and whether it is that or a table with its check: what the functions below take for granted.
 */
bool tjob__file_page_is_blank(const unsigned char page[FILE_PAGE_BYTES]);
bool tjob__file_page_is_valid(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place);

/* Ends the change of a page: gives it a sequence, its check for a place, and no mark. */
void tjob__file_page_seal(unsigned char page[FILE_PAGE_BYTES], const struct file_place *place, uint64_t sequence);

uint64_t tjob__file_page_sequence(const unsigned char page[FILE_PAGE_BYTES]);
uint32_t tjob__file_page_count(const unsigned char page[FILE_PAGE_BYTES]);

/* The version of the latest removal. */
uint64_t tjob__file_page_absence(const unsigned char page[FILE_PAGE_BYTES]);

/* Whether two pages say the same, whatever their sequences. */
bool tjob__file_page_same(const unsigned char a[FILE_PAGE_BYTES], const unsigned char b[FILE_PAGE_BYTES]);

/* The slot that holds an ARN; FILE_PAGE_SLOTS if none does. */
uint32_t tjob__file_page_find(const unsigned char page[FILE_PAGE_BYTES], tjob_text arn);

/*
 * Reads a slot in use. False if what it holds cannot be: no job, no name, a version that no page of this sequence has.
 */
bool tjob__file_page_read(const unsigned char page[FILE_PAGE_BYTES], uint32_t slot, struct file_record *record);

/*
 * Puts a job into `slot`: the one that holds the ARN, or the count if none does, which is then below FILE_PAGE_SLOTS.
 */
void tjob__file_page_put(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, tjob_text arn, uint64_t version,
                         const tjob_job *job);

/* Empties a slot in use, and notes the version of the removal. The last slot takes its place. */
void tjob__file_page_remove(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, uint64_t version);

/* The mark in a page: a sequence, or 0 if there is none that bears its check. */
uint64_t tjob__file_mark_read(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place);

/* The bytes of a mark for a place, to be written at FILE_MARK_OFFSET. */
void tjob__file_mark_write(unsigned char mark[FILE_MARK_BYTES], const struct file_place *place, uint64_t sequence);

#endif
