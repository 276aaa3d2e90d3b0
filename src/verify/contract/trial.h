/* A trial: one case of the contract on one fresh store. */
#ifndef TJOB_VERIFY_CONTRACT_TRIAL_H
#define TJOB_VERIFY_CONTRACT_TRIAL_H

#include <stdbool.h>

#include "tjob/arn.h"
#include "tjob/store_contract.h"

struct trial {
    const tjob_store_contract *contract;
    tjob_store store; /* the handle that the functions below use */
    char *message;    /* TJOB_STORE_CONTRACT_MESSAGE_BYTES bytes; why the case failed */
    bool is_applicable;
};

/* How often a call is repeated that may fail for no reason: a spurious conflict, or a store that is unavailable after a
 * fault. */
enum { TRIAL_TRIES_MAX = 100 };

#define TRIAL_PREFIX "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"

/* The names that most cases use. */
extern const tjob_text tjob__trial_a;
extern const tjob_text tjob__trial_b;

/* Returns the name "<prefix><word><number>", which is in `name`. */
tjob_text tjob__trial_name(char name[TJOB_ARN_BYTES_MAX], const char *word, uint32_t number);

/* Returns a valid record whose fields are all different; `number` distinguishes it from others. */
tjob_job tjob__trial_record(uint64_t number);

/* ---- Messages: each function returns false --------------------------------------------------------------------- */

bool tjob__trial_fail(struct trial *trial, const char *message);

/* The message is "<call> of <name>: expected <wanted>, saw <seen>". */
bool tjob__trial_fail_words(struct trial *trial, const char *call, tjob_text arn, const char *wanted, const char *seen);
bool tjob__trial_fail_numbers(struct trial *trial, const char *call, tjob_text arn, uint64_t wanted, uint64_t seen);

/* The names of answers, without their prefixes. */
const char *tjob__trial_load_name(tjob_load_status status);
const char *tjob__trial_swap_name(tjob_swap_status status);

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

/* Returns the trial on the second handle; on the same handle if the bench has no other. False: it does not open. */
bool tjob__trial_open_another(struct trial *trial, struct trial *other);

/* A load whose outputs are garbage before. */
tjob_load_status tjob__trial_load(const struct trial *trial, tjob_text arn, tjob_job *job, uint64_t *version);

tjob_swap_status tjob__trial_swap(const struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next);

/* Each of these returns whether everything was as expected; if not, the message reports what was not. */

/* Loads a record, or an absence if `wanted` is NULL; sets *version. */
bool tjob__trial_expect(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t *version);

/* The same, with a version that is known. */
bool tjob__trial_expect_at(struct trial *trial, tjob_text arn, const tjob_job *wanted, uint64_t version);

/* Swaps against the version that stands until the answer is not CONFLICT. Sets *status; false: no load, or always
 * conflicts. */
bool tjob__trial_attempt(struct trial *trial, tjob_text arn, const tjob_job *next, tjob_swap_status *status);

/* Changes, creates or removes the record. */
bool tjob__trial_change(struct trial *trial, tjob_text arn, const tjob_job *next);

/* Changes it and loads the change; sets *version. */
bool tjob__trial_put(struct trial *trial, tjob_text arn, const tjob_job *next, uint64_t *version);

/* Swaps against `expected` and is refused: `there` (NULL: an absence) still stands, with `version`. */
bool tjob__trial_refuse(struct trial *trial, tjob_text arn, uint64_t expected, const tjob_job *next,
                        const tjob_job *there, uint64_t version);

#endif
