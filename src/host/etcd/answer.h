/* An answer of etcd's gateway to a transaction, as JSON. */
#ifndef TJOB_HOST_ETCD_ANSWER_H
#define TJOB_HOST_ETCD_ANSWER_H

#include <stdint.h>

#include "wire/json.h"

/* An answer. The values are places in its text. */
typedef struct etcd_answer {
    bool is_json;    /* one whole JSON object */
    bool has_header; /* with a header that has both of the next: the answer to a transaction */
    bool has_code;   /* an error */
    bool succeeded;  /* the compares were true */
    uint32_t code;   /* of the error: a status of gRPC */
    uint64_t cluster_id;
    uint64_t revision;
    json_value message; /* of the error; NULL pointers if there is none */
    json_value responses;
    json_value kvs; /* of a range that is a request of its own */
} etcd_answer;

/* The keys of one range, in progress. */
typedef struct etcd_range {
    const unsigned char *at; /* NULL: there are no more */
    const unsigned char *end;
    bool is_valid; /* false from the first thing on that is not as etcd writes it */
    bool more;     /* more keys than the limit */
} etcd_range;

/* One key. */
typedef struct etcd_kv {
    uint64_t mod_revision;
    uint64_t changes; /* how often it was written since it was created */
    json_value key;   /* kind JSON_NULL: none */
    json_value value; /* the same */
} etcd_kv;

/* Reads an answer. */
etcd_answer tjob__etcd_answer_read(tjob_text text);

/* Returns the keys of a range that was a request of its own: at most one. */
etcd_range tjob__etcd_answer_keys(const etcd_answer *answer);

/* Returns the keys of response `index`, which must be that of a range: else it is not valid. */
etcd_range tjob__etcd_answer_range(const etcd_answer *answer, unsigned index);

/* Reads the next key of a range. False: there is none, or the range is not valid. */
bool tjob__etcd_range_next(etcd_range *range, etcd_kv *kv);

#endif
