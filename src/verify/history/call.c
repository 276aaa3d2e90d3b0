#include "verify/history/call.h"

enum call_role tjob__role_of(const tjob_call *call)
{
    const tjob_status status = call->outcome.status;
    const bool known = (call->known & TJOB_KNOWN_CHANGED) != 0;
    const bool unknown = known ? call->outcome.changed == TJOB_CHANGED_UNKNOWN : status == TJOB_UNRESOLVED;
    switch (status) { /* LCOV_EXCL_BR_LINE: there is no other status */
    case TJOB_OK:
        return known && unknown && call->event.kind != TJOB_DESCRIBE ? ROLE_FOUND : ROLE_ANSWERED;
    case TJOB_NOT_FOUND:
    case TJOB_IN_USE:
    case TJOB_STALE:
    case TJOB_WRONG_STATE:
    case TJOB_REFUSED_BY_POLICY:
        return ROLE_ANSWERED;
    case TJOB_INVALID_ARGUMENT:
    case TJOB_ACCESS_DENIED:
    case TJOB_THROTTLED:
    case TJOB_UNKNOWN_OPERATION:
        return ROLE_SILENT;
    case TJOB_MISCONFIGURED:
    case TJOB_UNAVAILABLE:
    case TJOB_FULL:
    case TJOB_CONTENDED:
    case TJOB_UNRESOLVED:
        break;
    }
    return unknown ? ROLE_OPEN : ROLE_SILENT;
}

bool tjob__role_knows(enum call_role role)
{
    return role == ROLE_ANSWERED || role == ROLE_FOUND;
}

uint64_t tjob__incarnation_known_from(const tjob_call *call)
{
    const tjob_job *record = record_known_from(call);
    if (record != NULL) {
        return record->incarnation;
    }
    /* A removal is answered OK, unchanged, whatever the incarnation was. */
    const bool found = call->event.kind != TJOB_REMOVED ||
                       ((call->known & TJOB_KNOWN_CHANGED) != 0 && call->outcome.changed == TJOB_CHANGED_YES);
    return call->outcome.status == TJOB_OK && found ? call->event.incarnation : 0;
}

bool tjob__is_reader(const tjob_call *call, enum call_role role)
{
    if (role == ROLE_FOUND) {
        return record_known_from(call) != NULL;
    }
    return role == ROLE_ANSWERED &&
           (call->outcome.status != TJOB_OK || call->event.kind == TJOB_DESCRIBE ||
            ((call->known & TJOB_KNOWN_CHANGED) != 0 && call->outcome.changed == TJOB_CHANGED_NO));
}
