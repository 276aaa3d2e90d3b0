/*
 * A bucket of a file store: three pages, of which the valid one with the highest sequence is what the bucket holds.
 *
 * A change is written to the page that is needed least, and made durable; then a mark in another page says so, which
 * itself need not be durable. So whatever becomes of the page under the pen, and of the page with the mark, there is
 * always one that holds what was acknowledged. docs/storage.md has the proof.
 */
#ifndef TJOB_HOST_FILE_STORE_BUCKET_H
#define TJOB_HOST_FILE_STORE_BUCKET_H

#include "host/file_store/page.h"

enum { FILE_BUCKET_PAGES = 3, FILE_BUCKET_BYTES = FILE_BUCKET_PAGES * FILE_PAGE_BYTES };

/* A bucket as a reading of its pages found it. */
struct file_bucket {
    struct file_identity file;
    uint32_t index;
    uint32_t newest;                     /* the page that holds the content */
    uint32_t second;                     /* another page: where the mark for the newest belongs */
    uint32_t overwritten;                /* the page to which the next content is written */
    bool settled;                        /* the content is known to be durable */
    bool broken[FILE_BUCKET_PAGES];      /* neither blank nor with a check that fits */
    bool blank[FILE_BUCKET_PAGES];       /* all 0, perhaps a hole in the file */
    uint64_t sequence;                   /* of the newest page, 0 if the bucket could not be read */
    unsigned char page[FILE_PAGE_BYTES]; /* a copy of the newest page */
};

/* Where page `page` of a bucket belongs. */
struct file_place tjob__file_bucket_place(const struct file_bucket *bucket, uint32_t page);

/*
 * Reads a bucket, whose `file` and `index` are set, from its three pages, and fills the rest. False if no crash leaves
 * them so: what was durable is lost, or two pages claim to be the newest. Then `broken` and `blank` alone are filled,
 * and `sequence` is 0.
 */
bool tjob__file_bucket_read(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);

/*
 * The same in the usual case, with the check of one page instead of three: the page that claims to be the newest is
 * valid, and marked. Then the others are not needed, whatever they are, and `broken` is not filled. False if it is
 * another case.
 */
bool tjob__file_bucket_read_durable(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);

/*
 * Takes note that the newest page is durable, which its mark does not tell: then it is not the one to be written over.
 */
void tjob__file_bucket_make_durable(struct file_bucket *bucket);

/* Whether no job has ever been in a bucket. */
bool tjob__file_bucket_is_fresh(const struct file_bucket *bucket);

/*
 * Whether a settled bucket, in which no job has ever been, has a page besides the victim that was never written and may
 * have no room on the disk. Once there has been a job, all pages have room.
 */
bool tjob__file_bucket_lacks_room(const struct file_bucket *bucket);

/* Takes note that `page`, sealed with `sequence`, was written to the victim and is durable. */
void tjob__file_bucket_written(struct file_bucket *bucket, uint64_t sequence);

#endif
