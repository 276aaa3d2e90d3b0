#include <string.h>

#include "host/etcd/base64.h"
#include "host/etcd/call.h"
#include "host/etcd/connection.h"

enum { PURGE_PAGE_MAX = 32, PURGE_KEY_BYTES_MAX = TJOB_ETCD_PREFIX_BYTES_MAX + TJOB_ARN_BYTES_MAX + 64 };

/* A tombstone: its revision, and its ARN. */
struct tombstone {
    uint64_t mod_revision;
    uint32_t arn_bytes;
    char arn[TJOB_ARN_BYTES_MAX];
};

/* The tombstones of one page. */
struct tombstones {
    uint32_t count;
    bool more;
    struct tombstone items[PURGE_PAGE_MAX];
};

/* Writes the marker as it is: every absence without a key then has the version of that write, which is above those of
 * all tombstones that are there. */
static tjob_etcd_problem purge_raise(etcd_call *call)
{
    tjob__etcd_request_put_marker(tjob__etcd_call_writer(call), call->prefix, &call->marker,
                                  (tjob_text){call->marker.text, call->marker.text_bytes});
    const etcd_outcome outcome = tjob__etcd_call_send(call, true);
    if (outcome.certainty != ETCD_DONE && outcome.problem != TJOB_ETCD_NO_SPACE) {
        return outcome.problem;
    }
    return tjob__etcd_call_load_marker(call);
}

/* Reads a page of tombstones behind a place, and moves the place behind the page. */
static tjob_etcd_problem purge_read(etcd_call *call, etcd_place *place, struct tombstones *page)
{
    enum { ARN_AT = 29 }; /* behind "state/0/", 20 digits and "/" */
    char key[PURGE_KEY_BYTES_MAX];
    size_t bytes;
    etcd_kv kv;
    page->count = 0;
    tjob__etcd_request_page(tjob__etcd_call_writer(call), call->prefix, place, 0, PURGE_PAGE_MAX);
    const etcd_outcome outcome = tjob__etcd_call_send(call, false);
    if (outcome.certainty != ETCD_DONE) {
        return outcome.problem;
    }
    const tjob_etcd_problem problem = tjob__etcd_call_marker(call, 1);
    if (problem != TJOB_ETCD_OK) {
        return problem;
    }
    etcd_range entries = tjob__etcd_answer_range(&call->answer, 0);
    while (page->count < PURGE_PAGE_MAX && tjob__etcd_range_next(&entries, &kv)) {
        struct tombstone *item = &page->items[page->count];
        const size_t head = call->prefix.bytes + ARN_AT;
        if (!tjob__base64_decode(&kv.key, key, sizeof key, &bytes) || bytes <= head ||
            bytes > head + TJOB_ARN_BYTES_MAX) {
            return tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "a key of the index is not one");
        }
        item->mod_revision = kv.mod_revision;
        item->arn_bytes = (uint32_t)(bytes - head);
        memcpy(item->arn, key + head, item->arn_bytes);
        memcpy(place->arn, item->arn, item->arn_bytes);
        place->arn_bytes = item->arn_bytes;
        page->count++;
    }
    page->more = entries.more;
    return entries.is_valid ? TJOB_ETCD_OK : tjob__etcd_call_note_range(call);
}

/* Deletes a tombstone; or leaves it, if it was replaced, or is newer than the marker. */
static tjob_etcd_problem purge_one(etcd_call *call, const struct tombstone *item, uint64_t *purged)
{
    tjob__etcd_request_purge(tjob__etcd_call_writer(call), call->prefix, &call->marker,
                             (tjob_text){item->arn, item->arn_bytes}, item->mod_revision);
    const etcd_outcome outcome = tjob__etcd_call_send(call, true);
    *purged += outcome.certainty == ETCD_DONE && call->answer.succeeded;
    return outcome.problem;
}

/* Gives each exchange the whole time of a call. */
static void purge_restart_deadline(etcd_call *call)
{
    call->deadline_ms = tjob__etcd_now_ms() + call->store->wait_ms;
}

static tjob_etcd_problem purge_all(etcd_call *call, uint64_t *purged)
{
    struct tombstones page = {.more = true};
    etcd_place place = {.state = TJOB_ABSENT};
    tjob_etcd_problem problem = tjob__etcd_call_load_marker(call);
    if (problem == TJOB_ETCD_OK) {
        problem = purge_raise(call);
    }
    while (problem == TJOB_ETCD_OK && page.more) {
        purge_restart_deadline(call);
        problem = purge_read(call, &place, &page);
        for (uint32_t i = 0; problem == TJOB_ETCD_OK && i < page.count; i++) {
            purge_restart_deadline(call);
            problem = purge_one(call, &page.items[i], purged);
        }
    }
    return problem;
}

tjob_etcd_problem tjob_etcd_store_purge(tjob_etcd_store *store, uint64_t *purged)
{
    etcd_call call;
    *purged = 0;
    if (!tjob__etcd_call_begin(&call, store)) {
        return TJOB_ETCD_BUSY;
    }
    const tjob_etcd_problem problem = purge_all(&call, purged);
    tjob__etcd_call_end(&call, problem != TJOB_ETCD_OK);
    return problem;
}
