/* A small store that keeps the contract, and one that breaks it for each way to break it: they show what the suite
 * sees. */
#ifndef TJOB_TESTS_BROKEN_STORE_H
#define TJOB_TESTS_BROKEN_STORE_H

#include "contract/store_contract.h"

enum defect {
    DEFECT_NONE = 0,
    DEFECT_ABSENCE_IS_ALWAYS_0,
    DEFECT_VERSIONS_BEGIN_AGAIN, /* with each incarnation */
    DEFECT_VERSION_STAYS,        /* when the record changes */
    DEFECT_LOAD_MOVES_VERSION,
    DEFECT_NEW_STORE_HAS_A_VERSION, /* absence begins at another than 0 */
    DEFECT_EXPECTED_IGNORED,
    DEFECT_EXPECTED_IGNORED_BY_REMOVALS,
    DEFECT_EXPECTED_IGNORED_BY_CREATIONS,
    DEFECT_EXPECTED_COMPARED_IN_32_BITS,
    DEFECT_OLDER_IS_ENOUGH, /* any expected version up to the one that stands */
    DEFECT_APPLIES_ON_CONFLICT,
    DEFECT_OK_WITHOUT_EFFECT,
    DEFECT_REMOVAL_WITHOUT_EFFECT,
    DEFECT_REMOVES_THE_FIRST,
    DEFECT_REMOVAL_OF_NOTHING_CREATES,
    DEFECT_HOST_CODE_LOST,
    DEFECT_LAST_TIME_LOST,
    DEFECT_STATE_IN_FOUR_BITS_AND_CODE_IN_16,
    DEFECT_RECORD_NOT_COPIED,
    DEFECT_NAME_NOT_COPIED,
    DEFECT_PREFIX_IS_ENOUGH,
    DEFECT_CASE_IGNORED,
    DEFECT_NAMES_CUT, /* at 255 bytes */
    DEFECT_FULL_TOO_EARLY,
    DEFECT_FULL_OF_CHANGES,
    DEFECT_FULL_OF_REMOVALS,
    DEFECT_FULL_IS_UNAVAILABLE,
    DEFECT_FULL_EVICTS,
    DEFECT_REMOVED_ROOM_IS_LOST,
    DEFECT_REOPENS_EMPTY,
    DEFECT_REOPENS_WITHOUT_ABSENCES,
    DEFECT_CHECKS_BEFORE_IT_LOCKS, /* seen by threads only */
    DEFECT_COUNT
};

/* The store with a defect, for the suite. It is one: use it before the next is asked for. */
struct store_contract broken_store(enum defect defect);

#endif
