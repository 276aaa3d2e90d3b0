/* Reads, writes, syncs and locks that go on where the system stops half-way, and give up in the end. */
#include <errno.h>
#include <string.h>

#include "host/file_store/disk.h"
#include "support/suite.h"

/* ---- A disk that answers by a script ------------------------------------------------------------------------------
 */

enum { STEPS_MAX = 8, BYTES = 10 };

static const uint32_t some_word = 0;

struct script {
    int64_t steps[STEPS_MAX]; /* what calls return, one after the other; the last one again and again */
    unsigned count;           /* steps */
    unsigned calls;
    unsigned char bytes[BYTES];
    uint64_t paused_us;
    uint32_t pauses[64];
    unsigned pause_count;
    unsigned unlocks;
};

static int64_t next_step(struct script *script)
{
    const unsigned step = script->calls < script->count ? script->calls : script->count - 1;
    script->calls++;
    return script->steps[step];
}

static int64_t scripted_read(void *context, int file, uint64_t offset, void *bytes, size_t count)
{
    struct script *script = context;
    const int64_t result = next_step(script);
    EXPECT(file == 3 && offset >= 100 && offset - 100 + count == BYTES);
    if (result > 0) {
        memcpy(bytes, &script->bytes[offset - 100], (size_t)result);
    }
    return result;
}

static int64_t scripted_write(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    struct script *script = context;
    const int64_t result = next_step(script);
    EXPECT(file == 3 && offset >= 100 && offset - 100 + count == BYTES);
    if (result > 0) {
        memcpy(&script->bytes[offset - 100], bytes, (size_t)result);
    }
    return result;
}

static int scripted_sync(void *context, int file)
{
    EXPECT(file == 3);
    return (int)next_step(context);
}

static int scripted_sync_range(void *context, int file, uint64_t offset, const void *bytes, size_t count)
{
    EXPECT(offset == 8 && memcmp(bytes, "abc", count) == 0 && count == 3);
    return scripted_sync(context, file);
}

static int scripted_sync_folder(void *context, const char *path, int file)
{
    EXPECT(strcmp(path, "path") == 0);
    return scripted_sync(context, file);
}

static int scripted_resize(void *context, int file, uint64_t bytes)
{
    EXPECT(bytes == BYTES);
    return scripted_sync(context, file);
}

static int scripted_inherit(void *context, int file, int from)
{
    EXPECT(from == 4);
    return scripted_sync(context, file);
}

static int scripted_open(void *context, const char *path, enum disk_opening opening)
{
    EXPECT(strcmp(path, "path") == 0 && opening == DISK_EXISTING);
    return (int)next_step(context);
}

static int scripted_lock(void *context, int file, enum disk_lock lock, uint64_t offset, uint64_t bytes)
{
    struct script *script = context;
    EXPECT(file == 3 && offset == 100 && bytes == BYTES);
    if (lock == DISK_UNLOCK) {
        script->unlocks++;
        return 0;
    }
    return (int)next_step(script);
}

static uint64_t scripted_clock_us(void *context)
{
    return 1 + ((struct script *)context)->paused_us;
}

static void scripted_sleep(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    struct script *script = context;
    EXPECT(word == NULL || (word == &some_word && mask == 4));
    if (script->pause_count < sizeof script->pauses / sizeof script->pauses[0]) {
        script->pauses[script->pause_count++] = microseconds;
    }
    script->paused_us += microseconds;
}

static struct tjob_disk disk_of(struct script *script)
{
    return (struct tjob_disk){.context = script,
                              .open = scripted_open,
                              .read = scripted_read,
                              .write = scripted_write,
                              .sync = scripted_sync,
                              .sync_range = scripted_sync_range,
                              .sync_folder = scripted_sync_folder,
                              .resize = scripted_resize,
                              .inherit = scripted_inherit,
                              .lock = scripted_lock,
                              .clock_us = scripted_clock_us,
                              .sleep = scripted_sleep};
}

/* ---- Errors -------------------------------------------------------------------------------------------------------
 */

