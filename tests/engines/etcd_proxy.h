/* A proxy of HTTP between a store and etcd, in threads of the test: counts swaps, and makes faults happen to one. */
#ifndef TJOB_TESTS_ETCD_PROXY_H
#define TJOB_TESTS_ETCD_PROXY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* What happens to the next request, of those that the fault is for. The first four are as
 * tjob_store_contract_fault. */
enum etcd_fault {
    PROXY_REQUEST_LOST, /* not forwarded; the connection is closed */
    PROXY_ANSWER_LOST,  /* forwarded; the connection is closed when the answer is there */
    PROXY_WRITE_LATE,   /* forwarded by etcd_proxy_heal; the connection is closed */
    PROXY_STALLED,      /* the same; the connection stays open until then */
    PROXY_STATUS_ONLY,  /* forwarded; the answer is a status line and an end of headers, and the connection is closed */
    PROXY_NO_BODY,      /* forwarded; the answer is 200 with an empty body */
    PROXY_HALF_BODY,    /* forwarded; the answer ends in the middle of its body */
    PROXY_FALSE_ANSWER, /* forwarded; the answer is `answer` */
    PROXY_OTHER_ANSWER, /* not forwarded; the answer is `answer` */
    PROXY_NO_FAULT
};

struct etcd_proxy {
    int listener;
    uint16_t port;
    char target_host[16];
    uint16_t target_port;
    pthread_t thread;

    pthread_mutex_t mutex; /* guards the fields that follow */
    pthread_cond_t healed;
    enum etcd_fault fault;
    const char *fault_word; /* the fault is for requests with this word */
    bool fault_repeats;
    const char *answer; /* a whole answer */
    bool happened;
    bool is_healed;
    unsigned requests;
    unsigned swaps;       /* requests with "request_put" */
    unsigned connections; /* accepted */
    char *held;           /* a request that is to be late */
    unsigned held_bytes;
    unsigned long long delay_ms; /* of each request */
};

void etcd_proxy_start(struct etcd_proxy *proxy, const char *host, uint16_t port);

/* Makes a fault happen to the next request that contains `word`, or to all. */
void etcd_proxy_inject(struct etcd_proxy *proxy, enum etcd_fault fault, const char *word, bool repeats);

/* Ends the fault: delivers what was held, and waits for its answer. Returns whether the fault has happened. */
bool etcd_proxy_heal(struct etcd_proxy *proxy);

/* Returns the counts since the last call of this. */
void etcd_proxy_counts(struct etcd_proxy *proxy, unsigned *requests, unsigned *swaps, unsigned *connections);

#endif
