#include "host/etcd/outcome.h"

#include <string.h>

enum { ANY_CODE = 99 };

/*
 * The first row that matches counts; an error must be JSON with a code of gRPC, an answer JSON with a header. What no
 * row names is undecided.
 *
 * etcd checks a quota twice: before it proposes a transaction, which is then refused; and when it applies one. Then the
 * transaction is applied, and its answer is the error of the quota all the same. With the alarm it is refused. The
 * three have the same answer, but whichever it is, nothing happens after it.
 */
static const struct {
    uint16_t http_status;
    uint16_t code;       /* of gRPC */
    const char *message; /* with which it begins; NULL: any */
    etcd_outcome outcome;
} outcome_rows[] = {
    {400, 3, NULL, {TJOB_ETCD_REFUSED, ETCD_NEVER}},  /* invalid: refused before it is proposed or applied */
    {400, 9, NULL, {TJOB_ETCD_REFUSED, ETCD_NEVER}},  /* a precondition, such as authentication being off */
    {400, 11, NULL, {TJOB_ETCD_REFUSED, ETCD_NEVER}}, /* a revision that is compacted, or is not there yet */
    {401, 16, NULL, {TJOB_ETCD_REFUSED, ETCD_NEVER}}, /* no valid token: checked before it is applied */
    {403, 7, NULL, {TJOB_ETCD_REFUSED, ETCD_NEVER}},  /* no permission: the same */
    {429, 8, "etcdserver: mvcc: database space exceeded", {TJOB_ETCD_NO_SPACE, ETCD_FINAL}},
    {429, 8, "etcdserver: too many requests", {TJOB_ETCD_REFUSED, ETCD_NEVER}}, /* refused before it is proposed */
    {500, ANY_CODE, NULL, {TJOB_ETCD_FAILED, ETCD_UNDECIDED}}, /* "context deadline exceeded", applied later or not */
    {503, ANY_CODE, NULL, {TJOB_ETCD_FAILED, ETCD_UNDECIDED}}, /* "request timed out", "leader changed", "no leader" */
    {504, ANY_CODE, NULL, {TJOB_ETCD_FAILED, ETCD_UNDECIDED}},
};

static bool outcome_message_begins(const json_value *message, const char *wanted)
{
    const size_t bytes = strlen(wanted);
    return message->begin != NULL && (size_t)(message->end - message->begin) >= bytes &&
           memcmp(message->begin, wanted, bytes) == 0;
}

static etcd_outcome outcome_of_error(unsigned http_status, const etcd_answer *answer)
{
    for (unsigned i = 0; i < sizeof outcome_rows / sizeof outcome_rows[0]; i++) {
        if (outcome_rows[i].http_status == http_status &&
            (outcome_rows[i].code == ANY_CODE || outcome_rows[i].code == answer->code) &&
            (outcome_rows[i].message == NULL || outcome_message_begins(&answer->message, outcome_rows[i].message))) {
            return outcome_rows[i].outcome;
        }
    }
    return (etcd_outcome){TJOB_ETCD_FAILED, ETCD_UNDECIDED};
}

etcd_outcome tjob__etcd_outcome_of(etcd_transport transport, unsigned http_status, const etcd_answer *answer)
{
    static const etcd_outcome transports[] = {
        [ETCD_NOT_SENT] = {TJOB_ETCD_UNREACHABLE, ETCD_NEVER},
        [ETCD_LOST] = {TJOB_ETCD_LOST, ETCD_UNDECIDED},
    };
    if (transport != ETCD_ANSWERED) {
        return transports[transport];
    }
    if (http_status == 200 && answer->has_header) {
        return (etcd_outcome){TJOB_ETCD_OK, ETCD_DONE};
    }
    if (answer->has_code && http_status != 200) {
        return outcome_of_error(http_status, answer);
    }
    return (etcd_outcome){http_status >= 500 ? TJOB_ETCD_FAILED : TJOB_ETCD_NOT_ETCD, ETCD_UNDECIDED};
}
