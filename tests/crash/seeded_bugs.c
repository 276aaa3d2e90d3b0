#include "crash/seeded_bugs.h"

#include <string.h>

#include "host/file_store/header.h"

bool sound_bucket_read(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);
bool sound_bucket_read_durable(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES]);
void sound_bucket_written(struct file_bucket *bucket, uint64_t sequence);
bool sound_bucket_is_fresh(const struct file_bucket *bucket);

/* The module with its own functions under other names, so that those below can take their place when it is linked. */
#define tjob__file_bucket_read sound_bucket_read
#define tjob__file_bucket_read_durable sound_bucket_read_durable
#define tjob__file_bucket_written sound_bucket_written
#define tjob__file_bucket_is_fresh sound_bucket_is_fresh
#include "../../src/host/file_store/bucket.c" /* NOLINT: once more, with the bugs */
#undef tjob__file_bucket_read
#undef tjob__file_bucket_read_durable
#undef tjob__file_bucket_written
#undef tjob__file_bucket_is_fresh

static const char *const names[CRASH_BUG_COUNT] = {
    [CRASH_BUG_NONE] = "none",
    [CRASH_BUG_CHANGES_NOT_SYNCED] = "changes-not-synced",
    [CRASH_BUG_ALLOCATION_NOT_SYNCED] = "allocation-not-synced",
    [CRASH_BUG_FOLDER_NOT_SYNCED] = "folder-not-synced",
    [CRASH_BUG_NEWEST_OVERWRITTEN] = "newest-overwritten",
    [CRASH_BUG_UNMARKED_IS_REPORTED] = "unmarked-is-reported",
    [CRASH_BUG_UNMARKED_IN_PLACE] = "unmarked-in-place",
    [CRASH_BUG_COPY_OVER_THE_OLDEST] = "copy-over-the-oldest",
    [CRASH_BUG_MARK_IN_NEWEST] = "mark-in-newest",
    [CRASH_BUG_REGISTERED_EARLY] = "registered-early",
    [CRASH_BUG_PROGRESS_EARLY] = "progress-early",
    [CRASH_BUG_PAGES_SHARE_BLOCKS] = "pages-share-blocks",
};

static enum crash_bug seeded;

const char *seeded_bug_name(enum crash_bug bug)
{
    return names[bug];
}

enum crash_bug seeded_bug_of(const char *name)
{
    int bug = 0;
    while (bug < CRASH_BUG_COUNT && strcmp(names[bug], name) != 0) {
        bug++;
    }
    return (enum crash_bug)bug;
}

void seeded_bug_set(enum crash_bug bug)
{
    seeded = bug;
}

/* ---- In the bucket --------------------------------------------------------------------------------------------- */

bool tjob__file_bucket_read(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES])
{
    if (!sound_bucket_read(bucket, pages)) {
        return false;
    }
    if (seeded == CRASH_BUG_NEWEST_OVERWRITTEN || (seeded == CRASH_BUG_UNMARKED_IN_PLACE && !bucket->durable)) {
        bucket->overwritten = bucket->newest;
    }
    if (seeded == CRASH_BUG_COPY_OVER_THE_OLDEST && bucket->overwritten == bucket->newest) {
        bucket->overwritten = 0 + 1 + 2 - bucket->newest - bucket->second;
    }
    bucket->durable = bucket->durable || seeded == CRASH_BUG_UNMARKED_IS_REPORTED;
    return true;
}

bool tjob__file_bucket_read_durable(struct file_bucket *bucket, const unsigned char pages[FILE_BUCKET_BYTES])
{
    /* Else the seeded bugs above would not meet the usual case. */
    return seeded == CRASH_BUG_NONE && sound_bucket_read_durable(bucket, pages);
}

void tjob__file_bucket_written(struct file_bucket *bucket, uint64_t sequence)
{
    sound_bucket_written(bucket, sequence);
    if (seeded == CRASH_BUG_MARK_IN_NEWEST) {
        bucket->second = bucket->newest;
    }
}

bool tjob__file_bucket_is_fresh(const struct file_bucket *bucket)
{
    return seeded != CRASH_BUG_REGISTERED_EARLY && sound_bucket_is_fresh(bucket);
}

/* ---- In the disk ----------------------------------------------------------------------------------------------- */

void seeded_bug_in_disk(struct sim_disk *disk)
{
    disk->shift = seeded == CRASH_BUG_PAGES_SHARE_BLOCKS ? SIM_SECTOR_BYTES : 0;
}

static struct tjob_disk sound_table;

/* Whether the latest write of a page is of one in which no job has ever been: that is how room is taken for it. */
static bool allocates(const struct sim_disk *disk)
{
    for (unsigned i = disk->write_count; i-- != 0;) {
        const struct sim_write *write = &disk->writes[i];
        if (write->count == FILE_PAGE_BYTES) {
            return tjob__file_page_count(write->bytes) == 0 && tjob__file_page_absence(write->bytes) == 0;
        }
    }
    return false;
}

static int sync_some(void *context, int file)
{
    const struct sim_process *process = context;
    const bool skipped = allocates(process->disk) == (seeded == CRASH_BUG_ALLOCATION_NOT_SYNCED);
    return skipped ? 0 : sound_table.sync(context, file);
}

static int sync_some_ranges(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    const struct sim_process *process = context;
    const bool skipped = allocates(process->disk) == (seeded == CRASH_BUG_ALLOCATION_NOT_SYNCED);
    return skipped ? 0 : sound_table.sync_range(context, file, offset, bytes, count);
}

/* Before a page of a bucket, its progress, for which a file with a header must be there already. */
static int64_t write_progress_first(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    unsigned char header_bytes[FILE_HEADER_BYTES];
    unsigned char progress[FILE_PROGRESS_BYTES];
    struct file_header header;
    if (count == FILE_PAGE_BYTES && sound_table.read(context, file, 0, header_bytes, sizeof header_bytes) > 0 &&
        tjob__file_header_decode(header_bytes, &header) == TJOB_FILE_OK) {
        const uint32_t bucket = (uint32_t)((offset - tjob__file_header_begin(&header)) / FILE_BUCKET_BYTES);
        tjob__file_progress_encode(&header.identity, bucket, tjob__file_page_sequence(bytes), progress);
        (void)sound_table.write(context, file, tjob__file_progress_offset(header.buckets, bucket), progress,
                                sizeof progress);
    }
    return sound_table.write(context, file, offset, bytes, count);
}

static int sync_no_folder(void *context, const char *path, int file)
{
    (void)context, (void)path, (void)file;
    return 0;
}

void seeded_bug_in_process(struct sim_process *process)
{
    sound_table = process->table;
    if (seeded == CRASH_BUG_CHANGES_NOT_SYNCED || seeded == CRASH_BUG_ALLOCATION_NOT_SYNCED) {
        process->table.sync = sync_some;
        process->table.sync_range = sync_some_ranges;
    }
    if (seeded == CRASH_BUG_PROGRESS_EARLY) {
        process->table.write = write_progress_first;
    }
    if (seeded == CRASH_BUG_FOLDER_NOT_SYNCED) {
        process->table.sync_folder = sync_no_folder;
    }
}
