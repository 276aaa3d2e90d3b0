/* What a search says of a model as a whole. */
#ifndef TJOB_VERIFY_EXPLORER_CONCLUSION_H
#define TJOB_VERIFY_EXPLORER_CONCLUSION_H

#include "tjob/explorer.h"

/*
 * Returns TJOB_VERDICT_VIOLATED if a property is violated; TJOB_VERDICT_HOLDS if the search is complete and no property
 * is vacuous; otherwise TJOB_VERDICT_UNDECIDED.
 */
tjob_verdict tjob__conclusion_of(const tjob_explorer *explorer);

/* Returns the word for a conclusion: "violated", "holds" or "inconclusive". */
const char *tjob__conclusion_name(tjob_verdict conclusion);

/* Returns the first violated property that has a trace; the number of properties if there is none. */
uint32_t tjob__conclusion_violated(const tjob_explorer *explorer);

#endif
