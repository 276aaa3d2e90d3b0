/*
 * What stands before the buckets of a file store: its header; in a page of its own, what state the file is in; the
 * register, which tells the buckets that have held a job, so that none of them can be taken for one that was never
 * used; and how far each bucket has come, so that it cannot be taken for what it was before.
 *
 *   0     8  "tjobfile" 8     4  CRC-32C of bytes 12 to 43; this, what stands before, and the number of the format are
 *         the same in all formats 12    4  number of the format: 2 16    4  buckets 20    8  capacity in jobs 28   16
 *         identity of the file, random: key of the hash, and part of every check 44    8  version below which no change
 *         of this file may fall 52    4  CRC-32C of bytes 12 to 51 56       0, to the end of the page 4096  4  state of
 *         the file: 0 = new, 1 = current, 2 = superseded, 3 = growing 4100  4  CRC-32C of the header's bytes 12 to 51
 *         and of the state 4104     0, to the end of the first FILE_BUCKET_BYTES 12288 8 for each bucket: 0 = never
 *         used, else: 4  "used" 4  CRC-32C of the identity, of the bucket (4), and of the 4 bytes before 0, to a
 *         multiple of FILE_PAGE_BYTES, then 16 for each bucket: 0 = not known, else: 8  a sequence that the bucket has
 *         reached, durably 4  CRC-32C of the identity, of the bucket (4), and of the 8 bytes before 4  0 0, to a
 *         multiple of FILE_BUCKET_BYTES, where bucket 0 begins
 *
 * The two stand in blocks of their own. The first is written once for each bucket; the second with every change and
 * without a sync, so that a power cut may damage a block of it.
 *
 * Format 1 is read by a growth alone, which makes it one of format 2. It differs in four things: the identity has 8
 * bytes, so that the base follows at 36; there is no second check of the header, and the state's goes on from the
 * first; it does not tell how far a bucket has come; its hash was another.
 *
 * All numbers are little-endian.
 */
#ifndef TJOB_HOST_FILE_STORE_HEADER_H
#define TJOB_HOST_FILE_STORE_HEADER_H

#include "host/file_store/bucket.h"
#include "tjob/file_store.h"

enum {
    FILE_FORMAT = 2,
    FILE_HEADER_BYTES = 56,
    FILE_STATE_OFFSET = FILE_PAGE_BYTES,
    FILE_STATE_BYTES = 8,
    FILE_REGISTER_OFFSET = FILE_BUCKET_BYTES,
    FILE_ENTRY_BYTES = 8,
    FILE_PROGRESS_BYTES = 16,
    FILE_FORMAT_1 = 1
};

struct file_header {
    uint32_t buckets;
    uint64_t capacity;
    struct file_identity identity; /* its size tells the format */
    uint64_t base;                 /* the version of an absence where no removal tells another */
};

enum file_state {
    FILE_NEW = 0,    /* nobody knows yet whether it, and its name, survive a crash */
    FILE_CURRENT,    /* the store */
    FILE_SUPERSEDED, /* a larger one has taken, or is about to take, its place */
    FILE_GROWING,    /* the store, into which no call goes until whoever makes it grow has let the header go */
    FILE_STATE_COUNT
};

/* The header of an open store. */
struct file_header tjob__file_store_header(const tjob_file_store *store);

/* How many buckets a store of some capacity has: slots for twice as many jobs, and two buckets at least. */
uint32_t tjob__file_header_buckets(uint64_t capacity);

/* FILE_FORMAT or FILE_FORMAT_1. */
uint32_t tjob__file_identity_format(const struct file_identity *identity);

/* Where the buckets of a file begin, and where it ends. */
uint64_t tjob__file_header_begin(const struct file_header *header);
uint64_t tjob__file_header_end(const struct file_header *header);

/* The bytes of a file of FILE_FORMAT with so many buckets, and where one of them begins. */
uint64_t tjob__file_header_file_bytes(uint32_t buckets);
uint64_t tjob__file_header_bucket_offset(uint32_t buckets, uint32_t bucket);

void tjob__file_header_encode(const struct file_header *header, unsigned char bytes[FILE_HEADER_BYTES]);

/*
 * TJOB_FILE_OK and a header that can be, of FILE_FORMAT or FILE_FORMAT_1; or TJOB_FILE_NOT_A_STORE,
 * TJOB_FILE_OTHER_FORMAT, TJOB_FILE_DAMAGED.
 */
tjob_file_problem tjob__file_header_decode(const unsigned char bytes[FILE_HEADER_BYTES], struct file_header *header);

/* The state of a file with this header; FILE_NEW if what stands there bears no check that fits. */
void tjob__file_state_encode(const struct file_header *header, enum file_state state,
                             unsigned char bytes[FILE_STATE_BYTES]);
enum file_state tjob__file_state_decode(const struct file_header *header, const unsigned char bytes[FILE_STATE_BYTES]);

/* Where the entry of a bucket stands in the register, and what it is once the bucket has held a job. */
uint64_t tjob__file_entry_offset(uint32_t bucket);
void tjob__file_entry_encode(const struct file_identity *identity, uint32_t bucket,
                             unsigned char bytes[FILE_ENTRY_BYTES]);

/*
 * Where it stands how far a bucket of a file of FILE_FORMAT with so many buckets has come; what stands there once it
 * has durably reached a sequence, not 0; and the sequence that some bytes tell, 0 if their check does not fit.
 */
uint64_t tjob__file_progress_offset(uint32_t buckets, uint32_t bucket);
void tjob__file_progress_encode(const struct file_identity *identity, uint32_t bucket, uint64_t sequence,
                                unsigned char bytes[FILE_PROGRESS_BYTES]);
uint64_t tjob__file_progress_decode(const struct file_identity *identity, uint32_t bucket,
                                    const unsigned char bytes[FILE_PROGRESS_BYTES]);

/* The two buckets of a name, which are never one and the same. The file is of FILE_FORMAT. */
void tjob__file_header_buckets_of(const struct file_header *header, tjob_text arn, uint32_t buckets[2]);

/* Whether a bucket is one of the two of a name. */
bool tjob__file_header_has(const struct file_header *header, uint32_t bucket, tjob_text arn);

#endif
