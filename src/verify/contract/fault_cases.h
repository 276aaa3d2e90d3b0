/* Cases of lost calls. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_FAULT_CASES_H
#define TJOB_VERIFY_CONTRACT_FAULT_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_a_certain_answer_is_true_when_a_call_is_lost(struct trial *trial);
bool tjob__contract_a_late_write_is_applied_only_while_its_version_stands(struct trial *trial);

#endif
