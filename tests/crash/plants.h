/* Faults seeded into the file store and the disk, to show that the crash tests see them. */
#ifndef TJOB_TESTS_PLANTS_H
#define TJOB_TESTS_PLANTS_H

#include "support/sim_disk.h"

enum plant {
    PLANT_NONE = 0,
    PLANT_CHANGES_NOT_SYNCED,
    PLANT_ALLOCATION_NOT_SYNCED,
    PLANT_FOLDER_NOT_SYNCED,
    PLANT_NEWEST_OVERWRITTEN,   /* a change goes to the page that holds what is there */
    PLANT_UNMARKED_IS_TOLD,     /* a load does not care whether what it reports is durable */
    PLANT_UNMARKED_IN_PLACE,    /* what is not known to be durable is written once more where it stands */
    PLANT_COPY_OVER_THE_OLDEST, /* and its copy is written over the last page that is known to be durable */
    PLANT_MARK_IN_NEWEST,       /* the mark is written into the page that it marks */
    PLANT_REGISTERED_EARLY,     /* a bucket is registered before any page of it is durable */
    PLANT_PROGRESS_EARLY,       /* how far a bucket has come is noted before its page is durable */
    PLANT_PAGES_SHARE_BLOCKS,   /* the file begins within a block */
    PLANT_COUNT
};

/*
 * The name of a seeded bug, such as "changes-not-synced"; and the seeded bug of a name, PLANT_COUNT if there is none.
 */
const char *seeded_bug_name(enum plant plant);
enum plant seeded_bug_of(const char *name);

/*
 * Plants one, from now on; PLANT_NONE takes it away. Then disks and processes must be reported, when they are set up.
 */
void seeded_bug_set(enum plant plant);
void seeded_bug_in_disk(struct sim_disk *disk);
void seeded_bug_in_process(struct sim_process *process);

#endif
