#include "host/etcd/call.h"
#include "host/etcd/marker.h"
#include "host/versions.h"
#include "tjob/system_clock.h"

/* NOLINTNEXTLINE(misc-redundant-expression): today they are the same text, which this keeps so */
_Static_assert(TJOB_ETCD_RENEW_RAISE == VERSIONS_AHEAD, "a renewal begins at the bound of all stores");

static uint64_t admin_now_ms(void)
{
    const tjob_clock clock = tjob_system_clock();
    return clock.now_ms(clock.context, NULL);
}

/* Replaces the marker that the call has read by one for the cluster that answered. */
static tjob_etcd_problem admin_put_marker(etcd_call *call, uint64_t base)
{
    tjob_etcd_marker next;
    tjob__etcd_marker_write(&next, base, call->answer.cluster_id);
    tjob__etcd_request_put_marker(tjob__etcd_call_writer(call), call->prefix, &call->marker,
                                  (tjob_text){next.text, next.text_bytes});
    const etcd_outcome outcome = tjob__etcd_call_send(call, true);
    /* Whether it was this one or another's, what counts is the marker that is there now. */
    return outcome.certainty == ETCD_DONE ? tjob__etcd_call_load_marker(call) : outcome.problem;
}

static tjob_etcd_problem admin_create(etcd_call *call, uint64_t version)
{
    (void)version;
    const tjob_etcd_problem found = tjob__etcd_call_load_marker(call);
    return found == TJOB_ETCD_NO_STORE ? admin_put_marker(call, admin_now_ms() << VERSIONS_PER_MS_LOG2) : found;
}

static tjob_etcd_problem admin_check(etcd_call *call, uint64_t version)
{
    (void)version;
    return tjob__etcd_call_load_marker(call);
}

/* Lets all versions from now on be above `version`, and above all that were given. */
static tjob_etcd_problem admin_raise(etcd_call *call, uint64_t version)
{
    const tjob_etcd_problem found = tjob__etcd_call_load_marker(call);
    if (found != TJOB_ETCD_OK && found != TJOB_ETCD_RESTORED) {
        return found;
    }
    const uint64_t highest = call->marker.base + call->answer.revision;
    const uint64_t base = highest > version ? highest : version;
    return base <= TJOB_ETCD_RAISE_MAX
               ? admin_put_marker(call, base)
               : tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "no version is left above those of the store");
}

static tjob_etcd_problem admin_raise_above(etcd_call *call, uint64_t version)
{
    return version <= TJOB_ETCD_RAISE_MAX
               ? admin_raise(call, version)
               : tjob__etcd_call_note(call, TJOB_ETCD_INVALID_ARGUMENT, "versions cannot be raised so far");
}

static tjob_etcd_problem admin_renew(etcd_call *call, uint64_t version)
{
    (void)version;
    const tjob_etcd_problem found = tjob__etcd_call_load_marker(call);
    if (found != TJOB_ETCD_OK && found != TJOB_ETCD_RESTORED) {
        return found;
    }
    const uint64_t highest = call->marker.base + call->answer.revision;
    return admin_raise(call, versions_above(highest, admin_now_ms()));
}

static tjob_etcd_problem admin_run(tjob_etcd_store *store, tjob_etcd_problem (*step)(etcd_call *call, uint64_t version),
                                   uint64_t version)
{
    etcd_call call;
    if (!tjob__etcd_call_begin(&call, store)) {
        return TJOB_ETCD_BUSY;
    }
    const tjob_etcd_problem problem = step(&call, version);
    tjob__etcd_call_end(&call, problem != TJOB_ETCD_OK);
    return problem;
}

tjob_etcd_problem tjob_etcd_store_create(tjob_etcd_store *store)
{
    return admin_run(store, admin_create, 0);
}

tjob_etcd_problem tjob_etcd_store_check(tjob_etcd_store *store)
{
    return admin_run(store, admin_check, 0);
}

tjob_etcd_problem tjob_etcd_store_renew(tjob_etcd_store *store)
{
    return admin_run(store, admin_renew, 0);
}

tjob_etcd_problem tjob_etcd_store_raise(tjob_etcd_store *store, uint64_t version)
{
    return admin_run(store, admin_raise_above, version);
}
