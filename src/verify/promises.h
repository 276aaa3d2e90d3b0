/* What is checked at once, beside the judge of histories: by the reference and by sentences of its own. */
#ifndef TJOB_VERIFY_PROMISES_H
#define TJOB_VERIFY_PROMISES_H

#include "tjob/simulator.h"

/* What is promised under a policy. */
struct promises {
    bool table; /* the policy's rule is the library's */
    bool stop;  /* and an accepted stop is one that was requested: I2 */
};

struct promises tjob__promises_of(const tjob_policy *policy);

/* What an operation has done so far, as the store saw it. */
struct deeds {
    uint8_t landed; /* swaps that were applied; the second one is a violation, and the end */
    bool accessed;  /* there was a load or a swap */
    bool ended;
    uint8_t status;  /* once ended: a tjob_status */
    uint8_t changed; /* and a tjob_changed */
};

/* Each tells what is violated; TJOB_CHECK_NONE if nothing is. */

/* A record that was found. `promised`: in its incarnation a stop was answered 200 before. */
tjob_simulator_check tjob__promises_of_record(const struct promises *promises, const tjob_job *job, bool promised);

/* A record that was changed by an event; both all zero where there is none. */
tjob_simulator_check tjob__promises_of_change(const struct promises *promises, const tjob_job *before,
                                              const tjob_event *event, const tjob_job *after);

/* What was done by an operation, whenever one of its swaps was applied and when it ends. */
tjob_simulator_check tjob__promises_of_deeds(const struct deeds *deeds);

#endif
