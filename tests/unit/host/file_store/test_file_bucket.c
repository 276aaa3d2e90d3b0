/*
 * Every combination of three pages and their marks: what the bucket holds, whether it is known to be durable, and which
 * page is written next.
 */
#include <string.h>

#include "host/file_store/bucket.h"
#include "support/jobs.h"
#include "support/identity.h"
#include "support/suite.h"

/* What a page can be. All valid ones say something of their own, but that SAME says what PLAIN does. */
enum kind { BLANK, BROKEN, PLAIN_5, PLAIN_6, OTHER_6, OTHER_7, SAME_7, KINDS };

/* What the mark of a page can be. */
static const uint64_t marks[] = {0, 5, 6, 7, 8};

enum { MARKS = sizeof marks / sizeof marks[0], SEED = 3, INDEX = 4 };

static uint64_t sequence_of(enum kind kind)
{
    static const uint64_t sequences[KINDS] = {0, 0, 5, 6, 6, 7, 7};
    return sequences[kind];
}

/* What a page says, as a number. */
static int content_of(enum kind kind)
{
    static const int contents[KINDS] = {0, -1, 1, 1, 2, 3, 1};
    return contents[kind];
}

static void make_page(unsigned char page[FILE_PAGE_BYTES], uint32_t number, enum kind kind, uint64_t mark)
{
    const struct file_place place = {identity_of(SEED), INDEX, number};
    memset(page, 0, FILE_PAGE_BYTES);
    if (content_of(kind) > 0) {
        tjob_job job = sample_job(TJOB_TRAINING);
        job.host_code = (uint32_t)content_of(kind);
        tjob__file_page_put(page, 0, sample_arn, 1, &job);
        tjob__file_page_seal(page, &place, sequence_of(kind));
    }
    if (kind == BROKEN) {
        page[8] = 8; /* its sequence, were it to be believed */
    }
    if (mark != 0) {
        tjob__file_mark_write(page + FILE_MARK_OFFSET, &place, mark);
    }
}

/* ---- What is right, in words ----------------------------------------------------------------------------------- */

struct expected {
    bool possible;
    uint64_t sequence;
    bool durable;
    bool victims[FILE_BUCKET_PAGES]; /* any of these will do */
};

static bool is_newest(const enum kind kinds[FILE_BUCKET_PAGES], int page)
{
    for (int i = 0; i < FILE_BUCKET_PAGES; i++) {
        if (kinds[i] != BROKEN && sequence_of(kinds[i]) > sequence_of(kinds[page])) {
            return false;
        }
    }
    return kinds[page] != BROKEN;
}

static int count_of(const enum kind kinds[FILE_BUCKET_PAGES], enum kind kind)
{
    return (kinds[0] == kind) + (kinds[1] == kind) + (kinds[2] == kind);
}

/* Whether some page but the newest is the same as it, and the third is older. */
static bool is_copied(const enum kind kinds[FILE_BUCKET_PAGES], int newest)
{
    for (int i = 0; i < FILE_BUCKET_PAGES; i++) {
        const int third = FILE_BUCKET_PAGES - newest - i;
        if (i != newest && content_of(kinds[i]) == content_of(kinds[newest]) &&
            sequence_of(kinds[i]) >= sequence_of(kinds[third])) {
            return true;
        }
    }
    return false;
}

/* Whether the two other pages have one and the same sequence, which no two pages that are written have. */
static bool is_tied(const enum kind kinds[FILE_BUCKET_PAGES], int newest)
{
    const int next = (newest + 1) % FILE_BUCKET_PAGES;
    return sequence_of(kinds[next]) == sequence_of(kinds[FILE_BUCKET_PAGES - newest - next]);
}

