/* The function that the history checker shares with the explanation of its results. */
#ifndef TJOB_VERIFY_HISTORY_CHECKER_H
#define TJOB_VERIFY_HISTORY_CHECKER_H

#include "verify/history/linearize.h"

/* Validates the calls of a view, then checks whether they are linearizable. */
tjob_history_result tjob__history_linearize(tjob_history_checker *history, const struct view *view);

#endif
