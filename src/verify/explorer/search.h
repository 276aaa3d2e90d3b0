/* The search: breadth first, one depth after the other. */
#ifndef TJOB_VERIFY_EXPLORER_SEARCH_H
#define TJOB_VERIFY_EXPLORER_SEARCH_H

#include "verify/explorer/exploration.h"

/* Stores the initial states. One thread calls it, alone. */
void tjob__search_begin(struct tjob_explorer *explorer, struct thread *thread);

/* Looks at what comes after the states of a depth, together with the other threads. */
void tjob__search_depth(struct tjob_explorer *explorer, struct thread *thread);

/* What to do after a depth, or after the initial states. One thread calls it, alone. */
void tjob__search_end_depth(struct tjob_explorer *explorer);

#endif
