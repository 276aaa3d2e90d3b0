#include "host/postgresql/outcome.h"

#include <string.h>

/*
 * The first row that fits counts. An ERROR aborts its transaction, so it is certain; two SQLSTATEs say of themselves
 * that they are not. Everything else that is not a plain success leaves open what became of the statement.
 */
static const struct tjob__postgresql_outcome outcomes[] = {
    /* ending                        SQLSTATE  problem                        creation               change */
    {TJOB__POSTGRESQL_NOT_CONNECTED, "", TJOB_POSTGRESQL_NO_CONNECTION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_BUSY, "", TJOB_POSTGRESQL_BUSY, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_NO_TRANSACTION, "", TJOB_POSTGRESQL_NO_TRANSACTION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_DONE, "", TJOB_POSTGRESQL_OK, TJOB_SWAP_OK, TJOB_SWAP_OK},
    {TJOB__POSTGRESQL_NO_ROW, "", TJOB_POSTGRESQL_OK, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    {TJOB__POSTGRESQL_WARNED, "", TJOB_POSTGRESQL_WARNED, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_TIMED_OUT, "", TJOB_POSTGRESQL_TIMED_OUT, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_LOST, "", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},

    /* connection exceptions; "statement completion unknown" */
    {TJOB__POSTGRESQL_ERROR, "08", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    {TJOB__POSTGRESQL_ERROR, "40003", TJOB_POSTGRESQL_LOST, TJOB_SWAP_UNKNOWN, TJOB_SWAP_UNKNOWN},
    /* serialization failure, deadlock, and the other rollbacks of transactions */
    {TJOB__POSTGRESQL_ERROR, "40", TJOB_POSTGRESQL_CONTENDED, TJOB_SWAP_CONFLICT, TJOB_SWAP_CONFLICT},
    /* disk full; out of memory, connections, locks */
    {TJOB__POSTGRESQL_ERROR, "53100", TJOB_POSTGRESQL_NO_SPACE, TJOB_SWAP_FULL, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "53", TJOB_POSTGRESQL_NO_RESOURCES, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    /* query cancelled, by a user or by statement_timeout; lock_timeout */
    {TJOB__POSTGRESQL_ERROR, "57014", TJOB_POSTGRESQL_CANCELLED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "55P03", TJOB_POSTGRESQL_CANCELLED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    /* read-only transaction, as on a standby */
    {TJOB__POSTGRESQL_ERROR, "25006", TJOB_POSTGRESQL_READ_ONLY, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    /* no such table; no such column; no permission */
    {TJOB__POSTGRESQL_ERROR, "42P01", TJOB_POSTGRESQL_MISSING, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "42703", TJOB_POSTGRESQL_OTHER_SCHEMA, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "42501", TJOB_POSTGRESQL_NO_PERMISSION, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    /* damaged data or index */
    {TJOB__POSTGRESQL_ERROR, "XX00", TJOB_POSTGRESQL_DAMAGED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
    {TJOB__POSTGRESQL_ERROR, "", TJOB_POSTGRESQL_REFUSED, TJOB_SWAP_UNAVAILABLE, TJOB_SWAP_UNAVAILABLE},
};

enum { OUTCOMES = sizeof outcomes / sizeof outcomes[0] };

const struct tjob__postgresql_outcome *tjob__postgresql_outcome(enum tjob__postgresql_ending ending,
                                                                const char *sqlstate)
{
    size_t row = 0;
    while (row < OUTCOMES - 1 && (outcomes[row].ending != ending ||
                                  strncmp(outcomes[row].sqlstate, sqlstate, strlen(outcomes[row].sqlstate)) != 0)) {
        row++;
    }
    return &outcomes[row];
}

const struct tjob__postgresql_outcome *tjob__postgresql_outcome_row(size_t row)
{
    return row < OUTCOMES ? &outcomes[row] : NULL;
}
