/* Operations in flight: their requests, the faults that affect them, and their effects on the store. */
#ifndef TJOB_VERIFY_SIMULATOR_IN_FLIGHT_H
#define TJOB_VERIFY_SIMULATOR_IN_FLIGHT_H

#include "tjob/operation.h"
#include "tjob/simulator.h"

/* What an operation in flight is on its way to. */
enum in_flight_stage {
    STAGE_LOAD, /* its load, to the store */
    STAGE_SWAP,
    STAGE_ANSWER /* its last answer, to the actor */
};

/* An operation in flight. */
struct in_flight {
    tjob_operation operation;
    uint64_t stream; /* its random number stream */
    uint32_t number; /* in the pool */
    uint32_t job;    /* the index of its cell */
    uint32_t call;   /* the number of its call */
    uint8_t stage;
    uint8_t actor;
};

/* A write in flight: a swap that arrives at the store on its own, whatever becomes of its operation; or a crash of the
 * store. */
struct late_write {
    tjob_job next;
    uint64_t version;
    uint32_t number; /* in the pool */
    uint32_t job;    /* the index of its cell */
    uint32_t call;   /* the number of the call that it belongs to */
    uint32_t access; /* the number of its swap in the replay */
    bool removes;    /* it removes the record; `next` is undefined */
    bool crashes;    /* it is a crash of the store; `next` and `version` are undefined */
};

/* Handle the arrival of an operation and of a write. */
void tjob__in_flight_arrives(struct tjob_simulator *simulator, struct in_flight *in_flight);
void tjob__write_arrives(struct tjob_simulator *simulator, struct late_write *write);

#endif
