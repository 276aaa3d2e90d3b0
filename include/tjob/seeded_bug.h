/*
 * Seeded bugs of a store or an operation, which show that a checker detects bugs: if a checker detects none of them,
 * its success on other systems says nothing.
 */
#ifndef TJOB_SEEDED_BUG_H
#define TJOB_SEEDED_BUG_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_seeded_bug {
    TJOB_BUG_NONE = 0,

    /* of the store */
    TJOB_BUG_LOST_UPDATE,
    TJOB_BUG_VERSION_REUSED,
    TJOB_BUG_ABSENCE_WITHOUT_VERSION,
    TJOB_BUG_DIRTY_READ,

    /* of the operation */
    TJOB_BUG_CONFLICT_FORGETS_LOST_ANSWER,
    TJOB_BUG_STOP_ANSWERED_EARLY,
    TJOB_BUG_UNKNOWN_TAKEN_FOR_FAILURE,
    TJOB_BUG_UNKNOWN_TAKEN_FOR_SUCCESS,
    TJOB_BUG_STALE_TRAINER_ACCEPTED,
    TJOB_BUG_LATE_COMPLETION,
    TJOB_BUG_RETRY_WITHOUT_RELOAD,
    TJOB_BUG_CLOCK_RUNS_BACKWARDS
} tjob_seeded_bug;

#define TJOB_SEEDED_BUG_COUNT 13

/* Return the name of a seeded bug, such as "lost-update", and a sentence that describes it; "?" outside the enum.
 * Static; thread-safe. */
const char *tjob_seeded_bug_name(tjob_seeded_bug bug);
const char *tjob_seeded_bug_sentence(tjob_seeded_bug bug);

#ifdef __cplusplus
}
#endif

#endif
