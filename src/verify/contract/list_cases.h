/* Cases of the contract: the list of a store. */
#ifndef TJOB_VERIFY_CONTRACT_LIST_CASES_H
#define TJOB_VERIFY_CONTRACT_LIST_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_a_list_has_every_job_that_matches(struct trial *trial);
bool tjob__contract_a_list_misses_no_job_when_others_change(struct trial *trial);

#endif
