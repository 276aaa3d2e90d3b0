#include "tjob/etcd_store.h"

/* The name and the text of each problem. */
static const struct {
    const char *name;
    const char *text;
} etcd_problems[TJOB_ETCD_PROBLEM_COUNT] = {
    [TJOB_ETCD_OK] = {"OK", "no problem"},
    [TJOB_ETCD_INVALID_ARGUMENT] = {"INVALID_ARGUMENT", "invalid argument"},
    [TJOB_ETCD_NO_RESOURCES] = {"NO_RESOURCES", "out of memory"},
    [TJOB_ETCD_BUSY] = {"BUSY", "timed out waiting for a free connection"},
    [TJOB_ETCD_UNREACHABLE] = {"UNREACHABLE", "no endpoint accepts a connection"},
    [TJOB_ETCD_LOST] = {"LOST", "etcd did not answer in time, or not completely"},
    [TJOB_ETCD_FAILED] = {"FAILED", "etcd failed"},
    [TJOB_ETCD_NOT_ETCD] = {"NOT_ETCD", "the answer is not one of etcd's gateway"},
    [TJOB_ETCD_REFUSED] = {"REFUSED", "etcd refused the request"},
    [TJOB_ETCD_NO_SPACE] = {"NO_SPACE", "the database of etcd is full"},
    [TJOB_ETCD_NO_STORE] = {"NO_STORE", "there is no store under this prefix"},
    [TJOB_ETCD_OTHER_SCHEMA] = {"OTHER_SCHEMA", "the store has another schema"},
    [TJOB_ETCD_RESTORED] = {"RESTORED", "etcd was restored from a snapshot, or is another cluster"},
    [TJOB_ETCD_DAMAGED] = {"DAMAGED", "a record or the marker of the store is invalid"},
};

const char *tjob_etcd_problem_text(tjob_etcd_problem problem)
{
    return (unsigned)problem < TJOB_ETCD_PROBLEM_COUNT ? etcd_problems[problem].text : "?";
}

const char *tjob_etcd_problem_name(tjob_etcd_problem problem)
{
    return (unsigned)problem < TJOB_ETCD_PROBLEM_COUNT ? etcd_problems[problem].name : "?";
}
