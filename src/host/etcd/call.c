#include "host/etcd/call.h"

#include <stdio.h>
#include <string.h>

#include "host/etcd/base64.h"
#include "host/etcd/connection.h"
#include "host/etcd/marker.h"
#include "host/etcd/pool.h"

/* Lets the handle tell the problem that the call noted last. */
static void call_report(const etcd_call *call)
{
    tjob_etcd_store *store = call->store;
    tjob__etcd_lock(store);
    store->problem = (uint32_t)call->problem;
    memcpy(store->message, call->message, sizeof store->message);
    tjob__etcd_unlock(store);
}

bool tjob__etcd_call_begin(etcd_call *call, tjob_etcd_store *store)
{
    *call = (etcd_call){.store = store,
                        .deadline_ms = tjob__etcd_now_ms() + store->wait_ms,
                        .prefix = {store->prefix, store->prefix_bytes}};
    call->connection = tjob__etcd_pool_take(store, call->deadline_ms);
    if (call->connection == NULL) {
        (void)tjob__etcd_call_note(call, TJOB_ETCD_BUSY, "no connection of the pool was free in time");
        call_report(call);
        return false;
    }
    tjob__etcd_lock(store);
    call->marker = store->marker;
    call->marker_is_stale = store->marker_is_stale != 0 || store->marker.text_bytes == 0;
    tjob__etcd_unlock(store);
    return true;
}

void tjob__etcd_call_end(etcd_call *call, bool failed)
{
    if (failed) {
        call_report(call);
    }
    tjob__etcd_pool_give(call->store, call->connection);
}

json_writer *tjob__etcd_call_writer(etcd_call *call)
{
    call->writer = (json_writer){call->connection->request, 0, sizeof call->connection->request};
    return &call->writer;
}

/* ---- Problems -------------------------------------------------------------------------------------------------- */

tjob_etcd_problem tjob__etcd_call_note(etcd_call *call, tjob_etcd_problem problem, const char *message)
{
    call->problem = problem;
    snprintf(call->message, sizeof call->message, "%s: %s", tjob_etcd_problem_text(problem), message);
    return problem;
}

tjob_etcd_problem tjob__etcd_call_note_range(etcd_call *call)
{
    return tjob__etcd_call_note(call, TJOB_ETCD_NOT_ETCD, "the answer lacks a range");
}

/* In the words of etcd where there are some, else those of libcurl, else the status. */
static void call_note_outcome(etcd_call *call, tjob_etcd_problem problem, unsigned http_status)
{
    char words[TJOB_ETCD_MESSAGE_BYTES / 2] = "";
    if (call->answer.message.begin != NULL) {
        const size_t bytes = tjob__json_decode(&call->answer.message, words, sizeof words - 1);
        words[bytes < sizeof words - 1 ? bytes : sizeof words - 1] = '\0';
    } else if (call->connection->error[0] != '\0') {
        memcpy(words, call->connection->error, sizeof words - 1);
        words[sizeof words - 1] = '\0';
    } else {
        snprintf(words, sizeof words, "the answer has status %u, and is not one of etcd", http_status);
    }
    (void)tjob__etcd_call_note(call, problem, words);
}

/* ---- The exchange ---------------------------------------------------------------------------------------------- */

/* Later calls try the next endpoint first. */
static void call_leave_endpoint(etcd_call *call, uint32_t endpoint)
{
    tjob_etcd_store *store = call->store;
    tjob__etcd_lock(store);
    if (store->first_endpoint == call->first_endpoint ||
        store->first_endpoint == endpoint) { /* LCOV_EXCL_BR_LINE: else another thread has left it meanwhile */
        store->first_endpoint = (endpoint + 1) % store->endpoint_count;
    }
    tjob__etcd_unlock(store);
}

bool tjob__etcd_call_is_forward(const etcd_call *call)
{
    return call->answer.cluster_id == call->marker.cluster_id && call->answer.revision >= call->seen_revision;
}

/* Remembers the highest revision of the cluster and the base that the store knows. */
static void call_see_revision(etcd_call *call)
{
    tjob_etcd_store *store = call->store;
    tjob__etcd_lock(store);
    if (tjob__etcd_call_is_forward(call) &&
        call->marker.base ==
            store->marker.base && /* LCOV_EXCL_BR_LINE: else another thread has seen a renewal meanwhile */
        call->answer.revision > store->seen_revision) {
        store->seen_revision = call->answer.revision;
    }
    tjob__etcd_unlock(store);
}

