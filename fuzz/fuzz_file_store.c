/*
 * A file store on a disk in memory: some calls, after which its file is damaged, and some more calls.
 *
 * What a load reports after damage without forgery must have been true at some time; and where the mark of what is
 * newest has survived in both buckets, it must be true now. Whatever the bytes are, forged ones included, nothing
 * crashes, what is reported once is reported again, a growth keeps it, and the check of the buckets reports the same as
 * loads do.
 */
#include <stdbool.h>
#include <string.h>

#include "core/bytes.h"
#include "host/file_store/crc32c.h"
#include "host/file_store/grow.h"
#include "host/file_store/create.h"
#include "host/file_store/store.h"
#include "support/identity.h"
#include "support/jobs.h"
#include "support/sim_disk.h"
#include "target.h"
#include "tjob/arn.h"

/* A store for one job has two buckets, so that every name has the same two. */
enum {
    CAPACITY = 1,
    BUCKETS = 2,
    LARGER = 13,
    FILE_BYTES = (BUCKETS + 2) * FILE_BUCKET_BYTES,
    FILE_BYTES_MAX = 5 * FILE_BUCKET_BYTES,
    NAMES = 5,
    SOUND_MAX = 24,
    USES_MAX = 8,
    SERIALS_MAX = SOUND_MAX + USES_MAX,
    SLOTS_MAX = 14,
    DAMAGES_MAX = 16,
    WAIT_MS = 1,
    SEED = 7,
    FIRST = 1 /* the identity of the first file that is made: see support/identity.h */
};

/* What a name holds: the serial number of a job, or ABSENT, or that it cannot be reported. */
enum { ABSENT = 0, UNTOLD = -1 };

struct world {
    struct fuzz_bytes input;
    struct sim_disk disk;
    struct sim_process process;
    tjob_file_store store;
    tjob_store callbacks;
    bool forged;                   /* bytes of the file were made to look as if the store had written them */
    bool bad;                      /* with them, records that cannot be, or twice the same, as the check has reported */
    bool twice;                    /* or names in both their buckets */
    unsigned serials;              /* jobs so far, each with a number of its own in its host code */
    unsigned owner[SERIALS_MAX];   /* the name of each */
    uint64_t version[SERIALS_MAX]; /* of each, 0 = not known */
    unsigned char before[FILE_BYTES];  /* the file before the damage */
    unsigned char earlier[FILE_BYTES]; /* and at some time before that */
    int known[NAMES];                  /* what loads have reported since the damage */
};

/* ---- Names and jobs -------------------------------------------------------------------------------------------- */

static tjob_text name_of(char text[TJOB_ARN_BYTES_MAX], unsigned number)
{
    memset(text, 'a', TJOB_ARN_BYTES_MAX);
    memcpy(text, sample_arn.data, sample_arn.bytes);
    return (tjob_text){text, sample_arn.bytes + number * number}; /* each the beginning of the next */
}

