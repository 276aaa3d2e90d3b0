/* The world of a scenario: one service over a memory store that can be reported to fail, and whoever acts in it. */
#ifndef TJOB_TESTS_WORLD_H
#define TJOB_TESTS_WORLD_H

#include <stdbool.h>

#include "tjob/tjob.h"

enum { WORLD_JOBS_MAX = 8, WORLD_ACTORS_MAX = 4, WORLD_FAULTS_MAX = 64 };

enum fault {
    FAULT_NONE = 0,
    FAULT_UNAVAILABLE,
    FAULT_CONFLICT,
    FAULT_FULL,
    FAULT_LOST_APPLIED, /* the answer is lost */
    FAULT_LOST_DROPPED, /* the swap too */
    FAULT_LOST_LATE     /* the swap is on its way: it is applied when the scenario says so */
};

/* What is to happen to the next calls of one callback. */
struct faults {
    enum fault next[WORLD_FAULTS_MAX];
    unsigned count;
};

/* An operation that a scenario takes step by step. */
struct actor {
    char name[16];
    char arn[TJOB_ARN_BYTES_MAX];
    size_t arn_bytes;
    tjob_operation operation;
};

struct world {
    tjob_service service;
    tjob_bucket bucket;
    tjob_memory_store memory_store;
    uint64_t memory[TJOB_MEMORY_STORE_BYTES(WORLD_JOBS_MAX) / sizeof(uint64_t)];
    tjob_store store; /* the memory store, without faults */
    uint64_t now_ms;
    bool denied;
    struct faults loads;
    struct faults swaps;

    bool late; /* a swap is on its way */
    bool late_removes;
    char late_arn[TJOB_ARN_BYTES_MAX];
    size_t late_arn_bytes;
    uint64_t late_expected;
    tjob_job late_job;

    struct actor actors[WORLD_ACTORS_MAX];
    unsigned actor_count;

    /* The next request, where it is another than a client's. */
    char method[32];
    char content_type[128];
};

/* 2026-01-01T00:00:00Z, when every world begins. */
#define WORLD_BEGIN_MS UINT64_C(1767225600000)

void world_init(struct world *world);

/* Lets the late swap land; false if its version has moved. There must be one. */
bool world_apply_late(struct world *world);

#endif