static struct expected expect(const enum kind kinds[FILE_BUCKET_PAGES], uint64_t highest_mark)
{
    struct expected expected = {.possible = false};
    int newest = -1;
    int claims = 0;
    for (int i = 0; i < FILE_BUCKET_PAGES; i++) {
        newest = is_newest(kinds, i) ? i : newest;
        claims += is_newest(kinds, i);
    }
    if (newest < 0 || (claims > 1 && kinds[newest] != BLANK) || highest_mark > sequence_of(kinds[newest])) {
        return expected;
    }
    expected.possible = true;
    expected.sequence = sequence_of(kinds[newest]);
    expected.durable = highest_mark == expected.sequence;
    const bool any_broken = count_of(kinds, BROKEN) != 0;
    const bool is_copy = !any_broken && !expected.durable && is_copied(kinds, newest);
    for (int i = 0; i < FILE_BUCKET_PAGES; i++) {
        const int other = FILE_BUCKET_PAGES - newest - i;
        const bool oldest = i != newest && sequence_of(kinds[i]) <= sequence_of(kinds[other]);
        expected.victims[i] = any_broken ? kinds[i] == BROKEN : is_copy ? i == newest : oldest;
    }
    if (claims == FILE_BUCKET_PAGES || (is_copy && is_tied(kinds, newest))) {
        /* A bucket that was never used. Or no write has left it so: then it does not count which of the two is the
         * older. */
        expected.victims[0] = expected.victims[1] = expected.victims[2] = true;
    }
    return expected;
}

/* ---- The table ------------------------------------------------------------------------------------------------- */

static void check_written(struct file_bucket *bucket)
{
    const uint32_t overwritten = bucket->overwritten;
    const uint32_t newest = bucket->newest;
    tjob__file_bucket_written(bucket, 50);
    EXPECT(bucket->newest == overwritten && bucket->sequence == 50 && bucket->durable);
    EXPECT(overwritten == newest || bucket->second == newest);
    EXPECT(bucket->overwritten < FILE_BUCKET_PAGES);
    EXPECT(bucket->second != overwritten && bucket->overwritten != overwritten &&
           bucket->overwritten != bucket->second);
}

/* Reading in the usual case is reading, where the newest page is marked and no broken one claims to be newer. */
static void check_usual(const struct file_bucket *read, const unsigned char pages[FILE_BUCKET_BYTES],
                        const enum kind kinds[FILE_BUCKET_PAGES], const struct expected *expected)
{
    struct file_bucket usual = {.file = identity_of(SEED), .index = INDEX};
    const bool is_usual =
        expected->possible && expected->durable && expected->sequence != 0 && count_of(kinds, BROKEN) == 0;
    EXPECT(tjob__file_bucket_read_durable(&usual, pages) == is_usual);
    if (is_usual) {
        EXPECT(usual.durable && usual.sequence == expected->sequence && usual.newest == read->newest);
        EXPECT(usual.second != usual.newest && expected->victims[usual.overwritten] &&
               usual.overwritten != usual.second);
        EXPECT(memcmp(usual.page, read->page, FILE_PAGE_BYTES) == 0);
    }
}

static void check(const unsigned char pages[FILE_BUCKET_BYTES], const enum kind kinds[FILE_BUCKET_PAGES],
                  uint64_t highest_mark)
{
    const struct expected expected = expect(kinds, highest_mark);
    struct file_bucket bucket = {.file = identity_of(SEED), .index = INDEX};
    EXPECT(tjob__file_bucket_read(&bucket, pages) == expected.possible);
    for (int i = 0; i < FILE_BUCKET_PAGES; i++) {
        EXPECT(bucket.broken[i] == (kinds[i] == BROKEN) && bucket.blank[i] == (kinds[i] == BLANK));
    }
    check_usual(&bucket, pages, kinds, &expected);
    if (!expected.possible) {
        return;
    }
    EXPECT(bucket.sequence == expected.sequence && bucket.durable == expected.durable);
    EXPECT(expected.victims[bucket.overwritten]);
    EXPECT(is_newest(kinds, (int)bucket.newest) && bucket.second != bucket.newest);
    EXPECT(bucket.durable ? bucket.overwritten != bucket.newest && bucket.overwritten != bucket.second : true);
    EXPECT(memcmp(bucket.page, pages + (size_t)bucket.newest * FILE_PAGE_BYTES, FILE_PAGE_BYTES) == 0);
    check_written(&bucket);
}

