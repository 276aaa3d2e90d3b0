/* The search: breadth-first, depth by depth. */
#ifndef TJOB_VERIFY_EXPLORER_SEARCH_H
#define TJOB_VERIFY_EXPLORER_SEARCH_H

#include "verify/explorer/exploration.h"

/* Stores the initial states. One thread calls this while the others wait. */
void tjob__search_begin(struct tjob_explorer *explorer, struct thread *thread);

/* Explores the successors of the states of one depth, together with the other threads. */
void tjob__search_depth(struct tjob_explorer *explorer, struct thread *thread);

/* Decides how to continue after a depth, or after the initial states. One thread calls this while the others wait. */
void tjob__search_end_depth(struct tjob_explorer *explorer);

#endif
