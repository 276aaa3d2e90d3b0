/* The connections of a store: a call takes one, until its deadline, or uses that of its caller. */
#ifndef TJOB_HOST_POSTGRESQL_POOL_H
#define TJOB_HOST_POSTGRESQL_POOL_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/postgresql/schema.h"
#include "host/postgresql/statement.h"

/* Make and destroy the mutex and the condition. Returns whether they could be made. */
bool tjob__postgresql_pool_init(tjob_postgresql_store *store);
void tjob__postgresql_pool_close(tjob_postgresql_store *store);

/*
 * Runs one statement on a connection of the pool, or on the caller's if `user` leads to one: takes it, runs the
 * statement as tjob__postgresql_run does, and gives it back; a connection that is not certain to be idle is closed.
 * Returns the row of the table of outcomes, and has recorded its problem. A warning counts only if the statement
 * changes something. `answer->rows` is to be cleared in every case.
 */
const struct tjob__postgresql_outcome *tjob__postgresql_call(tjob_postgresql_store *store, void *user, bool changes,
                                                             const struct tjob__postgresql_sql *sql,
                                                             const struct tjob__postgresql_parameters *parameters,
                                                             struct tjob__postgresql_answer *answer);

/* Records a problem, unless it is none, and the message to it; "": the text of the problem. Returns it. */
tjob_postgresql_problem tjob__postgresql_record(tjob_postgresql_store *store, tjob_postgresql_problem problem,
                                                const char *message);

#endif
