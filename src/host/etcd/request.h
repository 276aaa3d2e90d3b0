/* The requests to etcd's gateway, each the body of one POST to /v3/kv/txn; of one kind, to /v3/kv/range. */
#ifndef TJOB_HOST_ETCD_REQUEST_H
#define TJOB_HOST_ETCD_REQUEST_H

#include "tjob/etcd_store.h"
#include "wire/json_writer.h"

/*
 * The keys, behind the prefix of the store:
 *
 *   store                          the marker
 *   job/ARN                        a record: its 64 bytes; or "removed", a tombstone
 *   state/STATE/LATEST_MS/ARN      the same, by state (one digit; 0 is a tombstone) and time (20 digits)
 *
 * The last two are written in one transaction, so they have the same revision.
 */
#define ETCD_TOMBSTONE "removed"

/* An entry of the index, behind the ARN. A tombstone: all zero. */
typedef struct etcd_entry {
    uint64_t latest_ms;
    uint32_t state;
} etcd_entry;

/* What a swap replaces, and by what. */
typedef struct etcd_change {
    tjob_text arn;
    uint64_t mod_revision; /* of the key; 0: there is no key yet, and the absence has the version of the marker */
    etcd_entry old;        /* unless there is no key */
    etcd_entry next;
    tjob_text value; /* the record, or the tombstone */
} etcd_change;

/* The place of a list: the entry after which the next page begins. */
typedef struct etcd_place {
    uint32_t state;
    uint32_t arn_bytes;
    uint64_t revision;  /* 0: the present one */
    uint64_t latest_ms; /* arn_bytes 0: the place is before all entries of the state */
    char arn[TJOB_ARN_BYTES_MAX];
} etcd_place;

/* Reads the record of an ARN, and the marker: ranges 0 and 1 of the answer. */
void tjob__etcd_request_load(json_writer *writer, tjob_text prefix, tjob_text arn);

/* Reads the record alone, by a range that is a request of its own. */
void tjob__etcd_request_record(json_writer *writer, tjob_text prefix, tjob_text arn);

/* Makes a change, if the key and the marker are as they were. */
void tjob__etcd_request_swap(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *marker,
                             const etcd_change *change);

/* Reads at most `limit` entries behind a place, up to a time (0: any), and the marker: ranges 0 and 1. */
void tjob__etcd_request_page(json_writer *writer, tjob_text prefix, const etcd_place *place, uint64_t until_ms,
                             uint32_t limit);

/* Reads the marker: range 0. */
void tjob__etcd_request_marker(json_writer *writer, tjob_text prefix);

/* Writes the marker, if it is as it was; all zero: if there is none. */
void tjob__etcd_request_put_marker(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *old, tjob_text text);

/* Deletes a tombstone, if it is there, and the marker is the same and was written later. */
void tjob__etcd_request_purge(json_writer *writer, tjob_text prefix, const tjob_etcd_marker *marker, tjob_text arn,
                              uint64_t mod_revision);

#endif
