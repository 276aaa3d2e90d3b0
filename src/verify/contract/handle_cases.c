#include "verify/contract/handle_cases.h"

static bool contract_reopen(struct trial *trial)
{
    if (!trial->contract->reopen(trial->contract->context, &trial->store)) {
        return tjob__trial_fail(trial, "the store cannot be opened again");
    }
    return true;
}

bool tjob__contract_what_was_acknowledged_is_there_after_reopening(struct trial *trial)
{
    const tjob_text a = tjob__trial_a;
    const tjob_text b = tjob__trial_b;
    const tjob_job first = tjob__trial_record(1);
    const tjob_job second = tjob__trial_record(2);
    uint64_t of_a;
    uint64_t of_b;
    if (!tjob__trial_put(trial, a, &first, &of_a) || !tjob__trial_put(trial, b, &first, &of_b) ||
        !tjob__trial_put(trial, b, &second, &of_b) || !contract_reopen(trial) ||
        !tjob__trial_expect_at(trial, a, &first, of_a) || !tjob__trial_expect_at(trial, b, &second, of_b)) {
        return false;
    }
    uint64_t removed;
    uint64_t again;
    return tjob__trial_put(trial, a, NULL, &removed) && contract_reopen(trial) &&
           tjob__trial_expect_at(trial, a, NULL, removed) &&
           tjob__trial_refuse(trial, a, of_a, &first, NULL, removed) && tjob__trial_put(trial, a, &second, &again) &&
           contract_reopen(trial) && tjob__trial_refuse(trial, a, of_a, &first, &second, again) &&
           tjob__trial_refuse(trial, a, removed, &first, &second, again);
}

/* One handle makes a change; the other sees it at once, and its swap against the version before is refused. */
static bool contract_sees(struct trial *writer, struct trial *reader, const tjob_job *next)
{
    const tjob_job other = tjob__trial_record(3);
    tjob_job job;
    uint64_t before;
    uint64_t version;
    (void)tjob__trial_load(reader, tjob__trial_a, &job, &before);
    return tjob__trial_put(writer, tjob__trial_a, next, &version) &&
           tjob__trial_expect_at(reader, tjob__trial_a, next, version) &&
           tjob__trial_refuse(reader, tjob__trial_a, before, &other, next, version) &&
           tjob__trial_refuse(reader, tjob__trial_a, before, NULL, next, version);
}

bool tjob__contract_each_handle_sees_what_the_other_changed(struct trial *trial)
{
    enum { CHANGES = 12 }; /* each handle makes each kind of change: creations, changes and removals */
    struct trial other;
    if (!tjob__trial_open_another(trial, &other)) {
        return false;
    }
    for (unsigned i = 0; i < CHANGES; i++) {
        const tjob_job job = tjob__trial_record(i);
        struct trial *writer = i % 2 == 0 ? trial : &other;
        struct trial *reader = i % 2 == 0 ? &other : trial;
        if (!contract_sees(writer, reader, i % 3 < 2 ? &job : NULL)) {
            return false;
        }
    }
    return true;
}
