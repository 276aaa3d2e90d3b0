#include "verify/simulator/store.h"

#include <string.h>

#include "verify/spec/seeded_bugs.h"

size_t tjob_simulator_arn(uint32_t job, char arn[TJOB_SIMULATOR_ARN_BYTES])
{
    static const char prefix[] = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-";
    enum { DIGITS = 10 };
    char *at = arn + sizeof prefix - 1;
    memcpy(arn, prefix, sizeof prefix - 1);
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
        at[digit] = (char)('0' + job % 10);
        job /= 10;
    }
    return sizeof prefix - 1 + DIGITS;
}

tjob_load_status tjob__simulated_load(const struct simulated_store *store, struct slot slot, tjob_job *job,
                                      uint64_t *version)
{
    if (store->own == NULL) {
        return tjob__store_model_load(store->model, slot.state, job, version);
    }
    *job = (tjob_job){.state = TJOB_ABSENT};
    *version = 0;
    char arn[TJOB_SIMULATOR_ARN_BYTES];
    const tjob_text text = {arn, tjob_simulator_arn(slot.job, arn)};
    return store->own->load(store->own->context, NULL, text, job, version);
}

tjob_job tjob__simulated_present(const struct simulated_store *store, struct slot slot, tjob_load_status *status,
                                 uint64_t *version)
{
    tjob_job job;
    *status = tjob__simulated_load(store, slot, &job, version);
    return *status == TJOB_LOAD_OK ? job : (tjob_job){.state = TJOB_ABSENT};
}

tjob_call tjob__simulated_read(const struct simulated_store *store, struct slot slot, uint64_t instant,
                               tjob_load_status *status)
{
    uint64_t version;
    const tjob_job job = tjob__simulated_present(store, slot, status, &version);
    return (tjob_call){.event = {.kind = TJOB_DESCRIBE},
                       .invoked = instant,
                       .answered = instant,
                       .known = TJOB_KNOWN_ALL,
                       .outcome = {.status = *status == TJOB_LOAD_OK ? TJOB_OK : TJOB_NOT_FOUND,
                                   .before = (tjob_state)job.state,
                                   .after = (tjob_state)job.state,
                                   .job = job}};
}

static struct swapped swap_in_model(const struct simulated_store *store, struct slot slot, uint64_t expected,
                                    const tjob_job *next, bool durable)
{
    struct swapped swapped = {.known = false};
    tjob_load_status status;
    uint64_t before;
    uint64_t after;
    swapped.before = tjob__simulated_present(store, slot, &status, &before);
    swapped.status = store->model->swap(slot.state, expected, next);
    if (durable && swapped.status == TJOB_SWAP_OK && store->model->make_durable != NULL) {
        store->model->make_durable(slot.state);
    }
    swapped.after = tjob__simulated_present(store, slot, &status, &after);
    swapped.known = before != after;
    return swapped;
}

struct swapped tjob__simulated_swap(const struct simulated_store *store, struct slot slot, uint64_t expected,
                                    const tjob_job *next, bool durable)
{
    if (store->own == NULL) {
        return swap_in_model(store, slot, expected, next, durable);
    }
    char arn[TJOB_SIMULATOR_ARN_BYTES];
    const tjob_text text = {arn, tjob_simulator_arn(slot.job, arn)};
    return (struct swapped){.status = store->own->swap(store->own->context, NULL, text, expected, next)};
}

bool tjob__simulated_loses(const struct simulated_store *store)
{
    return store->own == NULL && store->model->crash != NULL;
}

bool tjob__simulated_crash(const struct simulated_store *store, struct slot slot)
{
    const uint64_t before = tjob_store_model_version(store->model, slot.state);
    store->model->crash(slot.state);
    return tjob_store_model_version(store->model, slot.state) != before;
}
