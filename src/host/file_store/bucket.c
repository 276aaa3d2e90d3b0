#include "host/file_store/bucket.h"

#include <string.h>

struct file_place tjob__file_bucket_place(const struct file_bucket *bucket, uint32_t page)
{
    return (struct file_place){.file = bucket->file, .bucket = bucket->index, .page = page};
}

static const unsigned char *page_at(const unsigned char *pages, uint32_t page)
{
    return pages + (size_t)page * FILE_PAGE_BYTES;
}

/* Inspects each page, assumes that its checksum is valid, and returns the highest mark. */
static uint64_t file_bucket_scan(struct file_bucket *bucket, const unsigned char *pages)
{
    uint64_t highest = 0;
    for (uint32_t i = 0; i < FILE_BUCKET_PAGES; i++) {
        const struct file_place place = tjob__file_bucket_place(bucket, i);
        const uint64_t mark = tjob__file_mark_read(page_at(pages, i), &place);
        highest = mark > highest ? mark : highest;
        bucket->blank[i] = tjob__file_page_is_blank(page_at(pages, i));
        bucket->broken[i] = false;
    }
    return highest;
}

static bool is_valid(const struct file_bucket *bucket, const unsigned char *pages, uint32_t page)
{
    const struct file_place place = tjob__file_bucket_place(bucket, page);
    return tjob__file_page_is_valid(page_at(pages, page), &place);
}

/* Returns whether page `a` comes before page `b`: the unbroken pages come first, in order of decreasing sequence. */
static bool before(const struct file_bucket *bucket, const unsigned char *pages, uint32_t a, uint32_t b)
{
    if (bucket->broken[a] || bucket->broken[b]) {
        return !bucket->broken[a];
    }
    return tjob__file_page_sequence(page_at(pages, a)) > tjob__file_page_sequence(page_at(pages, b));
}

static void swap_if(bool wrong, uint32_t *a, uint32_t *b)
{
    const uint32_t kept = *a;
    *a = wrong ? *b : kept;
    *b = wrong ? kept : *b;
}

static void sort(const struct file_bucket *bucket, const unsigned char *pages, uint32_t order[FILE_BUCKET_PAGES])
{
    for (uint32_t i = 0; i < FILE_BUCKET_PAGES; i++) {
        order[i] = i;
    }
    swap_if(before(bucket, pages, order[1], order[0]), &order[0], &order[1]);
    swap_if(before(bucket, pages, order[2], order[1]), &order[1], &order[2]);
    swap_if(before(bucket, pages, order[1], order[0]), &order[0], &order[1]);
}

/*
 * Returns the page that is needed least. This is a broken page, if there is one. Otherwise it is the oldest page: the
 * content before the newest page is durable, because otherwise the newest would not have been written. There is one
 * exception. The newest page may be only a copy of the page before it, made because that page was perhaps not durable.
 * If the copy is perhaps not durable either, the oldest page may be the only durable one: then the copy is overwritten.
 */
static uint32_t page_to_overwrite(const struct file_bucket *bucket, const unsigned char *pages,
                                  const uint32_t order[FILE_BUCKET_PAGES])
{
    const bool is_copy = !bucket->durable && !bucket->broken[order[2]] &&
                         tjob__file_page_same(page_at(pages, order[0]), page_at(pages, order[1]));
    return order[is_copy ? 0 : 2];
}

/* Fills the fields that depend on the order of the pages. */
static void file_bucket_take(struct file_bucket *bucket, const unsigned char *pages,
                             const uint32_t order[FILE_BUCKET_PAGES], uint64_t mark)
{
    const unsigned char *newest = page_at(pages, order[0]);
    bucket->newest = order[0];
    bucket->second = order[1];
    bucket->overwritten = order[2];
    bucket->sequence = tjob__file_page_sequence(newest);
    bucket->durable = mark == bucket->sequence;
    memcpy(bucket->page, newest, FILE_PAGE_BYTES);
}

bool tjob__file_bucket_read_durable(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES])
{
    uint32_t order[FILE_BUCKET_PAGES];
    const uint64_t mark = file_bucket_scan(bucket, pages);
    sort(bucket, pages, order);
    if (mark != tjob__file_page_sequence(page_at(pages, order[0])) ||
        mark == tjob__file_page_sequence(page_at(pages, order[1])) || !is_valid(bucket, pages, order[0])) {
        return false;
    }
    file_bucket_take(bucket, pages, order, mark);
    return true;
}

bool tjob__file_bucket_read(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES])
{
    uint32_t order[FILE_BUCKET_PAGES];
    const uint64_t mark = file_bucket_scan(bucket, pages);
    for (uint32_t i = 0; i < FILE_BUCKET_PAGES; i++) {
        bucket->broken[i] = !is_valid(bucket, pages, i);
    }
    sort(bucket, pages, order);
    const uint64_t sequence = tjob__file_page_sequence(page_at(pages, order[0]));
    const bool twice =
        sequence != 0 && !bucket->broken[order[1]] && tjob__file_page_sequence(page_at(pages, order[1])) == sequence;
    if (bucket->broken[order[0]] || mark > sequence || twice) {
        bucket->sequence = 0;
        return false;
    }
    file_bucket_take(bucket, pages, order, mark);
    bucket->overwritten = page_to_overwrite(bucket, pages, order);
    return true;
}

/* Returns the page that is neither the newest nor the second. */
static uint32_t third_of(const struct file_bucket *bucket)
{
    return 0 + 1 + 2 - bucket->newest - bucket->second;
}

void tjob__file_bucket_make_durable(struct file_bucket *bucket)
{
    bucket->overwritten = third_of(bucket);
    bucket->durable = true;
}

void tjob__file_bucket_written(struct file_bucket *bucket, uint64_t sequence)
{
    bucket->blank[bucket->overwritten] = false;
    if (bucket->overwritten != bucket->newest) {
        bucket->second = bucket->newest;
        bucket->newest = bucket->overwritten;
    }
    bucket->sequence = sequence;
    tjob__file_bucket_make_durable(bucket);
}

bool tjob__file_bucket_is_fresh(const struct file_bucket *bucket)
{
    return tjob__file_page_count(bucket->page) == 0 && tjob__file_page_absence(bucket->page) == 0;
}

bool tjob__file_bucket_lacks_room(const struct file_bucket *bucket)
{
    return tjob__file_bucket_is_fresh(bucket) && (bucket->blank[bucket->newest] || bucket->blank[bucket->second]);
}
