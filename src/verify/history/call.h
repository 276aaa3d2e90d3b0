/* The meaning of the answer of one call, for the linearizability checker. */
#ifndef TJOB_VERIFY_HISTORY_CALL_H
#define TJOB_VERIFY_HISTORY_CALL_H

#include "tjob/history_checker.h"

/* The role of a call in the search. */
enum call_role {
    ROLE_SILENT,   /* says nothing about the job and has no effect */
    ROLE_OPEN,     /* may take effect; after its answer only in the same incarnation */
    ROLE_IGNORED,  /* its answer is ignored: may take effect until it was answered */
    ROLE_ANSWERED, /* the transition table gives its outcome at one instant */
    ROLE_FOUND     /* may take effect, and finds its effect later */
};

/* Returns the role of a call whose answer is known. */
enum call_role tjob__role_of(const tjob_call *call);

/* Returns whether the answer of a call with this role says something about the job. */
bool tjob__role_knows(enum call_role role);

/* Returns the record that the answer of a call reports; NULL if none. Inline, for each step needs it. */
static inline const tjob_job *record_known_from(const tjob_call *call)
{
    const bool known = (call->known & TJOB_KNOWN_JOB) != 0 && call->outcome.job.state != TJOB_ABSENT;
    return known ? &call->outcome.job : NULL;
}

/* Returns the incarnation that the answer of a call proves to have existed; 0 = none. */
uint64_t tjob__incarnation_known_from(const tjob_call *call);

/* Returns whether a call may be linearized as soon as it changes nothing, because it cannot change anything later. */
bool tjob__is_reader(const tjob_call *call, enum call_role role);

#endif
