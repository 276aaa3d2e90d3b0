/*
 * One page of a file store: a whole small table of jobs with a checksum, as bytes. docs/storage.md describes the
 * format.
 *
 *   0     4  CRC-32C of the page's place and of what follows, up to the last slot in use
 *   4     4  slots in use, 0 to FILE_PAGE_SLOTS
 *   8     8  sequence: increases with every page that is written to a bucket
 *   16    8  version of the latest removal from this bucket, 0 = none
 *   24    8  0
 *   32   336 each: a slot: version (8), job as tjob_job_encode writes it (64), length of the ARN (4), ARN (256), 0 (4)
 *   4064  8  mark: the sequence of a page of this bucket that is known to be durable, 0 = none
 *   4072  4  CRC-32C of the page's place and of the mark
 *   4076 20  0
 *
 * All numbers are little-endian. A page of zeros, which is how a hole in a file reads, is an empty table of sequence 0.
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
    FILE_PAGE_HEAD_BYTES = 32, /* before the slots */
    FILE_MARK_OFFSET = 4064,   /* within a page */
    FILE_MARK_BYTES = 16
};

/*
 * The highest sequence that a page can have, and the highest that a change gets. A version is a sequence, too. What
 * lies between is for copies: a load that finds what a crash has left needs one, and so loads go on where changes do
 * not.
 */
#define FILE_SEQUENCE_MAX (UINT64_MAX - 1)
#define FILE_SEQUENCE_CHANGE_MAX (FILE_SEQUENCE_MAX - (1 << 20))

/*
 * The identity of a file, unique to it: random bytes, new when a file is created and when the store grows. They are
 * also the key of the hash of names. Files of format 1 have 8 bytes, which a growth of that format kept.
 */
struct file_identity {
    unsigned char bytes[FILE_IDENTITY_BYTES];
    uint32_t count; /* FILE_IDENTITY_BYTES, or FILE_IDENTITY_BYTES_OF_1 */
};

/* Where a page belongs. Each checksum covers it, so that a page from another place or another file is invalid here. */
struct file_place {
    struct file_identity file;
    uint32_t bucket;
    uint32_t page; /* of the bucket */
};

/* The content of one slot. */
struct file_record {
    tjob_text arn; /* in the page */
    uint64_t version;
    tjob_job job;
};

/* Returns the CRC-32C of some bytes of a place: of the file's identity, of two numbers of 32 bits, and of the bytes. */
uint32_t tjob__file_place_checksum(const struct file_place *place, const unsigned char *bytes, size_t count);

/*
 * Return whether a page is all 0; and whether it is all 0 or a table with a valid checksum. The functions below require
 * a valid page.
 */
bool tjob__file_page_is_blank(const unsigned char page[FILE_PAGE_BYTES]);
bool tjob__file_page_is_valid(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place);

/* Completes the change of a page: sets its sequence and its checksum for a place, and removes the mark. */
void tjob__file_page_seal(unsigned char page[FILE_PAGE_BYTES], const struct file_place *place, uint64_t sequence);

/* Returns the sequence of a page, of which the head is enough. */
uint64_t tjob__file_page_sequence(const unsigned char page[FILE_PAGE_HEAD_BYTES]);
uint32_t tjob__file_page_count(const unsigned char page[FILE_PAGE_BYTES]);

/* Returns the version of the latest removal. */
uint64_t tjob__file_page_absence(const unsigned char page[FILE_PAGE_BYTES]);

/* Returns whether two pages have the same content, whatever their sequences. */
bool tjob__file_page_same(const unsigned char a[FILE_PAGE_BYTES], const unsigned char b[FILE_PAGE_BYTES]);

/* Returns the slot that holds an ARN; FILE_PAGE_SLOTS if none does. */
uint32_t tjob__file_page_find(const unsigned char page[FILE_PAGE_BYTES], tjob_text arn);

/*
 * Reads a slot in use. Returns false if its content is invalid: the job, the name, or a version that no page of this
 * sequence has.
 */
bool tjob__file_page_read(const unsigned char page[FILE_PAGE_BYTES], uint32_t slot, struct file_record *record);

/*
 * Puts a job into `slot`: the slot that holds the ARN; or, if none does, the number of slots in use, which is then
 * below FILE_PAGE_SLOTS.
 */
void tjob__file_page_put(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, tjob_text arn, uint64_t version,
                         const tjob_job *job);

/* Empties a slot in use, and records the version of the removal. The last slot takes its place. */
void tjob__file_page_remove(unsigned char page[FILE_PAGE_BYTES], uint32_t slot, uint64_t version);

/* Makes a page an empty table, of which something was removed at a version. */
void tjob__file_page_clear(unsigned char page[FILE_PAGE_BYTES], uint64_t version);

/* Returns the mark in a page: a sequence, or 0 if there is no mark with a valid checksum. */
uint64_t tjob__file_mark_read(const unsigned char page[FILE_PAGE_BYTES], const struct file_place *place);

/* Writes the bytes of a mark for a place. They belong at FILE_MARK_OFFSET. */
void tjob__file_mark_write(unsigned char mark[FILE_MARK_BYTES], const struct file_place *place, uint64_t sequence);

#endif