START_TEST(every_error_is_a_problem)
{
    static const struct {
        int64_t result;
        tjob_file_problem problem;
    } cases[] = {
        {0, TJOB_FILE_OK},
        {1, TJOB_FILE_OK},
        {INT64_MAX, TJOB_FILE_OK},
        {ENOENT, TJOB_FILE_OK}, /* a count */
        {-ENOENT, TJOB_FILE_MISSING},
        {-ENOTDIR, TJOB_FILE_MISSING},
        {-EEXIST, TJOB_FILE_EXISTS},
        {-EACCES, TJOB_FILE_NO_PERMISSION},
        {-EPERM, TJOB_FILE_NO_PERMISSION},
        {-EROFS, TJOB_FILE_NO_PERMISSION},
        {-ENOSPC, TJOB_FILE_NO_SPACE},
        {-EDQUOT, TJOB_FILE_NO_SPACE},
        {-EFBIG, TJOB_FILE_UNSUPPORTED},
        {-EAGAIN, TJOB_FILE_BUSY},
        {-ENAMETOOLONG, TJOB_FILE_INVALID_PATH},
        {-EISDIR, TJOB_FILE_INVALID_PATH},
        {-ESPIPE, TJOB_FILE_NOT_A_STORE},
        {-EIO, TJOB_FILE_IO},
        {-EINTR, TJOB_FILE_IO},
        {-EBADF, TJOB_FILE_IO},
        {-EMFILE, TJOB_FILE_NO_RESOURCES},
        {-ENFILE, TJOB_FILE_NO_RESOURCES},
        {-ENOMEM, TJOB_FILE_NO_RESOURCES},
        {-ENOLCK, TJOB_FILE_NO_LOCKS},
        {-EBUSY, TJOB_FILE_IN_USE},
        {-ETXTBSY, TJOB_FILE_IN_USE},
        {-EINVAL, TJOB_FILE_UNSUPPORTED},
        {-ENOSYS, TJOB_FILE_UNSUPPORTED},
        {-EOPNOTSUPP, TJOB_FILE_UNSUPPORTED},
        {-ELOOP, TJOB_FILE_INVALID_PATH},
        {-ENXIO, TJOB_FILE_NOT_A_STORE},
        {-ENODEV, TJOB_FILE_NOT_A_STORE},
        {-ESTALE, TJOB_FILE_LINKED},
        {-EXDEV, TJOB_FILE_LINKED},
        {-EOVERFLOW, TJOB_FILE_UNSUPPORTED},
        {-ENOTEMPTY, TJOB_FILE_EXISTS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__disk_problem(cases[i].result), cases[i].problem);
    }
}
END_TEST

START_TEST(a_lock_that_the_file_system_does_not_know_is_said_to_be_missing)
{
    static const struct {
        int64_t result;
        tjob_file_problem problem;
    } cases[] = {
        {0, TJOB_FILE_OK},
        {-EINVAL, TJOB_FILE_NO_LOCKS},
        {-ENOSYS, TJOB_FILE_NO_LOCKS},
        {-EOPNOTSUPP, TJOB_FILE_NO_LOCKS},
        {-ENOLCK, TJOB_FILE_NO_LOCKS},
        {-EAGAIN, TJOB_FILE_BUSY},
        {-ENOMEM, TJOB_FILE_NO_RESOURCES},
        {-EBADF, TJOB_FILE_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__disk_lock_problem(cases[i].result), cases[i].problem);
    }
}
END_TEST

/* ---- Reads and writes ---------------------------------------------------------------------------------------------
 */

static const struct {
    struct script script;
    tjob_file_problem read;
    tjob_file_problem write;
    unsigned calls;
    bool begun;
} transfers[] = {
    {{.steps = {BYTES}, .count = 1}, TJOB_FILE_OK, TJOB_FILE_OK, 1, true},
    {{.steps = {1, 2, 3, 4}, .count = 4}, TJOB_FILE_OK, TJOB_FILE_OK, 4, true},
    {{.steps = {-EINTR, 9, -EINTR, 1}, .count = 4}, TJOB_FILE_OK, TJOB_FILE_OK, 4, true},
    {{.steps = {0}, .count = 1}, TJOB_FILE_TRUNCATED, TJOB_FILE_IO, 1, false},
    {{.steps = {9, 0}, .count = 2}, TJOB_FILE_TRUNCATED, TJOB_FILE_IO, 2, true},
    {{.steps = {-ENOSPC}, .count = 1}, TJOB_FILE_NO_SPACE, TJOB_FILE_NO_SPACE, 1, false},
    {{.steps = {4, -ENOSPC}, .count = 2}, TJOB_FILE_NO_SPACE, TJOB_FILE_NO_SPACE, 2, true},
    {{.steps = {-EIO}, .count = 1}, TJOB_FILE_IO, TJOB_FILE_IO, 1, true},
    {{.steps = {-EINTR}, .count = 1}, TJOB_FILE_IO, TJOB_FILE_IO, DISK_INTERRUPTIONS_MAX + 1, false},
    {{.steps = {5, -EINTR}, .count = 2}, TJOB_FILE_IO, TJOB_FILE_IO, DISK_INTERRUPTIONS_MAX + 2, true},
};

