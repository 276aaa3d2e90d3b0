/* What the checker of histories shares with what explains its verdicts. */
#ifndef TJOB_VERIFY_HISTORY_H
#define TJOB_VERIFY_HISTORY_H

#include "verify/history_search.h"

/* Judges what a view shows: whether its calls are valid, and then whether they are linearizable. */
tjob_finding tjob__history_judge(tjob_history *history, const struct view *view);

#endif
