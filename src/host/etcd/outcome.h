/* What an outcome of an exchange says about a request: the table of docs/etcd.md. */
#ifndef TJOB_HOST_ETCD_OUTCOME_H
#define TJOB_HOST_ETCD_OUTCOME_H

#include "host/etcd/answer.h"
#include "tjob/etcd_store.h"

/* How an exchange with an endpoint ended. */
typedef enum etcd_transport {
    ETCD_NOT_SENT = 0, /* certainly nothing: no connection */
    ETCD_LOST,         /* sent, perhaps in part; no whole answer */
    ETCD_ANSWERED      /* a whole answer of HTTP */
} etcd_transport;

/* What is certain about the transaction. */
typedef enum etcd_certainty {
    ETCD_DONE,     /* it took place; whether its compares were true is in the answer */
    ETCD_NEVER,    /* it did not take place and never will */
    ETCD_FINAL,    /* it took place or not, and that will not change: a read decides */
    ETCD_UNDECIDED /* it may have taken place, or may yet */
} etcd_certainty;

typedef struct etcd_outcome {
    tjob_etcd_problem problem;
    etcd_certainty certainty;
} etcd_outcome;

/* Returns what is certain. `http_status` and `answer` count only for ETCD_ANSWERED. Pure. */
etcd_outcome tjob__etcd_outcome_of(etcd_transport transport, unsigned http_status, const etcd_answer *answer);

#endif
