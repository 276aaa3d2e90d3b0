/* Connecting to the first host of a connection string that accepts, within a deadline. */
#ifndef TJOB_HOST_POSTGRESQL_CONNECT_H
#define TJOB_HOST_POSTGRESQL_CONNECT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "tjob/postgresql_store.h"

/* Returns whether libpq can read a connection string. */
bool tjob__postgresql_conninfo_is_valid(const char *conninfo);

/*
 * Connects. libpq by itself would wait for a silent host for ever, so each host of a list is tried for its share of the
 * time that is left, beginning with number *first modulo their count. Sets *first to the one that was reached.
 *
 * Returns a non-blocking connection; or NULL, and why, in `message`.
 */
PGconn *tjob__postgresql_connect(const char *conninfo, uint64_t deadline, uint32_t *first,
                                 char message[TJOB_POSTGRESQL_MESSAGE_BYTES]);

#endif