static tjob_job job_of(unsigned serial)
{
    tjob_job job = sample_job((tjob_state)(TJOB_SUBMITTED + serial % (TJOB_STATE_COUNT - 1)));
    job.host_code = serial;
    return job;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

static tjob_file_problem open_store(struct world *world)
{
    sim_start(&world->process, &world->disk);
    world->callbacks = tjob_file_store_callbacks(&world->store);
    return tjob__file_store_open(&world->process.table, &world->store, "store", WAIT_MS);
}

/* A job of a name that was put there, and stands there with the version that it has had since. */
static bool is_true(struct world *world, unsigned name, const tjob_job *job, uint64_t version)
{
    const unsigned serial = job->host_code;
    if (serial == 0 || serial > world->serials || world->owner[serial - 1] != name) {
        return false;
    }
    const tjob_job put = job_of(serial);
    uint64_t *known = &world->version[serial - 1];
    *known = *known != 0 ? *known : version;
    return memcmp(job, &put, sizeof put) == 0 && *known == version;
}

static int load(struct world *world, unsigned name, uint64_t *version)
{
    char text[TJOB_ARN_BYTES_MAX];
    tjob_job job;
    const tjob_text arn = name_of(text, name);
    switch (world->callbacks.load(world->callbacks.context, NULL, arn, &job, version)) {
    case TJOB_LOAD_OK:
        FUZZ_EXPECT(tjob_job_validate(&job) == TJOB_JOB_VALID && *version != 0);
        FUZZ_EXPECT(world->forged || is_true(world, name, &job, *version));
        return (int)(job.host_code & 0xffff) + 1; /* forged ones can be anything */
    case TJOB_LOAD_NOT_FOUND:
        return ABSENT;
    default:
        return UNTOLD;
    }
}

/* Puts a job, or takes it away. */
static tjob_swap_status change(struct world *world, unsigned name, bool puts, uint64_t version)
{
    char text[TJOB_ARN_BYTES_MAX];
    const tjob_text arn = name_of(text, name);
    const tjob_job next = job_of(world->serials + 1);
    if (puts) {
        world->version[world->serials] = 0;
        world->owner[world->serials++] = name;
    }
    return world->callbacks.swap(world->callbacks.context, NULL, arn, version, puts ? &next : NULL);
}

/* ---- A sound store --------------------------------------------------------------------------------------------- */

static void snapshot(struct world *world, unsigned char copy[FILE_BYTES])
{
    uint64_t size;
    memcpy(copy, sim_bytes(&world->disk, "store", &size), FILE_BYTES);
}

/* Some calls, of which some do not come to their end because their process dies. */
static void use_sound(struct world *world)
{
    FUZZ_EXPECT(tjob__file_store_create(&world->process.table, "store", CAPACITY) == TJOB_FILE_OK);
    FUZZ_EXPECT(open_store(world) == TJOB_FILE_OK);
    snapshot(world, world->earlier);
    for (unsigned count = fuzz_byte(&world->input) % SOUND_MAX; count != 0; count--) {
        uint64_t version;
        const unsigned choice = fuzz_byte(&world->input);
        const unsigned name = choice % NAMES;
        const unsigned incarnation = choice / 64; /* how many changes the process makes yet, 0 = any number */
        FUZZ_EXPECT(load(world, name, &version) != UNTOLD);
        world->process.dies_at = incarnation != 0 ? world->process.changes + incarnation : 0;
        const tjob_swap_status status = change(world, name, choice % 32 / NAMES != 0, version);
        FUZZ_EXPECT(status == TJOB_SWAP_OK || world->process.dead);
        if (world->process.dead) {
            sim_kill(&world->process);
            FUZZ_EXPECT(open_store(world) == TJOB_FILE_OK);
        }
        world->process.dies_at = 0;
        if (choice & 32) {
            snapshot(world, world->earlier);
        }
    }
    sim_kill(&world->process);
    snapshot(world, world->before);
}

/* What a sound store holds, reported by a reading of a copy. */
static void tell_truth(struct world *world, int truth[NAMES])
{
    static struct sim_disk copy;
    const struct sim_disk kept = world->disk;
    sim_init(&copy, FILE_BYTES_MAX, SEED);
    sim_copy(&copy, &world->disk);
    world->disk = copy;
    FUZZ_EXPECT(open_store(world) == TJOB_FILE_OK);
    for (unsigned name = 0; name < NAMES; name++) {
        uint64_t version;
        truth[name] = load(world, name, &version);
        FUZZ_EXPECT(truth[name] != UNTOLD);
    }
    sim_kill(&world->process);
    sim_destroy(&world->disk);
    world->disk = kept;
}

/* ---- Damage ---------------------------------------------------------------------------------------------------- */

static uint32_t check_at(uint32_t bucket, uint32_t page, const unsigned char *bytes, size_t count)
{
    unsigned char place[24];
    memset(place, FIRST, 16);
    bytes_store32(place + 16, bucket);
    bytes_store32(place + 20, page);
    return tjob__crc32c(tjob__crc32c(0, place, sizeof place), bytes, count);
}

/* Gives everything the check that fits, from the last page to the first: one may claim slots that reach into the next.
 */
static void forge(unsigned char *file)
{
    const struct file_identity identity = identity_of(FIRST);
    bytes_store32(file + 8, tjob__crc32c(0, file + 12, 32));
    bytes_store32(file + 52, tjob__crc32c(0, file + 12, 40));
    bytes_store32(file + FILE_STATE_OFFSET + 4, tjob__crc32c(bytes_load32(file + 52), file + FILE_STATE_OFFSET, 4));
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        unsigned char *entry = file + tjob__file_entry_offset(bucket);
        unsigned char *progress = file + tjob__file_progress_offset(BUCKETS, bucket);
        if (bytes_load64(entry) != 0) {
            tjob__file_entry_encode(&identity, bucket, entry);
        }
        if (bytes_load64(progress) != 0) {
            tjob__file_progress_encode(&identity, bucket, bytes_load64(progress), progress);
        }
    }
    for (uint32_t i = BUCKETS * FILE_BUCKET_PAGES; i-- != 0;) {
        unsigned char *page = file + tjob__file_header_bucket_offset(BUCKETS, 0) + (size_t)i * FILE_PAGE_BYTES;
        const uint32_t bucket = i / FILE_BUCKET_PAGES;
        const uint32_t number = i % FILE_BUCKET_PAGES;
        const uint32_t slots = bytes_load32(page + 4);
        const size_t end = 32 + 336 * (size_t)(slots < SLOTS_MAX ? slots : SLOTS_MAX);
        if (page + end <= file + FILE_BYTES && !tjob__file_page_is_blank(page)) {
            bytes_store32(page, check_at(bucket, number, page + 4, end - 4));
        }
        if (bytes_load64(page + FILE_MARK_OFFSET) != 0) {
            bytes_store32(page + FILE_MARK_OFFSET + 8, check_at(bucket, number, page + FILE_MARK_OFFSET, 8));
        }
    }
}

