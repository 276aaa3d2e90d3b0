/* Faults seeded into the file store and the disk, to show that the crash tests see them. */
#ifndef TJOB_TESTS_CRASH_SEEDED_BUGS_H
#define TJOB_TESTS_CRASH_SEEDED_BUGS_H

#include "support/sim_disk.h"

enum crash_bug {
    CRASH_BUG_NONE = 0,
    CRASH_BUG_CHANGES_NOT_SYNCED,
    CRASH_BUG_ALLOCATION_NOT_SYNCED,
    CRASH_BUG_FOLDER_NOT_SYNCED,
    CRASH_BUG_NEWEST_OVERWRITTEN,   /* a change goes to the page that holds what is there */
    CRASH_BUG_UNMARKED_IS_REPORTED, /* a load does not care whether what it reports is durable */
    CRASH_BUG_UNMARKED_IN_PLACE,    /* what is not known to be durable is written once more where it stands */
    CRASH_BUG_COPY_OVER_THE_OLDEST, /* and its copy is written over the last page that is known to be durable */
    CRASH_BUG_MARK_IN_NEWEST,       /* the mark is written into the page that it marks */
    CRASH_BUG_REGISTERED_EARLY,     /* a bucket is registered before any page of it is durable */
    CRASH_BUG_PROGRESS_EARLY,       /* how far a bucket has come is noted before its page is durable */
    CRASH_BUG_PAGES_SHARE_BLOCKS,   /* the file begins within a block */
    CRASH_BUG_COUNT
};

/*
 * The name of a seeded bug, such as "changes-not-synced"; and the seeded bug of a name, or CRASH_BUG_COUNT.
 */
const char *seeded_bug_name(enum crash_bug bug);
enum crash_bug seeded_bug_of(const char *name);

/*
 * Seeds one, from now on; CRASH_BUG_NONE removes it. Then disks and processes must be reported, when they are set up.
 */
void seeded_bug_set(enum crash_bug bug);
void seeded_bug_in_disk(struct sim_disk *disk);
void seeded_bug_in_process(struct sim_process *process);

#endif
