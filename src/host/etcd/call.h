/* One call of a store: it has a connection, a deadline, and what the store knew when it began. */
#ifndef TJOB_HOST_ETCD_CALL_H
#define TJOB_HOST_ETCD_CALL_H

#include "host/etcd/outcome.h"
#include "host/etcd/request.h"

typedef struct etcd_call {
    tjob_etcd_store *store;
    tjob_etcd_connection *connection;
    uint64_t deadline_ms;
    uint64_t seen_revision; /* before the request in progress */
    uint32_t first_endpoint;
    tjob_text prefix;
    tjob_etcd_marker marker; /* text_bytes 0: not read yet */
    bool marker_is_stale;    /* it may have been written since */
    json_writer writer;      /* of the request */
    etcd_answer answer;
    tjob_etcd_problem problem; /* what was noted last */
    char message[TJOB_ETCD_MESSAGE_BYTES];
} etcd_call;

/* Begins a call: takes a connection. False: there was none in time, and the problem is reported. */
bool tjob__etcd_call_begin(etcd_call *call, tjob_etcd_store *store);

/* Ends the call. `failed`: the problem that was noted last is the reason, and the handle reports it from now on. */
void tjob__etcd_call_end(etcd_call *call, bool failed);

/* Returns the writer of the next request, which is empty. */
json_writer *tjob__etcd_call_writer(etcd_call *call);

/* Sends the request for a transaction; `once`: at most one time. Returns the outcome, and fills call->answer; a problem
 * is noted. */
etcd_outcome tjob__etcd_call_send(etcd_call *call, bool once);

/* Sends the request of a range, which has an answer with a header and the keys. */
etcd_outcome tjob__etcd_call_send_range(etcd_call *call);

/* Notes a problem that is not of the transport, and returns it. */
tjob_etcd_problem tjob__etcd_call_note(etcd_call *call, tjob_etcd_problem problem, const char *message);

/* Notes that the answer lacks a range that was asked for, and returns that problem. */
tjob_etcd_problem tjob__etcd_call_note_range(etcd_call *call);

/*
 * Reads the marker from a range of the answer, and checks that etcd is the one it was made for and was not set back.
 * Fills call->marker, and keeps it in the store. Returns TJOB_ETCD_OK, or the problem, which is noted.
 * TJOB_ETCD_NO_STORE also fills call->marker: with zeros. TJOB_ETCD_RESTORED fills it, too.
 */
tjob_etcd_problem tjob__etcd_call_marker(etcd_call *call, unsigned range);

/* Returns whether the answer is from the cluster of the marker, at a revision that is not below an earlier answer's. */
bool tjob__etcd_call_is_forward(const etcd_call *call);

/* Reads the marker alone. Returns as tjob__etcd_call_marker, or the problem of the transport. */
tjob_etcd_problem tjob__etcd_call_load_marker(etcd_call *call);

#endif
