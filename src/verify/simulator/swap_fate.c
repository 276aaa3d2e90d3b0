#include "verify/simulator/swap_fate.h"

struct swap_fate tjob__swap_fate_of(tjob_fault fault)
{
    static const struct swap_fate as_it_should_be = {.applied = true, .durable = true};
    static const struct swap_fate fates[TJOB_FAULT_COUNT] = {
        [TJOB_FAULT_SWAP_UNAVAILABLE] = {.answered = true, .answer = TJOB_SWAP_UNAVAILABLE},
        [TJOB_FAULT_CONFLICT] = {.answered = true, .answer = TJOB_SWAP_CONFLICT},
        [TJOB_FAULT_FULL] = {.answered = true, .answer = TJOB_SWAP_FULL},
        [TJOB_FAULT_LOST_BEFORE] = {.answered = true, .answer = TJOB_SWAP_UNKNOWN},
        [TJOB_FAULT_LOST_AFTER] = {.applied = true, .durable = true, .answered = true, .answer = TJOB_SWAP_UNKNOWN},
        [TJOB_FAULT_LATE] = {.applied_later = true, .answered = true, .answer = TJOB_SWAP_UNKNOWN},
        [TJOB_FAULT_DUPLICATED] = {.applied = true, .durable = true, .applied_later = true},
        [TJOB_FAULT_STORE_CRASH] = {.applied = true, .answered = true, .answer = TJOB_SWAP_UNKNOWN},
        [TJOB_FAULT_PARTITION] = {.answered = true, .answer = TJOB_SWAP_UNKNOWN},
        [TJOB_FAULT_OUTAGE] = {.answered = true, .answer = TJOB_SWAP_UNAVAILABLE},
    };
    const bool befalls = (unsigned)fault < TJOB_FAULT_COUNT && (fates[fault].applied || fates[fault].answered);
    return befalls ? fates[fault] : as_it_should_be;
}
