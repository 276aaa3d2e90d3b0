/* Loads and swaps on the memory store, of every capacity up to 8, against a list that is searched from its beginning.
 */
#include <stdbool.h>
#include <string.h>

#include "support/jobs.h"
#include "target.h"
#include "tjob/memory_store.h"

enum { JOBS_MAX = 8, NAMES = 16, VERSIONS_MAX = 512 };

struct slow {
    bool present;
    tjob_job job;
    uint64_t version;
    uint64_t seen[VERSIONS_MAX]; /* every version that this name had */
    unsigned seen_count;
};

static tjob_text name_of(char name[TJOB_ARN_BYTES_MAX], unsigned number)
{
    memset(name, 'a', TJOB_ARN_BYTES_MAX);
    memcpy(name, sample_arn.data, sample_arn.bytes);
    return (tjob_text){name, sample_arn.bytes + number * number}; /* each the beginning of the next */
}

static void take_version(struct slow *slow, uint64_t version)
{
    for (unsigned i = 0; i < slow->seen_count; i++) {
        FUZZ_EXPECT(slow->seen[i] != version);
    }
    slow->seen[slow->seen_count++] = version;
    slow->version = version;
}

static void check_load(const tjob_store *store, struct slow *slow, tjob_text arn, bool changed)
{
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = store->load(store->context, NULL, arn, &job, &version);
    FUZZ_EXPECT(status == (slow->present ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND));
    FUZZ_EXPECT(!slow->present || memcmp(&job, &slow->job, sizeof job) == 0);
    FUZZ_EXPECT(!slow->present || changed || version == slow->version);
    if (changed || version != slow->version) {
        take_version(slow, version);
    }
}

/* What a swap should answer. */
static tjob_swap_status expected_status(const struct slow *slow, uint64_t expected, bool puts, unsigned jobs,
                                        unsigned capacity)
{
    if (expected != slow->version) {
        return TJOB_SWAP_CONFLICT;
    }
    return puts && !slow->present && jobs == capacity ? TJOB_SWAP_FULL : TJOB_SWAP_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS_MAX) / sizeof(uint64_t)];
    static struct slow slow[NAMES];
    struct fuzz_bytes bytes = {data, data + size};
    tjob_memory_store memory_store;
    const unsigned capacity = 1 + fuzz_byte(&bytes) % JOBS_MAX;
    unsigned char key[TJOB_HASH_KEY_BYTES] = {0};
    key[0] = (unsigned char)fuzz_byte(&bytes);
    unsigned jobs = 0;
    memset(slow, 0, sizeof slow);
    for (unsigned i = 0; i < NAMES; i++) {
        take_version(&slow[i], 0);
    }
    FUZZ_EXPECT(tjob_memory_store_init(&memory_store, memory, sizeof memory, capacity, key, NULL) == TJOB_OK);
    const tjob_store store = tjob_memory_store_callbacks(&memory_store);
    for (unsigned step = 0; bytes.at != bytes.end && step < VERSIONS_MAX / 2 - 1; step++) {
        char text[TJOB_ARN_BYTES_MAX];
        const unsigned choice = fuzz_byte(&bytes);
        struct slow *chosen = &slow[choice % 14];
        const tjob_text arn = name_of(text, choice % 14);
        const bool puts = choice & 0x80;
        check_load(&store, chosen, arn, false);
        tjob_job next = sample_job(TJOB_TRAINING);
        next.host_code = step;
        const unsigned wrong = fuzz_byte(&bytes);
        const uint64_t expected = wrong < 64 ? wrong : chosen->version;
        const tjob_swap_status wanted = expected_status(chosen, expected, puts, jobs, capacity);
        FUZZ_EXPECT(store.swap(store.context, NULL, arn, expected, puts ? &next : NULL) == wanted);
        if (wanted == TJOB_SWAP_OK && (puts || chosen->present)) {
            jobs = jobs + puts - chosen->present;
            chosen->present = puts;
            chosen->job = next;
            check_load(&store, chosen, arn, true);
        }
        FUZZ_EXPECT(tjob_memory_store_count(&memory_store) == jobs);
    }
    return 0;
}