START_TEST(every_combination_of_pages_and_marks_is_read_by_the_rules)
{
    static unsigned char pages[FILE_BUCKET_BYTES];
    for (int i = 0; i < KINDS * KINDS * KINDS; i++) {
        const enum kind kinds[] = {(enum kind)(i % KINDS), (enum kind)(i / KINDS % KINDS),
                                   (enum kind)(i / KINDS / KINDS)};
        for (int m = 0; m < MARKS * MARKS * MARKS; m++) {
            const uint64_t in_pages[] = {marks[m % MARKS], marks[m / MARKS % MARKS], marks[m / MARKS / MARKS]};
            uint64_t highest = 0;
            for (uint32_t page = 0; page < FILE_BUCKET_PAGES; page++) {
                make_page(pages + page * FILE_PAGE_BYTES, page, kinds[page], in_pages[page]);
                highest = in_pages[page] > highest ? in_pages[page] : highest;
            }
            check(pages, kinds, highest);
        }
    }
}
END_TEST

/* Which pages are blank, and whether the newest one holds a job, or records a removal. */
START_TEST(a_bucket_lacks_room_until_there_was_a_job)
{
    for (int i = 0; i < 32; i++) {
        struct file_bucket bucket = {.newest = 1, .second = 2, .overwritten = 0, .durable = true};
        const tjob_job job = sample_job(TJOB_TRAINING);
        bucket.blank[0] = (i & 1) != 0;
        bucket.blank[1] = (i & 2) != 0;
        bucket.blank[2] = (i & 4) != 0;
        if ((i & 24) != 0) {
            tjob__file_page_put(bucket.page, 0, sample_arn, 1, &job);
        }
        if ((i & 16) != 0) {
            tjob__file_page_remove(bucket.page, 0, 2);
        }
        if ((i & 24) == 24) {
            tjob__file_page_put(bucket.page, 0, sample_arn, 3, &job);
        }
        EXPECT(tjob__file_bucket_lacks_room(&bucket) == ((i & 24) == 0 && (bucket.blank[1] || bucket.blank[2])));
    }
}
END_TEST

/* Even if nothing was written but copies of nothing. */
START_TEST(a_bucket_has_room_when_all_its_pages_were_written)
{
    struct file_bucket bucket = {.newest = 0, .second = 1, .overwritten = 2, .blank = {true, true, true}};
    tjob__file_bucket_written(&bucket, 1);
    ck_assert(tjob__file_bucket_lacks_room(&bucket));
    tjob__file_bucket_written(&bucket, 2);
    ck_assert(!tjob__file_bucket_lacks_room(&bucket));
}
END_TEST

START_TEST(pages_of_another_place_are_broken)
{
    static unsigned char pages[FILE_BUCKET_BYTES];
    struct file_bucket bucket = {.file = identity_of(SEED), .index = INDEX};
    for (uint32_t page = 0; page < FILE_BUCKET_PAGES; page++) {
        make_page(pages + page * FILE_PAGE_BYTES, (page + 1) % FILE_BUCKET_PAGES, (enum kind)(PLAIN_5 + page), 0);
    }
    ck_assert(!tjob__file_bucket_read(&bucket, pages));
    ck_assert(bucket.broken[0] && bucket.broken[1] && bucket.broken[2]);
}
END_TEST

RUN_TESTS("file_bucket", {every_combination_of_pages_and_marks_is_read_by_the_rules, 0},
          {a_bucket_lacks_room_until_there_was_a_job, 0}, {a_bucket_has_room_when_all_its_pages_were_written, 0},
          {pages_of_another_place_are_broken, 0})
