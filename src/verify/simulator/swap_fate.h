/* The fate of a swap that a fault affects on its way to the store, in the store, or on its way back. */
#ifndef TJOB_VERIFY_SIMULATOR_SWAP_FATE_H
#define TJOB_VERIFY_SIMULATOR_SWAP_FATE_H

#include "tjob/simulator.h"

struct swap_fate {
    bool applied;       /* it arrives in time, and is applied if the store holds its version */
    bool durable;       /* and the store makes it durable before it does anything else */
    bool applied_later; /* it arrives, or arrives once more, at a later time */
    bool answered;      /* the answer is the following one, whatever the store did */
    tjob_swap_status answer;
};

/* Returns the fate of a swap for a fault. Without a fault, or with one that does not affect swaps, the swap is applied
 * and its answer is the store's. */
struct swap_fate tjob__swap_fate_of(tjob_fault fault);

#endif
