/* What the checker of histories shares with what explains its verdicts. */
#ifndef TJOB_VERIFY_HISTORY_CHECKER_H
#define TJOB_VERIFY_HISTORY_CHECKER_H

#include "verify/history/linearize.h"

/* Judges what a view shows: whether its calls are valid, and then whether they are linearizable. */
tjob_history_result tjob__history_linearize(tjob_history_checker *history, const struct view *view);

#endif
