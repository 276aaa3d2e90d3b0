/*
 * A bucket of a file store: three pages. The content of the bucket is the valid page with the highest sequence.
 *
 * A change is written to the page that is needed least, and made durable. Then a mark in another page records that the
 * page is durable; the mark itself need not be durable. So even if the page being written and the page with the mark
 * are damaged, another page holds what was acknowledged. docs/storage.md has the proof.
 */
#ifndef TJOB_HOST_FILE_STORE_BUCKET_H
#define TJOB_HOST_FILE_STORE_BUCKET_H

#include "host/file_store/page.h"

enum { FILE_BUCKET_PAGES = 3, FILE_BUCKET_BYTES = FILE_BUCKET_PAGES * FILE_PAGE_BYTES };

/* A bucket as it was read from its pages. */
struct file_bucket {
    struct file_identity file;
    uint32_t index;
    uint32_t newest;                     /* the page that holds the content */
    uint32_t second;                     /* another page: the mark for the newest page goes here */
    uint32_t overwritten;                /* the page to which the next content is written */
    bool durable;                        /* the content is known to be durable */
    bool broken[FILE_BUCKET_PAGES];      /* neither blank nor with a valid checksum */
    bool blank[FILE_BUCKET_PAGES];       /* all 0, perhaps a hole in the file */
    uint64_t sequence;                   /* of the newest page; 0 if the bucket is not readable */
    unsigned char page[FILE_PAGE_BYTES]; /* a copy of the newest page */
};

/* Returns the place of page `page` of a bucket. */
struct file_place tjob__file_bucket_place(const struct file_bucket *bucket, uint32_t page);

/*
 * Reads a bucket from its three pages. The caller sets `file` and `index`; the function fills the rest. Returns false
 * if no crash can have left the pages like this: what was durable is lost, or two pages claim to be the newest. Then it
 * fills only `broken` and `blank`, and sets `sequence` to 0.
 */
bool tjob__file_bucket_read(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);

/*
 * The same for the usual case, where it checks one page instead of three: the page that claims to be the newest is
 * valid and marked. Then the content of the other pages is not needed, and `broken` is not filled. Returns false in any
 * other case.
 */
bool tjob__file_bucket_read_durable(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);

/*
 * Records that the newest page is durable although it has no mark. Then the newest page is not the page to overwrite.
 */
void tjob__file_bucket_make_durable(struct file_bucket *bucket);

/* Returns whether a bucket has never held a job. */
bool tjob__file_bucket_is_fresh(const struct file_bucket *bucket);

/*
 * Returns whether a page other than the page to overwrite was never written, and so may have no room on the disk. The
 * bucket is durable and has never held a job. Once it has held a job, all pages have room.
 */
bool tjob__file_bucket_lacks_room(const struct file_bucket *bucket);

/* Records that `page`, sealed with `sequence`, was written over the page to overwrite, and is durable. */
void tjob__file_bucket_written(struct file_bucket *bucket, uint64_t sequence);

#endif
