/* What the end of a statement says about its effect: one table. */
#ifndef TJOB_HOST_POSTGRESQL_OUTCOME_H
#define TJOB_HOST_POSTGRESQL_OUTCOME_H

#include <stddef.h>

#include "tjob/postgresql_store.h"

/* How a statement ended, as far as this side saw. */
enum tjob__postgresql_ending {
    TJOB__POSTGRESQL_NOT_CONNECTED = 0, /* not sent: no connection */
    TJOB__POSTGRESQL_BUSY,              /* not sent: no connection is free */
    TJOB__POSTGRESQL_NO_TRANSACTION,    /* not sent: the caller's connection has no transaction that can go on */
    TJOB__POSTGRESQL_DONE,              /* success, at least one row, no warning */
    TJOB__POSTGRESQL_NO_ROW,            /* success, no row: nothing was changed, with or without a warning */
    TJOB__POSTGRESQL_WARNED,            /* success with a warning */
    TJOB__POSTGRESQL_TIMED_OUT,         /* no answer by the deadline */
    TJOB__POSTGRESQL_LOST,              /* the connection broke, an error that is not of severity ERROR, or one without
                                           an SQLSTATE */
    TJOB__POSTGRESQL_ERROR              /* an error of severity ERROR with an SQLSTATE, and nothing worse after it */
};

struct tjob__postgresql_outcome {
    enum tjob__postgresql_ending ending;
    const char *sqlstate; /* the beginning of the SQLSTATE of an error; "" is any */
    tjob_postgresql_problem problem;
    tjob_swap_status creation; /* of a swap that inserts a row */
    tjob_swap_status change;   /* of any other swap; every load is TJOB_LOAD_UNAVAILABLE unless it is DONE */
};

/* Returns the row of the table. `sqlstate` is that of an error, else "". Pure; thread-safe. */
const struct tjob__postgresql_outcome *tjob__postgresql_outcome(enum tjob__postgresql_ending ending,
                                                                const char *sqlstate);

/* Returns the row of that number; NULL behind the last one. For tests. */
const struct tjob__postgresql_outcome *tjob__postgresql_outcome_row(size_t row);

#endif
