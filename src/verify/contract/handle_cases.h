/* Cases of another handle: after reopening, and beside the first. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_HANDLE_CASES_H
#define TJOB_VERIFY_CONTRACT_HANDLE_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_what_was_acknowledged_is_there_after_reopening(struct trial *trial);
bool tjob__contract_each_handle_sees_what_the_other_changed(struct trial *trial);

#endif
