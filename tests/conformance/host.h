/* A host for tests: a service over a memory store that counts what is called, and answers what it is told to. */
#ifndef TJOB_TESTS_HOST_H
#define TJOB_TESTS_HOST_H

#include "tjob/tjob.h"

enum { HOST_JOBS = 4, HOST_SUBMITTED_MS = 1000000, HOST_LATER_MS = 2500000 };

typedef struct host {
    tjob_service service; /* all hooks plugged in, but for the describer */
    tjob_memory_store store;
    uint64_t memory[TJOB_MEMORY_STORE_BYTES(HOST_JOBS) / sizeof(uint64_t)];
    uint64_t now_ms;

    /* What the plug-ins answer: the store its own where it is OK, the others as they are told. */
    tjob_load_status load_answer;
    tjob_swap_status swap_answer;
    tjob_authorization authorization;
    tjob_admission admission;

    /* How often they were asked. */
    unsigned loads;
    unsigned swaps;
    unsigned hooks;
} host;

/* A host without jobs at HOST_SUBMITTED_MS, whose plug-ins allow everything. */
void host_init(host *h);

/* Submits a job, and at HOST_LATER_MS brings it to a state by the library's own operations. */
void host_put(host *h, tjob_text arn, tjob_state state);

/* The state in which a job is found, past all hooks and counters. */
tjob_state host_state(host *h, tjob_text arn);

/* How often storage or a hook was asked since the host was made or a job put. */
unsigned host_calls(const host *h);

#endif