static unsigned offset_from(struct world *world)
{
    const unsigned low = fuzz_byte(&world->input);
    return (fuzz_byte(&world->input) << 8 | low) % FILE_BYTES;
}

static void damage(struct world *world, unsigned char *file, uint64_t *size)
{
    const unsigned kind = fuzz_byte(&world->input);
    const unsigned at = offset_from(world);
    const unsigned end = at + (kind & 0x80 ? offset_from(world) : fuzz_byte(&world->input));
    const unsigned count = (end < FILE_BYTES ? end : FILE_BYTES) - at;
    switch (kind % 8) {
    case 0:
        file[at] ^= (unsigned char)(1 << (kind >> 4) % 8);
        break;
    case 1:
        if (kind & 0x40) {
            const uint64_t bucket = tjob__file_header_bucket_offset(BUCKETS, at % BUCKETS);
            memset(file + bucket, 0, FILE_BUCKET_BYTES);
        } else {
            memset(file + at, 0, count);
        }
        break;
    case 2:
        memset(file + at, (int)fuzz_byte(&world->input), count);
        break;
    case 3:
        memmove(file + at, world->before + offset_from(world) % (FILE_BYTES - count + 1), count);
        break;
    case 4:
        memcpy(file + at, world->earlier + at, count);
        break;
    case 5:
        *size = at;
        break;
    case 6:
        world->forged = true;
        for (unsigned i = at; i < end && i < FILE_BYTES && i < at + 16; i++) {
            file[i] = (unsigned char)fuzz_byte(&world->input);
        }
        break;
    default:
        world->forged = true;
        forge(file);
        break;
    }
}

static void damage_store(struct world *world)
{
    uint64_t size;
    unsigned char *file = sim_bytes(&world->disk, "store", &size);
    for (unsigned count = fuzz_byte(&world->input) % DAMAGES_MAX; count != 0; count--) {
        damage(world, file, &size);
    }
    if (size < FILE_BYTES) {
        struct sim_process *process = &world->process;
        sim_start(process, &world->disk);
        const int handle = process->table.open(process, "store", DISK_EXISTING);
        FUZZ_EXPECT(process->table.resize(process, handle, size) == 0);
        sim_kill(process);
    }
}

/* Whether nothing but zeros is in the place of a bucket whose entry says that it has held a job. */
static bool is_missed(const unsigned char *file, uint32_t bucket)
{
    static const unsigned char zeros[FILE_BUCKET_BYTES];
    const struct file_identity identity = identity_of(FIRST);
    unsigned char entry[FILE_ENTRY_BYTES];
    tjob__file_entry_encode(&identity, bucket, entry);
    return memcmp(file + tjob__file_entry_offset(bucket), entry, sizeof entry) == 0 &&
           memcmp(file + tjob__file_header_bucket_offset(BUCKETS, bucket), zeros, sizeof zeros) == 0;
}

/* Whether the mark of what was the newest before the damage stands where it stood, in both buckets. Blank ones have
 * none; or the register reports that it is missed. */
static bool is_marked(struct world *world)
{
    uint64_t size;
    const unsigned char *file = sim_bytes(&world->disk, "store", &size);
    bool all = true;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        const size_t begin = (size_t)tjob__file_header_bucket_offset(BUCKETS, bucket);
        uint64_t newest = 0;
        bool marked = false;
        for (uint32_t page = 0; page < FILE_BUCKET_PAGES; page++) {
            const uint64_t sequence = bytes_load64(world->before + begin + page * FILE_PAGE_BYTES + 8);
            newest = sequence > newest ? sequence : newest;
        }
        for (uint32_t page = 0; page < FILE_BUCKET_PAGES; page++) {
            const size_t at = begin + page * FILE_PAGE_BYTES + FILE_MARK_OFFSET;
            const bool sound = bytes_load32(world->before + at + 8) == check_at(bucket, page, world->before + at, 8);
            marked = marked || (sound && bytes_load64(world->before + at) == newest &&
                                memcmp(file + at, world->before + at, 12) == 0);
        }
        all = all && (marked || newest == 0 || is_missed(file, bucket));
    }
    return all;
}

