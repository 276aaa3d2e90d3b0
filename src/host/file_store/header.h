/*
 * The parts of a file store before its buckets: its header; the state of the file, in a separate page; the register,
 * which records the buckets that have held a job, so that none of them reads as a bucket that was never used; and the
 * progress of each bucket, so that an earlier content of the bucket is detected.
 *
 *   0     8  "tjobfile"; "tjobback" if the file is a backup, which is never changed
 *   8     4  CRC-32C of bytes 12 to 43
 *   12    4  number of the format: 2
 *   16    4  buckets
 *   20    8  capacity in jobs
 *   28   16  identity of the file, random: key of the hash, and part of every checksum
 *   44    8  base: every change of this file has a version above it
 *   52    4  CRC-32C of bytes 12 to 51
 *   56       0, to the end of the page
 *   4096  4  state of the file: 0 = new, 1 = current, 2 = superseded, 3 = growing
 *   4100  4  CRC-32C of the header's bytes 12 to 51 and of the state
 *   4160 56  a copy of the header, in case that the header is damaged; 0 in files of earlier versions of the library
 *            0, to the end of the first FILE_BUCKET_BYTES
 *   12288 8 for each bucket: 0 = never used, else:
 *         4  "used"
 *         4  CRC-32C of the identity, of the bucket (4), and of the 4 bytes before
 *            0, to a multiple of FILE_PAGE_BYTES, then
 *         16 for each bucket: 0 = not known, else:
 *         8  a sequence that the bucket has reached, durably
 *         4  CRC-32C of the identity, of the bucket (4), and of the 8 bytes before
 *         4  0
 *            0, to a multiple of FILE_BUCKET_BYTES, where bucket 0 begins. A backup has one page for each bucket, its
 *            page 0; the other two would be 0
 *
 * Bytes 0 to 15 have the same meaning in all formats.
 *
 * Register and progress are in separate blocks. An entry of the register is written once for each bucket. Progress is
 * written with every change and without a sync, so that a power cut may damage a block of it.
 *
 * Only a growth reads format 1, and converts it to format 2. Format 1 differs in four things: the identity has 8 bytes,
 * so that the base follows at 36; there is no second checksum of the header, and the checksum of the state continues
 * the first one; there is no progress; the hash is another.
 *
 * All numbers are little-endian.
 */
#ifndef TJOB_HOST_FILE_STORE_HEADER_H
#define TJOB_HOST_FILE_STORE_HEADER_H

#include "host/file_store/bucket.h"
#include "host/file_store/disk.h"
#include "tjob/file_store.h"

enum {
    FILE_FORMAT = 2,
    FILE_HEADER_BYTES = 56,
    FILE_STATE_OFFSET = FILE_PAGE_BYTES,
    FILE_STATE_BYTES = 8,
    FILE_HEADER_COPY_OFFSET = FILE_STATE_OFFSET + 64,
    FILE_REGISTER_OFFSET = FILE_BUCKET_BYTES,
    FILE_ENTRY_BYTES = 8,
    FILE_PROGRESS_BYTES = 16,
    FILE_FORMAT_1 = 1
};

struct file_header {
    uint32_t buckets;
    uint64_t capacity;
    struct file_identity identity; /* its size determines the format */
    bool is_backup;
    uint64_t base; /* the version of an absence if no removal has set a higher one */
};

enum file_state {
    FILE_NEW = 0,    /* it is not known whether the file and its name survive a crash */
    FILE_CURRENT,    /* the store */
    FILE_SUPERSEDED, /* a larger file has taken its place, or is about to */
    FILE_GROWING,    /* the file is the store; calls wait until the growth releases the header */
    FILE_STATE_COUNT
};

/* Returns the header of an open store. */
struct file_header tjob__file_store_header(const tjob_file_store *store);

/* Returns how many buckets a store of some capacity has: slots for twice as many jobs, and at least two buckets. */
uint32_t tjob__file_header_buckets(uint64_t capacity);

/* Returns the format of a file with this identity: FILE_FORMAT or FILE_FORMAT_1. */
uint32_t tjob__file_identity_format(const struct file_identity *identity);

/*
 * Returns a base above all versions and incarnations that another store may have given since it gave `highest`, by the
 * rule of tjob_file_store_restore; FILE_SEQUENCE_MAX if there is none. now_ms is at most TJOB_FILE_STORE_NOW_MS_MAX.
 */
uint64_t tjob__file_header_raise(uint64_t highest, uint64_t now_ms);

/*
 * Returns a sequence for a bucket that is given up, above all that the bucket may have given, of which `highest` is
 * the highest that the bucket or the base of the file still shows; FILE_SEQUENCE_MAX if there is none. now_ms is at
 * most TJOB_FILE_STORE_NOW_MS_MAX.
 */
uint64_t tjob__file_header_lift(uint64_t highest, uint64_t now_ms);

/* Return the offset where the buckets of a file begin, and the offset where the file ends. */
uint64_t tjob__file_header_begin(const struct file_header *header);
uint64_t tjob__file_header_end(const struct file_header *header);

/* Returns the size in bytes of a bucket in a store, or in a backup. */
uint32_t tjob__file_header_bucket_bytes(bool is_backup);

