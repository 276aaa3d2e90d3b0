/* Cases of records and names. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_RECORD_CASES_H
#define TJOB_VERIFY_CONTRACT_RECORD_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_a_new_store_holds_nothing(struct trial *trial);
bool tjob__contract_what_was_created_is_found(struct trial *trial);
bool tjob__contract_every_bit_of_a_record_comes_back(struct trial *trial);
bool tjob__contract_the_store_copies(struct trial *trial);
bool tjob__contract_names_are_distinguished(struct trial *trial);
bool tjob__contract_a_swap_leaves_other_jobs_alone(struct trial *trial);

#endif
