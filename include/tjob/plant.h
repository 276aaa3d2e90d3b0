/*
 * Known bugs to plant into a store or an operation, so that a checker can show that it sees them. A checker that finds none
 * of them says nothing by finding nothing.
 */
#ifndef TJOB_PLANT_H
#define TJOB_PLANT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum tjob_plant {
    TJOB_PLANT_NONE = 0,

    /* in the store */
    TJOB_PLANT_LOST_UPDATE,
    TJOB_PLANT_VERSION_REUSED,
    TJOB_PLANT_ABSENCE_WITHOUT_VERSION,
    TJOB_PLANT_DIRTY_READ,

    /* in the operation */
    TJOB_PLANT_CONFLICT_FORGETS_LOST_ANSWER,
    TJOB_PLANT_STOP_ANSWERED_EARLY,
    TJOB_PLANT_UNKNOWN_TAKEN_FOR_FAILURE,
    TJOB_PLANT_UNKNOWN_TAKEN_FOR_SUCCESS,
    TJOB_PLANT_STALE_TRAINER_ACCEPTED,
    TJOB_PLANT_LATE_COMPLETION,
    TJOB_PLANT_RETRY_WITHOUT_RELOAD,
    TJOB_PLANT_CLOCK_RUNS_BACKWARDS
} tjob_plant;

#define TJOB_PLANT_COUNT 13

/* The name of a plant, such as "lost-update", and a sentence that says what it does; "?" outside the enum. Static. */
const char *tjob_plant_name(tjob_plant plant);
const char *tjob_plant_sentence(tjob_plant plant);

#ifdef __cplusplus
}
#endif

#endif
