/* The case of a full store. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_ROOM_CASES_H
#define TJOB_VERIFY_CONTRACT_ROOM_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_only_a_creation_is_answered_full(struct trial *trial);

#endif