enum { TRANSFERS = sizeof transfers / sizeof transfers[0] };

START_TEST(a_read_goes_on_to_its_end_or_an_error)
{
    struct script script = transfers[_i].script;
    const struct tjob_disk disk = disk_of(&script);
    unsigned char bytes[BYTES] = {0};
    memcpy(script.bytes, "0123456789", BYTES);
    ck_assert_int_eq(tjob__disk_read(&disk, 3, 100, bytes, BYTES), transfers[_i].read);
    ck_assert_uint_eq(script.calls, transfers[_i].calls);
    ck_assert(transfers[_i].read != TJOB_FILE_OK || memcmp(bytes, "0123456789", BYTES) == 0);
}
END_TEST

START_TEST(a_write_goes_on_to_its_end_or_an_error)
{
    struct script script = transfers[_i].script;
    const struct tjob_disk disk = disk_of(&script);
    bool begun = !transfers[_i].begun;
    ck_assert_int_eq(tjob__disk_write(&disk, 3, 100, "0123456789", BYTES, &begun), transfers[_i].write);
    ck_assert_uint_eq(script.calls, transfers[_i].calls);
    ck_assert_int_eq(begun, transfers[_i].begun);
    ck_assert(transfers[_i].write != TJOB_FILE_OK || memcmp(script.bytes, "0123456789", BYTES) == 0);
}
END_TEST

START_TEST(nothing_is_read_and_written_without_a_call)
{
    struct script script = {.count = 1};
    const struct tjob_disk disk = disk_of(&script);
    bool begun = true;
    ck_assert_int_eq(tjob__disk_read(&disk, 3, 100, NULL, 0), TJOB_FILE_OK);
    ck_assert_int_eq(tjob__disk_write(&disk, 3, 100, NULL, 0, &begun), TJOB_FILE_OK);
    ck_assert(script.calls == 0 && !begun);
}
END_TEST

/* ---- Syncs and locks ----------------------------------------------------------------------------------------------
 */

/* What is done to a whole file, or to its folder: each once more, after it was interrupted. */
enum { INTERRUPTIBLE = 5 };

static tjob_file_problem do_interruptible(int which, const struct tjob_disk *disk)
{
    switch (which) {
    case 0:
        return tjob__disk_sync(disk, 3);
    case 1:
        return tjob__disk_sync_range(disk, 3, 8, "abc", 3);
    case 2:
        return tjob__disk_sync_name(disk, "path", 3);
    case 3:
        return tjob__disk_resize(disk, 3, BYTES);
    default:
        return tjob__disk_inherit(disk, 3, 4);
    }
}

