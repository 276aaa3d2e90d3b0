/* The case of threads that share a store. Each case returns whether the promise was kept. */
#ifndef TJOB_VERIFY_CONTRACT_THREAD_CASES_H
#define TJOB_VERIFY_CONTRACT_THREAD_CASES_H

#include "verify/contract/trial.h"

bool tjob__contract_threads_lose_no_change_and_read_nothing_stale(struct trial *trial);

#endif