/* Return the size in bytes of a file of FILE_FORMAT with so many buckets, and the offset of one of them. */
uint64_t tjob__file_header_file_bytes(uint32_t buckets);
uint64_t tjob__file_header_bucket_offset(uint32_t buckets, uint32_t bucket);

/* Reads the header at an offset: 0, or FILE_HEADER_COPY_OFFSET. A file that is too short is TJOB_FILE_NOT_A_STORE. */
tjob_file_problem tjob__file_header_read(const struct tjob_disk *disk, int file, uint64_t offset,
                                         struct file_header *header);

/*
 * Reads the header, or its copy if the header itself is damaged or not readable. If both are valid, they are the same:
 * otherwise one of them belongs to another file, and the result is TJOB_FILE_DAMAGED.
 */
tjob_file_problem tjob__file_header_read_either(const struct tjob_disk *disk, int file, struct file_header *header);

/*
 * Checks that the header at an offset can be read and is the given one. Returns TJOB_FILE_DAMAGED if it is not, or the
 * problem of the disk.
 */
tjob_file_problem tjob__file_header_check(const struct tjob_disk *disk, int file, uint64_t offset,
                                          const struct file_header *header);

/* Writes the header at an offset, without making it durable. */
tjob_file_problem tjob__file_header_write(const struct tjob_disk *disk, int file, uint64_t offset,
                                          const struct file_header *header);

/*
 * Writes a header that is damaged, durably. If that fails, it may be whole in memory alone: it is damaged again, so
 * that nobody takes it for durable. Returns TJOB_FILE_OK, or the problem of the disk.
 */
tjob_file_problem tjob__file_header_repair(const struct tjob_disk *disk, int file, uint64_t offset,
                                           const struct file_header *header);

/*
 * Writes the header and its copy, whatever is there: what looks right may be so in memory alone, after a sync that
 * failed. Between the two it syncs the file, so that a power cut spares one; one that is wrong comes first. Returns
 * TJOB_FILE_OK if both are durable, or the problem of the disk.
 */
tjob_file_problem tjob__file_header_renew(const struct tjob_disk *disk, int file, const struct file_header *header);

void tjob__file_header_encode(const struct file_header *header, unsigned char bytes[FILE_HEADER_BYTES]);

/*
 * Returns TJOB_FILE_OK and a valid header, of FILE_FORMAT or FILE_FORMAT_1; or TJOB_FILE_NOT_A_STORE,
 * TJOB_FILE_OTHER_FORMAT, TJOB_FILE_DAMAGED.
 */
tjob_file_problem tjob__file_header_decode(const unsigned char bytes[FILE_HEADER_BYTES], struct file_header *header);

/*
 * Encode and decode the state of a file with this header. The decoded state is FILE_NEW if the checksum of the bytes
 * is invalid.
 */
void tjob__file_state_encode(const struct file_header *header, enum file_state state,
                             unsigned char bytes[FILE_STATE_BYTES]);
enum file_state tjob__file_state_decode(const struct file_header *header, const unsigned char bytes[FILE_STATE_BYTES]);

/* Return the offset of a bucket's entry in the register, and the bytes of the entry once the bucket has held a job. */
uint64_t tjob__file_entry_offset(uint32_t bucket);
void tjob__file_entry_encode(const struct file_identity *identity, uint32_t bucket,
                             unsigned char bytes[FILE_ENTRY_BYTES]);

/* Returns whether the bytes of an entry say that the bucket has held a job. */
bool tjob__file_entry_is_used(const struct file_identity *identity, uint32_t bucket,
                              const unsigned char bytes[FILE_ENTRY_BYTES]);

/*
 * The progress of a bucket in a file of FILE_FORMAT with so many buckets: its offset; its bytes for a sequence, not 0,
 * that the bucket has durably reached; and the sequence in some bytes, 0 if their checksum is invalid.
 */
uint64_t tjob__file_progress_offset(uint32_t buckets, uint32_t bucket);
void tjob__file_progress_encode(const struct file_identity *identity, uint32_t bucket, uint64_t sequence,
                                unsigned char bytes[FILE_PROGRESS_BYTES]);
uint64_t tjob__file_progress_decode(const struct file_identity *identity, uint32_t bucket,
                                    const unsigned char bytes[FILE_PROGRESS_BYTES]);

/* Returns the two buckets of a name, which are always different. The file is of FILE_FORMAT. */
void tjob__file_header_buckets_of(const struct file_header *header, tjob_text arn, uint32_t buckets[2]);

/* Returns whether a bucket is one of the two of a name. */
bool tjob__file_header_has(const struct file_header *header, uint32_t bucket, tjob_text arn);

/*
 * Reads a slot in use of a valid page of a bucket. Returns false if its content is not allowed: an invalid record, or a
 * name that belongs elsewhere or is in an earlier slot, too. The file is of FILE_FORMAT.
 */
bool tjob__file_header_read_slot(const struct file_header *header, uint32_t bucket,
                                 const unsigned char page[FILE_PAGE_BYTES], uint32_t slot, struct file_record *record);

/* Returns whether the content of each slot in use is allowed. */
bool tjob__file_header_has_good_slots(const struct file_header *header, uint32_t bucket,
                                      const unsigned char page[FILE_PAGE_BYTES]);

#endif
