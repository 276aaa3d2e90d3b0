/* What becomes of a swap that something befalls on its way to the store, there, or on its way back. */
#ifndef TJOB_VERIFY_SIMULATOR_SWAP_FATE_H
#define TJOB_VERIFY_SIMULATOR_SWAP_FATE_H

#include "tjob/simulator.h"

struct swap_fate {
    bool applied;       /* it arrives in time, and is applied if its version stands */
    bool durable;       /* and the store makes it durable before it does anything else */
    bool applied_later; /* it arrives, or arrives once more, at a later time */
    bool answered;      /* whatever the store did, this is answered: */
    tjob_swap_status answer;
};

/* By a fault; with none, and one that is not about swaps, it is applied and its answer is the store's. */
struct swap_fate tjob__swap_fate_of(tjob_fault fault);

#endif
