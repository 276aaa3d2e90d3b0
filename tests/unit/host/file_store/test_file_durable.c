/* Every combination of three pages and their marks: where the short read of a bucket says yes, the long one agrees.
 */
#include <string.h>

#include "host/file_store/bucket.h"
#include "support/jobs.h"
#include "support/identity.h"
#include "support/suite.h"

/* What a page can be: blank, a table of some sequence, or one whose check does not fit. */
static const struct {
    uint64_t sequence;
    bool broken;
} kinds[] = {{0, false}, {5, false}, {6, false}, {7, false}, {6, true}, {7, true}, {8, true}};

static const uint64_t marks[] = {0, 5, 6, 7, 8};

enum { KINDS = sizeof kinds / sizeof kinds[0], MARKS = sizeof marks / sizeof marks[0], SEED = 3, INDEX = 4 };

static void make_page(unsigned char page[FILE_PAGE_BYTES], uint32_t number, int kind, int mark)
{
    const struct file_place place = {identity_of(SEED), INDEX, number};
    memset(page, 0, FILE_PAGE_BYTES);
    if (kinds[kind].sequence != 0) {
        const tjob_job job = sample_job(TJOB_TRAINING);
        tjob__file_page_put(page, 0, sample_arn, number + 1, &job);
        tjob__file_page_seal(page, &place, kinds[kind].sequence);
        page[40] ^= kinds[kind].broken ? 0xff : 0;
    }
    if (marks[mark] != 0) {
        tjob__file_mark_write(page + FILE_MARK_OFFSET, &place, marks[mark]);
    }
}

static void check(const unsigned char pages[FILE_BUCKET_BYTES], bool any_broken)
{
    struct file_bucket bucket;
    memset(&bucket, 1, sizeof bucket); /* whatever an earlier reading has left */
    bucket.file = identity_of(SEED);
    bucket.index = INDEX;
    struct file_bucket wanted = bucket;
    const bool durable = tjob__file_bucket_read_durable(&bucket, pages);
    const bool possible = tjob__file_bucket_read(&wanted, pages);
    if (!durable) {
        EXPECT(any_broken || !possible || !wanted.durable || wanted.sequence == 0);
        return;
    }
    EXPECT(possible && wanted.durable && bucket.durable);
    EXPECT(bucket.newest == wanted.newest && bucket.sequence == wanted.sequence);
    EXPECT(memcmp(bucket.page, wanted.page, sizeof bucket.page) == 0);
    EXPECT(memcmp(bucket.blank, wanted.blank, sizeof bucket.blank) == 0);
    EXPECT(bucket.newest + bucket.second + bucket.overwritten == 0 + 1 + 2);
    EXPECT(bucket.newest != bucket.second && bucket.newest != bucket.overwritten);
    EXPECT(any_broken || (bucket.overwritten == wanted.overwritten && bucket.second == wanted.second));
}

START_TEST(the_short_read_agrees_with_the_long_one)
{
    static unsigned char pages[FILE_BUCKET_BYTES];
    for (int i = 0; i < KINDS * KINDS * KINDS; i++) {
        const int kind[] = {i % KINDS, i / KINDS % KINDS, i / KINDS / KINDS};
        for (int m = 0; m < MARKS * MARKS * MARKS; m++) {
            const int mark[] = {m % MARKS, m / MARKS % MARKS, m / MARKS / MARKS};
            bool any_broken = false;
            for (uint32_t page = 0; page < FILE_BUCKET_PAGES; page++) {
                make_page(pages + page * FILE_PAGE_BYTES, page, kind[page], mark[page]);
                any_broken = any_broken || kinds[kind[page]].broken;
            }
            check(pages, any_broken);
        }
    }
}
END_TEST

RUN_TESTS("file_durable", {the_short_read_agrees_with_the_long_one, 0})
