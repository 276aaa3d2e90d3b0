/* Cases of versions. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_VERSION_CASES_H
#define TJOB_VERIFY_CONTRACT_VERSION_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_a_swap_replaces_only_what_it_expects(struct trial *trial);
bool tjob__contract_a_create_expects_the_absence(struct trial *trial);
bool tjob__contract_a_removal_of_what_is_absent_leaves_it_absent(struct trial *trial);
bool tjob__contract_versions_never_repeat(struct trial *trial);
bool tjob__contract_a_delayed_create_conflicts_after_a_removal(struct trial *trial);
bool tjob__contract_a_delayed_change_conflicts_in_the_next_incarnation(struct trial *trial);
bool tjob__contract_a_long_run_is_as_in_a_model(struct trial *trial);

#endif
