#include "tjob/etcd_store.h"

const char *tjob_etcd_problem_name(tjob_etcd_problem problem)
{
    static const char *const names[TJOB_ETCD_PROBLEM_COUNT] = {
        [TJOB_ETCD_OK] = "ok",
        [TJOB_ETCD_INVALID_ARGUMENT] = "invalid argument",
        [TJOB_ETCD_NO_RESOURCES] = "no resources",
        [TJOB_ETCD_BUSY] = "busy",
        [TJOB_ETCD_UNREACHABLE] = "unreachable",
        [TJOB_ETCD_LOST] = "lost",
        [TJOB_ETCD_FAILED] = "failed",
        [TJOB_ETCD_NOT_ETCD] = "not etcd",
        [TJOB_ETCD_REFUSED] = "refused",
        [TJOB_ETCD_NO_SPACE] = "no space",
        [TJOB_ETCD_NO_STORE] = "no store",
        [TJOB_ETCD_OTHER_SCHEMA] = "other schema",
        [TJOB_ETCD_RESTORED] = "restored",
        [TJOB_ETCD_DAMAGED] = "damaged",
    };
    return (unsigned)problem < TJOB_ETCD_PROBLEM_COUNT ? names[problem] : "?";
}