/* ---- A damaged store ------------------------------------------------------------------------------------------- */

struct observation {
    tjob_file_problem problem;
    tjob_file_bucket report;
};

/* The check changes nothing. */
static void check_all(struct world *world, struct observation observations[BUCKETS])
{
    static unsigned char kept[FILE_BYTES];
    snapshot(world, kept);
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        struct observation *observation = &observations[bucket];
        observation->problem = tjob_file_store_inspect(&world->store, bucket, &observation->report);
        const tjob_file_bucket *report = &observation->report;
        const bool damaged =
            report->lost || report->rolled_back || report->unregistered || report->bad_jobs != 0 || report->twice != 0;
        FUZZ_EXPECT(report->index == bucket && report->twice <= report->jobs && !(report->lost && report->rolled_back));
        FUZZ_EXPECT(observation->problem == (damaged ? TJOB_FILE_DAMAGED : TJOB_FILE_OK));
        FUZZ_EXPECT(observation->report.bad_jobs <= observation->report.jobs &&
                    observation->report.jobs <= FILE_PAGE_SLOTS);
    }
    uint64_t size;
    FUZZ_EXPECT(memcmp(kept, sim_bytes(&world->disk, "store", &size), FILE_BYTES) == 0);
}

/* Whether what was durable is no longer there. Loads need not see that of a bucket that was put back as a whole. */
static bool is_gone(const struct observation *observation)
{
    return observation->report.lost || observation->report.rolled_back;
}

/* How often a name stands in what the buckets list. */
static unsigned count_listed(const tjob_listed_job *jobs, uint32_t count, unsigned name)
{
    char text[TJOB_ARN_BYTES_MAX];
    const tjob_text arn = name_of(text, name);
    unsigned listed = 0;
    for (uint32_t i = 0; i < count; i++) {
        listed += jobs[i].arn_bytes == arn.bytes && memcmp(jobs[i].arn, arn.data, arn.bytes) == 0;
    }
    return listed;
}

/* What a bucket lists can be, and a load reports the same: or another, where the name stands in both. */
static void expect_sound(struct world *world, const tjob_listed_job *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        tjob_job job;
        uint64_t version;
        const tjob_text arn = {jobs[i].arn, jobs[i].arn_bytes};
        FUZZ_EXPECT(jobs[i].arn_bytes != 0 && jobs[i].arn_bytes <= TJOB_ARN_BYTES_MAX);
        FUZZ_EXPECT(jobs[i].version != 0 && tjob_job_validate(&jobs[i].job) == TJOB_JOB_VALID);
        const tjob_load_status status = world->callbacks.load(world->callbacks.context, NULL, arn, &job, &version);
        FUZZ_EXPECT(status != TJOB_LOAD_NOT_FOUND || world->bad);
        FUZZ_EXPECT(status != TJOB_LOAD_OK || world->bad || world->twice || version == jobs[i].version);
    }
}

/* What loads have reported is what the check and the lists of the buckets say. */
static void compare(struct world *world, const struct observation observations[BUCKETS])
{
    static tjob_listed_job jobs[BUCKETS][TJOB_FILE_BUCKET_JOBS_MAX];
    uint32_t counts[BUCKETS];
    bool readable = true;
    bool listed_all = true;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        const tjob_file_problem problem = tjob_file_store_jobs(&world->store, bucket, jobs[bucket], &counts[bucket]);
        listed_all = listed_all && problem == TJOB_FILE_OK;
        readable = readable && !observations[bucket].report.lost;
        FUZZ_EXPECT(problem == TJOB_FILE_OK || world->forged || is_gone(&observations[bucket]));
        FUZZ_EXPECT(problem == TJOB_FILE_OK || problem == TJOB_FILE_DAMAGED || problem == TJOB_FILE_EXHAUSTED);
        FUZZ_EXPECT(problem != TJOB_FILE_OK || counts[bucket] == observations[bucket].report.jobs);
        expect_sound(world, jobs[bucket], problem == TJOB_FILE_OK ? counts[bucket] : 0);
    }
    for (unsigned name = 0; name < NAMES; name++) {
        FUZZ_EXPECT(readable || world->known[name] != ABSENT);
        if (listed_all) {
            const unsigned first = count_listed(jobs[0], counts[0], name);
            const unsigned second = count_listed(jobs[1], counts[1], name);
            FUZZ_EXPECT((first <= 1 && second <= 1) || world->bad);
            FUZZ_EXPECT(world->known[name] != UNTOLD || (first != 0 && second != 0));
            FUZZ_EXPECT((world->known[name] == ABSENT) == (first == 0 && second == 0));
        }
    }
}

