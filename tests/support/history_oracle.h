/*
 * Whether a history is linearizable, by trying every order of every instant, every time and every incarnation that
 * could matter: slow, and written with nothing in common with the checker but the rule.
 */
#ifndef TJOB_TESTS_HISTORY_ORACLE_H
#define TJOB_TESTS_HISTORY_ORACLE_H

#include <stdbool.h>

#include "tjob/history_checker.h"

enum { ORACLE_CALLS_MAX = 12 };

/* The job is absent at first. At most ORACLE_CALLS_MAX calls. */
bool oracle_is_linearizable(const tjob_call *calls, size_t count, const tjob_policy *policy);

/* The same where what some of the calls were answered is forgotten: each of them took effect between its invocation and
 * its answer, or did not. A call without an answer, or with one that leaves it open, is as ever. */
bool oracle_is_linearizable_without(const tjob_call *calls, const bool *forgotten, size_t count,
                                    const tjob_policy *policy);

#endif
