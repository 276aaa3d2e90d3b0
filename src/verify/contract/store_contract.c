#include "tjob/store_contract.h"

#include "verify/contract/fault_cases.h"
#include "verify/contract/handle_cases.h"
#include "verify/contract/list_cases.h"
#include "verify/contract/record_cases.h"
#include "verify/contract/room_cases.h"
#include "verify/contract/thread_cases.h"
#include "verify/contract/trial.h"
#include "verify/contract/version_cases.h"

/* What a case needs of the bench besides `memory`, `open` and `close`. */
enum contract_need {
    NEEDS_NOTHING,
    NEEDS_CAPACITY,
    NEEDS_LIST,
    NEEDS_REOPEN,
    NEEDS_ANOTHER,
    NEEDS_FAULTS,
    NEEDS_THREADS
};

static const struct {
    const char *name;
    bool (*run)(struct trial *trial);
    enum contract_need need;
} contract_cases[] = {
#define CASE(promise, need)                                                                                            \
    {                                                                                                                  \
#promise, tjob__contract_##promise, need                                                                       \
    }
    CASE(a_new_store_holds_nothing, NEEDS_NOTHING),
    CASE(what_was_created_is_found, NEEDS_NOTHING),
    CASE(every_bit_of_a_record_comes_back, NEEDS_NOTHING),
    CASE(the_store_copies, NEEDS_NOTHING),
    CASE(names_are_distinguished, NEEDS_NOTHING),
    CASE(a_swap_leaves_other_jobs_alone, NEEDS_NOTHING),
    CASE(a_swap_replaces_only_what_it_expects, NEEDS_NOTHING),
    CASE(a_create_expects_the_absence, NEEDS_NOTHING),
    CASE(a_removal_of_what_is_absent_leaves_it_absent, NEEDS_NOTHING),
    CASE(versions_never_repeat, NEEDS_NOTHING),
    CASE(a_delayed_create_conflicts_after_a_removal, NEEDS_NOTHING),
    CASE(a_delayed_change_conflicts_in_the_next_incarnation, NEEDS_NOTHING),
    CASE(only_a_creation_is_answered_full, NEEDS_CAPACITY),
    CASE(a_long_run_is_as_in_a_model, NEEDS_NOTHING),
    CASE(a_list_has_every_job_that_matches, NEEDS_LIST),
    CASE(a_list_misses_no_job_when_others_change, NEEDS_LIST),
    CASE(what_was_acknowledged_is_there_after_reopening, NEEDS_REOPEN),
    CASE(each_handle_sees_what_the_other_changed, NEEDS_ANOTHER),
    CASE(a_certain_answer_is_true_when_a_call_is_lost, NEEDS_FAULTS),
    CASE(a_late_write_is_applied_only_while_its_version_stands, NEEDS_FAULTS),
    CASE(threads_lose_no_change_and_read_nothing_stale, NEEDS_THREADS),
#undef CASE
};

enum { CONTRACT_CASES = sizeof contract_cases / sizeof contract_cases[0] };

static bool contract_has(const tjob_store_contract *contract, enum contract_need need)
{
    const bool has[] = {
        [NEEDS_NOTHING] = true,
        [NEEDS_CAPACITY] = contract->capacity != 0,
        [NEEDS_LIST] = contract->list != NULL,
        [NEEDS_REOPEN] = contract->reopen != NULL,
        [NEEDS_ANOTHER] = contract->open_another != NULL,
        [NEEDS_FAULTS] = contract->inject != NULL && contract->heal != NULL,
        [NEEDS_THREADS] = contract->run_threads != NULL,
    };
    return has[need];
}

const char *tjob_store_contract_verdict_name(tjob_store_contract_verdict verdict)
{
    static const char *const names[] = {"kept", "broken", "not applicable"};
    return (unsigned)verdict < 3 ? names[verdict] : "?";
}

size_t tjob_store_contract_case_count(void)
{
    return CONTRACT_CASES;
}

const char *tjob_store_contract_case_name(size_t index)
{
    return index < CONTRACT_CASES ? contract_cases[index].name : "?";
}

tjob_store_contract_verdict tjob_store_contract_run_case(const tjob_store_contract *contract, size_t index,
                                                         char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES])
{
    struct trial trial = {.contract = contract, .message = message, .is_applicable = true};
    message[0] = '\0';
    if (index >= CONTRACT_CASES || !contract_has(contract, contract_cases[index].need)) {
        return TJOB_STORE_CONTRACT_NOT_APPLICABLE;
    }
    if (contract->memory == NULL || contract->open == NULL || contract->close == NULL) {
        tjob__trial_fail(&trial, "the bench lacks memory, open or close");
        return TJOB_STORE_CONTRACT_BROKEN;
    }
    if (!contract->open(contract->context, &trial.store)) {
        tjob__trial_fail(&trial, "the store cannot be opened");
        return TJOB_STORE_CONTRACT_BROKEN;
    }
    const bool kept = contract_cases[index].run(&trial);
    contract->close(contract->context);
    return !kept                 ? TJOB_STORE_CONTRACT_BROKEN
           : trial.is_applicable ? TJOB_STORE_CONTRACT_KEPT
                                 : TJOB_STORE_CONTRACT_NOT_APPLICABLE;
}

size_t tjob_store_contract_run(const tjob_store_contract *contract,
                               void (*report)(void *context, const tjob_store_contract_result *result), void *context)
{
    size_t broken = 0;
    for (size_t i = 0; i < CONTRACT_CASES; i++) {
        char message[TJOB_STORE_CONTRACT_MESSAGE_BYTES];
        const tjob_store_contract_verdict verdict = tjob_store_contract_run_case(contract, i, message);
        const tjob_store_contract_result result = {contract_cases[i].name, message, verdict};
        broken += verdict == TJOB_STORE_CONTRACT_BROKEN;
        if (report != NULL) {
            report(context, &result);
        }
    }
    return broken;
}
