/* The labels of steps: which actor did what, and what it was answered, in one word. */
#ifndef TJOB_VERIFY_LIFECYCLE_LABEL_H
#define TJOB_VERIFY_LIFECYCLE_LABEL_H

#include <stdbool.h>
#include <stdint.h>

enum action { ACTION_ASK, ACTION_LOAD, ACTION_LOAD_AGAIN, ACTION_SWAP, ACTION_APPLY, ACTION_CRASH, ACTION_STORE_CRASH };

/* The description of a step. */
struct label {
    uint32_t actor;
    enum action action;
    uint32_t event;         /* a tjob_event_kind */
    uint32_t now_ms;        /* for ACTION_LOAD */
    uint32_t answer;        /* ACTION_ASK: the answer, an ASK_; ACTION_LOAD, ACTION_SWAP: the store's answer */
    uint32_t lost;          /* ACTION_SWAP answered TJOB_SWAP_UNKNOWN: the fate of the swap, a LOST_ */
    uint32_t trainer_token; /* the fencing token that the event carries */
    bool ends;              /* the operation ended with the following status and change */
    uint32_t status;
    uint32_t changed;
};

enum { ASK_DENIED, ASK_CANNOT_AUTHORIZE, ASK_THROTTLED };
enum { LOST_NOT_APPLIED, LOST_APPLIED, LOST_UNDER_WAY };

uint64_t tjob__label_encode(const struct label *label);
struct label tjob__label_decode(uint64_t word);

#endif
