/* A proxy inside a test: it forwards connections to a server, and does one thing to the next swap that passes. */
#ifndef TJOB_TESTS_POSTGRESQL_PROXY_H
#define TJOB_TESTS_POSTGRESQL_PROXY_H

#include <pthread.h>
#include <stdbool.h>

#include "tjob/store_contract.h"

enum { PROXY_CONNECTIONS_MAX = 64 };

struct proxy_connection {
    int ends[2];  /* client, server; -1: closed */
    int held_len; /* a request that is held back */
    bool loses_answer;
    bool is_silent; /* nothing more is forwarded */
    char held[8192];
};

struct proxy {
    pthread_t thread;
    pthread_mutex_t mutex;
    int listener;
    int wake[2];
    int port; /* where it listens, on 127.0.0.1 */
    int target;
    bool stops;
    bool heals;     /* what was held back is to be delivered */
    int fault;      /* of the next swap; -1: none */
    bool happened;  /* the fault that was injected last */
    unsigned swaps; /* the swaps that have passed */
    struct proxy_connection connections[PROXY_CONNECTIONS_MAX];
};

/* Begins to forward a port of its own to port `target` of 127.0.0.1. */
void proxy_start(struct proxy *proxy, int target);
void proxy_stop(struct proxy *proxy);

/* As in tjob_store_contract. */
void proxy_inject(struct proxy *proxy, tjob_store_contract_fault fault);
bool proxy_heal(struct proxy *proxy);

/* Returns how many requests with a swap have passed so far. */
unsigned proxy_swaps(struct proxy *proxy);

#endif
