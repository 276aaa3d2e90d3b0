/* A small store that keeps the contract, and one that breaks it for each way to break it: they show what the suite
 * detects. Some more keep it in ways that are unusual: they show what the suite permits. */
#ifndef TJOB_TESTS_BROKEN_STORE_H
#define TJOB_TESTS_BROKEN_STORE_H

#include "tjob/store_contract.h"

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
    DEFECT_REOPENS_NEVER,
    DEFECT_REOPENS_ONCE,
    DEFECT_REOPENS_TWICE,
    DEFECT_OPENS_ONCE, /* there is no second handle */
    DEFECT_LOAD_UNAVAILABLE,
    DEFECT_LOAD_OUTSIDE_ENUM,
    DEFECT_LOAD_WITHOUT_VERSION,
    DEFECT_LOAD_TELLS_NEXT_VERSION, /* of a record */
    DEFECT_SWAP_OUTSIDE_ENUM,
    DEFECT_CONFLICT_IS_UNAVAILABLE,
    DEFECT_FULL_CHANGES_BUT_UNAVAILABLE, /* in a full store, changes are applied and answered UNAVAILABLE */
    DEFECT_FULL_LOSES_ANOTHER,           /* in a full store, a change of one record is made in another one, too */
    DEFECT_FULL_LOSES_THE_LAST,          /* or in the last one */
    DEFECT_APPLIED_IS_UNAVAILABLE,       /* a swap is applied and answered UNAVAILABLE */
    DEFECT_HANDLE_CACHES,                /* a handle does not see what the other one changes */
    DEFECT_FIRST_HANDLE_CACHES,          /* and one of them only */
    DEFECT_SECOND_HANDLE_CACHES,
    DEFECT_HANDLE_MISSES_REMOVALS, /* by the other one */
    /* Lists. */
    DEFECT_LIST_IS_NONE, /* the bench's defect */
    DEFECT_LIST_MISSES_THE_FIRST,
    DEFECT_LIST_MISSES_THE_LAST,
    DEFECT_LIST_HAS_REMOVED,
    DEFECT_LIST_HAS_OTHERS, /* that are not in the store */
    DEFECT_LIST_HAS_JOBS_TWICE,
    DEFECT_LIST_IGNORES_STATES,
    DEFECT_LIST_HAS_ONE_STATE, /* the first of those that were asked for */
    DEFECT_LIST_IGNORES_AGE,
    DEFECT_LIST_AGE_EXCLUDES, /* the very millisecond */
    DEFECT_LIST_TELLS_NEXT_VERSION,
    DEFECT_LIST_COUNTS_PAST_THE_PAGE,
    DEFECT_LIST_PAGES_BY_OFFSET, /* a removal shifts what follows */
    DEFECT_LIST_IS_FOR_EVER,
    DEFECT_LIST_IS_EMPTY_FOR_EVER,
    DEFECT_LIST_ENDS_AT_ONCE,
    DEFECT_LIST_ENDS_AFTER_A_PAGE,
    DEFECT_LIST_ENDS_LATER, /* at the second page */
    DEFECT_LIST_IS_UNAVAILABLE,
    DEFECT_LIST_IS_OUTSIDE_ENUM,
    DEFECT_LIST_TAKES_ANY_QUERY,
    DEFECT_LIST_TAKES_ANY_PAGE,
    DEFECT_LIST_TAKES_ANY_CURSOR,
    DEFECT_LIST_REFUSES_WITH_JOBS,
    /* Faults. */
    DEFECT_LOST_IS_OK,
    DEFECT_LOST_IS_CONFLICT, /* sends the swap again after a lost answer, and believes the second answer */
    DEFECT_LOST_IS_FULL,
    DEFECT_LOST_IS_UNAVAILABLE,
    DEFECT_LOST_IS_OUTSIDE_ENUM,
    DEFECT_LOST_IS_TORN,       /* half of the record is there */
    DEFECT_LOST_IS_TORN_LATER, /* the same, once the fault has ended */
    DEFECT_LOST_IS_REVERTED,   /* what was seen during the fault is gone afterwards */
    DEFECT_LOST_IS_CACHED,     /* the handle goes on to return what was there before the lost answer */
    DEFECT_LOST_BLINDS_OTHER,  /* the other handle goes on to return what it loaded after a lost answer */
    DEFECT_LOST_IS_THE_END,    /* the handle that met a fault is unavailable from then on */
    DEFECT_LOST_HEALS_NEVER,   /* no load works from then on */
    DEFECT_OK_BEFORE_THE_END,  /* OK for a write that is late */
    DEFECT_LATE_IGNORES_VERSION,
    DEFECT_LATE_COMPARES_PRESENCE, /* a late creation needs an absence, whatever its version */
    DEFECT_LATE_FREEZES,           /* no swap works while a write is held back */
    DEFECT_FAULT_DOES_NOT_HAPPEN,  /* the bench's defect */
    /* Threads: these do nothing wrong without them. */
    DEFECT_CHECKS_BEFORE_IT_LOCKS,
    DEFECT_RACY_READ_CACHE,
    DEFECT_THREADS_DO_NOT_START, /* the bench's defect */
    DEFECT_THREADS_FIND_NOTHING,
    DEFECT_THREADS_FIND_TOO_MUCH,
    DEFECT_THREADS_CHANGE_NOTHING,
    DEFECT_THREADS_CREATE_NOTHING,
    DEFECT_THREADS_CREATE_TWICE,
    DEFECT_THREADS_LOSE_CHANGES, /* one of a hundred, without a word */
    DEFECT_THREADS_LEAVE_NOTHING,
    DEFECT_THREADS_LEAVE_TOO_LITTLE,
    DEFECT_THREADS_LEAVE_TOO_MUCH,
    DEFECT_THREADS_LEAVE_OTHER_CREATIONS,
    DEFECT_COUNT,
    /* No defects: they keep the contract. */
    SOUND_UNAVAILABLE_FOR_LARGE_VERSIONS = DEFECT_COUNT,
    SOUND_CHANGES_NEED_ROOM,
    SOUND_CONFLICTS_AT_TIMES,
    SOUND_RECONNECTS,       /* a load or two after a fault are UNAVAILABLE */
    SOUND_SENDS_AGAIN,      /* a lost request is sent once more, and answered */
    SOUND_CANCELS,          /* what is late is cancelled, and the answer is UNAVAILABLE */
    SOUND_SHAKY_IN_THREADS, /* UNAVAILABLE and UNKNOWN at times */
    SOUND_COUNT
};

/* The bench of the store with a defect. It is one: use it before the next is asked for. `memory` is not set. */
tjob_store_contract broken_store(enum defect defect);

/* How many calls of the store there were since then. */
unsigned broken_store_calls(void);

/* What goes wrong at one call: its status is outside the enum, or a load returns another version. */
enum failure { FAILS_WITH_STATUS, FAILS_WITH_VERSION };

/* Lets the call of this number fail, from 1 on; 0: none does. Until the next broken_store. */
void broken_store_fail_at(unsigned call, enum failure failure);

#endif
