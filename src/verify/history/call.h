/* What the answer of one call says, as the search for a linearization takes it. */
#ifndef TJOB_VERIFY_HISTORY_CALL_H
#define TJOB_VERIFY_HISTORY_CALL_H

#include "tjob/history_checker.h"

/* A call as the search takes it. */
enum call_role {
    ROLE_SILENT,    /* says nothing of the job, and has no effect */
    ROLE_OPEN,      /* may take effect, after its answer in the same incarnation only */
    ROLE_FORGOTTEN, /* its answer is forgotten: may take effect, until it was answered */
    ROLE_ANSWERED,  /* its outcome is the rule's at one instant */
    ROLE_FOUND      /* may take effect, and finds it later */
};

/* What role a call plays whose answer is known. */
enum call_role tjob__role_of(const tjob_call *call);

/* Whether the answer of a call in this role says something of the job. */
bool tjob__role_knows(enum call_role role);

/* The incarnation that a call's answer proves to have been; 0 = none. */
uint64_t tjob__incarnation_known_from(const tjob_call *call);

/* Whether a call that can be read now without a change may as well be read now, for it cannot change anything later. */
bool tjob__is_reader(const tjob_call *call, enum call_role role);

#endif
