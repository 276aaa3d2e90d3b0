#include "tjob/status.h"

/* Fixed-width rows instead of pointers: without relocations the table stays read-only in shared libraries too. */
static const char status_names[TJOB_STATUS_COUNT][20] = {
    [TJOB_OK] = "ok",
    [TJOB_INVALID_ARGUMENT] = "invalid argument",
    [TJOB_NOT_FOUND] = "not found",
    [TJOB_IN_USE] = "in use",
    [TJOB_STALE] = "stale",
    [TJOB_WRONG_STATE] = "wrong state",
    [TJOB_REFUSED_BY_POLICY] = "refused by policy",
    [TJOB_ACCESS_DENIED] = "access denied",
    [TJOB_THROTTLED] = "throttled",
    [TJOB_UNKNOWN_OPERATION] = "unknown operation",
    [TJOB_MISCONFIGURED] = "misconfigured",
    [TJOB_UNAVAILABLE] = "unavailable",
    [TJOB_FULL] = "full",
    [TJOB_CONTENDED] = "contended",
    [TJOB_UNRESOLVED] = "unresolved",
};

bool tjob_status_is_refusal(tjob_status status)
{
    return status > TJOB_OK && status <= TJOB_UNKNOWN_OPERATION;
}

bool tjob_status_is_failure(tjob_status status)
{
    return status != TJOB_OK && !tjob_status_is_refusal(status);
}

const char *tjob_status_name(tjob_status status)
{
    return (unsigned)status < TJOB_STATUS_COUNT ? status_names[status] : "?";
}