/* Again, loads report the same; and more, where the first of them has made a bucket durable. */
static void load_all(struct world *world, bool again)
{
    for (unsigned name = 0; name < NAMES; name++) {
        uint64_t version;
        const int known = load(world, name, &version);
        FUZZ_EXPECT(!again || known == world->known[name] || world->known[name] == UNTOLD);
        world->known[name] = known;
    }
}

/* Some more calls: each does what it says, and nothing to other names. */
static void use_damaged(struct world *world, bool gone)
{
    for (unsigned count = fuzz_byte(&world->input) % USES_MAX; count != 0; count--) {
        uint64_t version;
        uint64_t later;
        const unsigned choice = fuzz_byte(&world->input);
        const unsigned name = choice % NAMES;
        const bool puts = choice & 128;
        if (load(world, name, &version) == UNTOLD) {
            continue;
        }
        const bool changes = puts || world->known[name] != ABSENT;
        const tjob_swap_status status = change(world, name, puts, version);
        FUZZ_EXPECT(status == TJOB_SWAP_OK ||
                    ((world->forged || gone) && status != TJOB_SWAP_UNKNOWN && status != TJOB_SWAP_CONFLICT));
        if (world->bad) {
            load_all(world, false); /* of what stands there twice, the second comes to light when the first is gone */
            continue;
        }
        if (status == TJOB_SWAP_OK) {
            world->known[name] = puts ? (int)world->serials + 1 : ABSENT;
            FUZZ_EXPECT(load(world, name, &later) == world->known[name] && (!changes || later > version));
        }
        load_all(world, true);
    }
}

/* A growth keeps what can be reported, or changes nothing. */
static void grow(struct world *world, bool damaged)
{
    const uint64_t capacity = tjob_file_store_capacity(&world->store);
    const tjob_file_problem problem = tjob__file_store_grow(&world->process.table, "store", LARGER, WAIT_MS);
    tjob_file_store_close(&world->store);
    FUZZ_EXPECT(open_store(world) == TJOB_FILE_OK);
    FUZZ_EXPECT(tjob_file_store_capacity(&world->store) == (problem == TJOB_FILE_OK ? LARGER : capacity));
    FUZZ_EXPECT(world->forged || problem == (damaged ? TJOB_FILE_DAMAGED : TJOB_FILE_OK));
    for (unsigned name = 0; name < NAMES; name++) {
        uint64_t version;
        FUZZ_EXPECT(world->known[name] == UNTOLD || world->bad || load(world, name, &version) == world->known[name]);
    }
}

static void check_world(struct world *world, const int truth[NAMES])
{
    struct observation observations[BUCKETS];
    const bool marked = !world->forged && is_marked(world);
    check_all(world, observations);
    world->bad = observations[0].report.bad_jobs + observations[1].report.bad_jobs != 0;
    world->twice = observations[0].report.twice + observations[1].report.twice != 0;
    load_all(world, false);
    for (unsigned name = 0; name < NAMES; name++) {
        FUZZ_EXPECT(!marked || world->known[name] == UNTOLD || world->known[name] == truth[name]);
    }
    compare(world, observations);
    load_all(world, true);
    const bool gone = is_gone(&observations[0]) || is_gone(&observations[1]);
    use_damaged(world, gone);
    grow(world, gone || world->twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    int truth[NAMES];
    memset(&world, 0, sizeof world);
    world.input = (struct fuzz_bytes){data, data + size};
    sim_init(&world.disk, FILE_BYTES_MAX, SEED);
    sim_start(&world.process, &world.disk);
    use_sound(&world);
    tell_truth(&world, truth);
    damage_store(&world);
    if (open_store(&world) == TJOB_FILE_OK) {
        check_world(&world, truth);
        tjob_file_store_close(&world.store);
    }
    sim_kill(&world.process);
    sim_destroy(&world.disk);
    return 0;
}
