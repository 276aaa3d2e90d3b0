#include "tjob/postgresql_store.h"

/* The name and the text of each problem. */
static const struct {
    const char *name;
    const char *text;
} postgresql_problems[TJOB_POSTGRESQL_PROBLEM_COUNT] = {
    [TJOB_POSTGRESQL_OK] = {"OK", "no problem"},
    [TJOB_POSTGRESQL_INVALID_ARGUMENT] = {"INVALID_ARGUMENT", "invalid argument"},
    [TJOB_POSTGRESQL_NO_CONNECTION] = {"NO_CONNECTION", "cannot connect to the server"},
    [TJOB_POSTGRESQL_BUSY] = {"BUSY", "timed out waiting for a free connection"},
    [TJOB_POSTGRESQL_NO_TRANSACTION] = {"NO_TRANSACTION", "the caller's connection has no usable transaction"},
    [TJOB_POSTGRESQL_TIMED_OUT] = {"TIMED_OUT", "the server did not answer in time"},
    [TJOB_POSTGRESQL_LOST] = {"LOST", "the connection was lost before the answer"},
    [TJOB_POSTGRESQL_WARNED] = {"WARNED", "the statement succeeded with a warning"},
    [TJOB_POSTGRESQL_CONTENDED] = {"CONTENDED", "serialization failure or deadlock"},
    [TJOB_POSTGRESQL_CANCELLED] = {"CANCELLED", "the statement was cancelled or timed out on the server"},
    [TJOB_POSTGRESQL_READ_ONLY] = {"READ_ONLY", "the server is a standby or read-only"},
    [TJOB_POSTGRESQL_NO_SPACE] = {"NO_SPACE", "the server's disk is full"},
    [TJOB_POSTGRESQL_NO_RESOURCES] = {"NO_RESOURCES", "the server is out of memory or connections"},
    [TJOB_POSTGRESQL_NO_PERMISSION] = {"NO_PERMISSION", "permission denied"},
    [TJOB_POSTGRESQL_MISSING] = {"MISSING", "the database has no store in the search path"},
    [TJOB_POSTGRESQL_OTHER_SCHEMA] = {"OTHER_SCHEMA", "the schema has another version"},
    [TJOB_POSTGRESQL_DAMAGED] = {"DAMAGED", "a row is not a valid job"},
    [TJOB_POSTGRESQL_NOT_DURABLE] = {"NOT_DURABLE", "the server runs with fsync or full_page_writes off"},
    [TJOB_POSTGRESQL_OLD_SERVER] = {"OLD_SERVER", "the server is older than PostgreSQL 15"},
    [TJOB_POSTGRESQL_REFUSED] = {"REFUSED", "the server refused the statement"},
};

const char *tjob_postgresql_problem_text(tjob_postgresql_problem problem)
{
    return (unsigned)problem < TJOB_POSTGRESQL_PROBLEM_COUNT ? postgresql_problems[problem].text : "?";
}

const char *tjob_postgresql_problem_name(tjob_postgresql_problem problem)
{
    return (unsigned)problem < TJOB_POSTGRESQL_PROBLEM_COUNT ? postgresql_problems[problem].name : "?";
}