static etcd_outcome call_send(etcd_call *call, const char *service, bool once)
{
    static const etcd_answer none = {.is_json = false};
    tjob_etcd_store *store = call->store;
    call->answer = none;
    if (call->writer.bytes > call->writer.capacity) { /* LCOV_EXCL_START: the parts of a request are bounded */
        (void)tjob__etcd_call_note(call, TJOB_ETCD_INVALID_ARGUMENT, "the request is too long");
        return (etcd_outcome){TJOB_ETCD_INVALID_ARGUMENT, ETCD_NEVER};
    } /* LCOV_EXCL_STOP */
    tjob__etcd_lock(store);
    call->first_endpoint = store->first_endpoint;
    call->seen_revision = store->seen_revision;
    tjob__etcd_unlock(store);
    const etcd_exchange exchange = tjob__etcd_connection_exchange(store, call->connection, service, call->writer.bytes,
                                                                  call->first_endpoint, once, call->deadline_ms);
    if (exchange.transport == ETCD_ANSWERED) {
        call->answer = tjob__etcd_answer_read(exchange.answer);
    }
    const etcd_outcome outcome = tjob__etcd_outcome_of(exchange.transport, exchange.http_status, &call->answer);
    if (outcome.problem != TJOB_ETCD_OK) {
        call_note_outcome(call, outcome.problem, exchange.http_status);
    } else {
        call_see_revision(call);
    }
    if (outcome.certainty == ETCD_UNDECIDED) {
        call_leave_endpoint(call, exchange.endpoint);
    } else if (exchange.endpoint != call->first_endpoint) {
        call_leave_endpoint(call, (exchange.endpoint + store->endpoint_count - 1) % store->endpoint_count);
    }
    return outcome;
}

etcd_outcome tjob__etcd_call_send(etcd_call *call, bool once)
{
    return call_send(call, ETCD_TXN, once);
}

etcd_outcome tjob__etcd_call_send_range(etcd_call *call)
{
    return call_send(call, ETCD_RANGE, false);
}

/* ---- The marker ------------------------------------------------------------------------------------------------ */

/* Keeps the newest marker; that of a higher base begins a new count of revisions. False: the base is lower than one
 * that was there before. */
static bool call_keep_marker(etcd_call *call)
{
    tjob_etcd_store *store = call->store;
    tjob__etcd_lock(store);
    const bool renewed = call->marker.base > store->marker.base;
    const bool is_back = call->marker.base < store->marker.base;
    if (renewed) {
        store->seen_revision = 0;
        call->seen_revision = 0;
    }
    if (renewed || (!is_back && call->marker.mod_revision > store->marker.mod_revision)) {
        store->marker = call->marker;
    }
    store->marker_is_stale = is_back;
    tjob__etcd_unlock(store);
    call_see_revision(call);
    return !is_back;
}

/* Says how it is known that etcd is not as it was. */
static tjob_etcd_problem call_note_restored(etcd_call *call)
{
    return tjob__etcd_call_note(call, TJOB_ETCD_RESTORED,
                                call->answer.cluster_id != call->marker.cluster_id
                                    ? "the marker was made for another cluster"
                                    : "the revision of etcd, or the marker, is lower than before");
}

tjob_etcd_problem tjob__etcd_call_marker(etcd_call *call, unsigned range)
{
    char text[TJOB_ETCD_MARKER_BYTES_MAX];
    size_t bytes;
    etcd_kv kv;
    etcd_range keys = tjob__etcd_answer_range(&call->answer, range);
    call->marker = (tjob_etcd_marker){0};
    if (!tjob__etcd_range_next(&keys, &kv)) {
        return keys.is_valid ? tjob__etcd_call_note(call, TJOB_ETCD_NO_STORE, "there is no marker under this prefix")
                             : tjob__etcd_call_note_range(call);
    }
    if (!tjob__base64_decode(&kv.value, text, sizeof text, &bytes)) {
        return tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "the marker is not one");
    }
    const tjob_etcd_problem problem =
        tjob__etcd_marker_read(&call->marker, (tjob_text){text, bytes}, kv.mod_revision, kv.changes);
    if (problem != TJOB_ETCD_OK) {
        call->marker = (tjob_etcd_marker){0};
        return tjob__etcd_call_note(call, problem, "the marker is not one of this version");
    }
    const bool is_kept = call_keep_marker(call);
    return is_kept && tjob__etcd_call_is_forward(call) ? TJOB_ETCD_OK : call_note_restored(call);
}

tjob_etcd_problem tjob__etcd_call_load_marker(etcd_call *call)
{
    tjob__etcd_request_marker(tjob__etcd_call_writer(call), call->prefix);
    const etcd_outcome outcome = tjob__etcd_call_send(call, false);
    return outcome.certainty == ETCD_DONE ? tjob__etcd_call_marker(call, 0) : outcome.problem;
}