START_TEST(what_is_interrupted_is_done_again)
{
    static const struct {
        struct script script;
        tjob_file_problem problem;
        unsigned calls;
    } cases[] = {
        {{.steps = {0}, .count = 1}, TJOB_FILE_OK, 1},
        {{.steps = {-EIO, 0}, .count = 2}, TJOB_FILE_IO, 1},
        {{.steps = {-EINTR, -EINTR, 0}, .count = 3}, TJOB_FILE_OK, 3},
        {{.steps = {-EINTR, -ENOSPC}, .count = 2}, TJOB_FILE_NO_SPACE, 2},
        {{.steps = {-EINTR}, .count = 1}, TJOB_FILE_IO, DISK_INTERRUPTIONS_MAX + 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script script = cases[i].script;
        const struct tjob_disk disk = disk_of(&script);
        ck_assert_int_eq(do_interruptible(_i, &disk), cases[i].problem);
        ck_assert_uint_eq(script.calls, cases[i].calls);
    }
}
END_TEST

/* Errors of a folder that is looked for by the path mean that the name is lost. */
START_TEST(a_name_that_is_lost_cannot_be_made_durable)
{
    static const struct {
        int result;
        tjob_file_problem problem;
    } cases[] = {
        {0, TJOB_FILE_OK},
        {-ENOENT, TJOB_FILE_SUPERSEDED},
        {-ENOTDIR, TJOB_FILE_SUPERSEDED},
        {-ELOOP, TJOB_FILE_SUPERSEDED},
        {-ESTALE, TJOB_FILE_LINKED},
        {-EACCES, TJOB_FILE_NO_PERMISSION},
        {-EIO, TJOB_FILE_IO},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script script = {.steps = {cases[i].result}, .count = 1};
        const struct tjob_disk disk = disk_of(&script);
        ck_assert_int_eq(tjob__disk_sync_name(&disk, "path", 3), cases[i].problem);
        ck_assert_uint_eq(script.calls, 1);
    }
}
END_TEST

static const struct disk_sleep nobody_wakes = {.word = NULL};

/* By the script's clock, which begins with 1. */
static uint64_t deadline_in(uint32_t wait_ms)
{
    return 1 + (uint64_t)wait_ms * 1000;
}

START_TEST(a_lock_is_waited_for)
{
    static const struct {
        struct script script;
        uint32_t wait_ms;
        tjob_file_problem problem;
        unsigned calls;
        uint64_t paused_us;
    } cases[] = {
        {{.steps = {0}, .count = 1}, 5, TJOB_FILE_OK, 1, 0},
        {{.steps = {-EBADF, 0}, .count = 2}, 5, TJOB_FILE_IO, 1, 0},
        {{.steps = {-EAGAIN, 0}, .count = 2}, 5, TJOB_FILE_OK, 2, 50},
        {{.steps = {-EAGAIN, -EINTR, 0}, .count = 3}, 5, TJOB_FILE_OK, 3, 150},
        {{.steps = {-EAGAIN, -ENOLCK}, .count = 2}, 5, TJOB_FILE_NO_LOCKS, 2, 50},
        {{.steps = {-EINVAL}, .count = 1}, 5, TJOB_FILE_NO_LOCKS, 1, 0},
        {{.steps = {-EAGAIN}, .count = 1}, 0, TJOB_FILE_BUSY, 1, 0},
        {{.steps = {-EINTR}, .count = 1}, 0, TJOB_FILE_BUSY, 1, 0},
        {{.steps = {-EAGAIN}, .count = 1}, 1, TJOB_FILE_BUSY, 6, 1000},
        {{.steps = {-EINTR}, .count = 1}, 5, TJOB_FILE_BUSY, 8, 5000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script script = cases[i].script;
        const struct tjob_disk disk = disk_of(&script);
        ck_assert_int_eq(tjob__disk_lock(&disk, 3, DISK_LOCK, 100, BYTES, &nobody_wakes, deadline_in(cases[i].wait_ms)),
                         cases[i].problem);
        ck_assert_uint_eq(script.calls, cases[i].calls);
        ck_assert_uint_eq(script.paused_us, cases[i].paused_us);
    }
}
END_TEST

/* Another process may have a lease on the file, which it gives up when somebody opens it. */
START_TEST(the_end_of_a_lease_is_waited_for)
{
    static const struct {
        struct script script;
        uint32_t wait_ms;
        tjob_file_problem problem;
        unsigned calls;
        uint64_t paused_us;
    } cases[] = {
        {{.steps = {3}, .count = 1}, 5, TJOB_FILE_OK, 1, 0},
        {{.steps = {-ENOENT, 3}, .count = 2}, 5, TJOB_FILE_MISSING, 1, 0},
        {{.steps = {-EAGAIN, -EINTR, 3}, .count = 3}, 5, TJOB_FILE_OK, 3, 150},
        {{.steps = {-EAGAIN}, .count = 1}, 0, TJOB_FILE_BUSY, 1, 0},
        {{.steps = {-EAGAIN}, .count = 1}, 1, TJOB_FILE_BUSY, 6, 1000},
        {{.steps = {-EINTR}, .count = 1}, 1, TJOB_FILE_BUSY, 6, 1000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script script = cases[i].script;
        const struct tjob_disk disk = disk_of(&script);
        int file = 0;
        ck_assert_int_eq(tjob__disk_open(&disk, "path", DISK_EXISTING, deadline_in(cases[i].wait_ms), &file),
                         cases[i].problem);
        ck_assert_int_eq(file == 3, cases[i].problem == TJOB_FILE_OK);
        ck_assert_uint_eq(script.calls, cases[i].calls);
        ck_assert_uint_eq(script.paused_us, cases[i].paused_us);
    }
}
END_TEST

/* Each pause is twice as long as the one before, up to a bound, and the last one is what is left. */
START_TEST(pauses_grow)
{
    static const struct disk_sleep somebody_wakes = {
        .word = &some_word, .mask = 4, .first_us = 300, .longest_us = 4000};
    static const struct {
        const struct disk_sleep *sleep;
        uint32_t pauses[10];
        unsigned count;
    } cases[] = {
        {&nobody_wakes, {50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 850}, 10},
        {&somebody_wakes, {300, 600, 1200, 2400, 4000, 1500}, 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct script script = {.steps = {-EAGAIN}, .count = 1};
        const struct tjob_disk disk = disk_of(&script);
        ck_assert_int_eq(tjob__disk_lock(&disk, 3, DISK_LOCK, 100, BYTES, cases[i].sleep, deadline_in(10)),
                         TJOB_FILE_BUSY);
        ck_assert_uint_eq(script.pause_count, cases[i].count);
        ck_assert_mem_eq(script.pauses, cases[i].pauses, cases[i].count * sizeof script.pauses[0]);
        ck_assert_uint_eq(script.unlocks, 0);
        tjob__disk_unlock(&disk, 3, 100, BYTES);
        ck_assert_uint_eq(script.unlocks, 1);
    }
}
END_TEST

/*
 * The time that passes counts, not the one that was asked for: a sleep that ends late, or at once because of a signal.
 */
static uint64_t true_us;
static uint32_t lateness_percent;

static uint64_t true_clock_us(void *context)
{
    (void)context;
    return true_us;
}

static void untrue_sleep(void *context, const uint32_t *word, uint32_t mask, uint32_t microseconds)
{
    scripted_sleep(context, word, mask, microseconds);
    true_us += (uint64_t)microseconds * lateness_percent / 100 + 1;
}

START_TEST(a_wait_is_bounded_by_the_clock)
{
    static const uint32_t percents[] = {0, 10, 100, 300, 1000};
    struct script script = {.steps = {-EAGAIN}, .count = 1};
    struct tjob_disk disk = disk_of(&script);
    disk.clock_us = true_clock_us;
    disk.sleep = untrue_sleep;
    true_us = 1;
    lateness_percent = percents[_i];
    ck_assert_int_eq(tjob__disk_lock(&disk, 3, DISK_LOCK, 100, BYTES, &nobody_wakes, deadline_in(20)), TJOB_FILE_BUSY);
    ck_assert_uint_ge(true_us, deadline_in(20));
    ck_assert_uint_le(true_us, deadline_in(20) + (uint64_t)DISK_PAUSE_LONGEST_US * lateness_percent / 100 + 1);
}
END_TEST

START_TEST(a_lock_that_is_not_waited_for_needs_no_clock)
{
    struct script script = {.steps = {-EAGAIN}, .count = 1};
    struct tjob_disk disk = disk_of(&script);
    disk.clock_us = NULL;
    ck_assert_int_eq(tjob__disk_lock(&disk, 3, DISK_LOCK, 100, BYTES, &nobody_wakes, 0), TJOB_FILE_BUSY);
    ck_assert_uint_eq(script.pause_count, 0);
}
END_TEST

RUN_TESTS("disk", {every_error_is_a_problem, 0}, {a_lock_that_the_file_system_does_not_know_is_said_to_be_missing, 0},
          {a_read_goes_on_to_its_end_or_an_error, TRANSFERS}, {a_write_goes_on_to_its_end_or_an_error, TRANSFERS},
          {nothing_is_read_and_written_without_a_call, 0}, {what_is_interrupted_is_done_again, INTERRUPTIBLE},
          {a_name_that_is_lost_cannot_be_made_durable, 0}, {a_lock_is_waited_for, 0},
          {the_end_of_a_lease_is_waited_for, 0}, {pauses_grow, 0}, {a_wait_is_bounded_by_the_clock, 5},
          {a_lock_that_is_not_waited_for_needs_no_clock, 0})
