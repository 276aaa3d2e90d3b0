/* A check that is right and slow, to see that its slowness is noticed. */
#ifndef TJOB_TESTS_QUADRATIC_H
#define TJOB_TESTS_QUADRATIC_H

#include <stdbool.h>

#include "tjob/text.h"

/* Whether no byte of a text stands in it twice in a row; looks at every pair of places. */
bool quadratic_check(tjob_text text);

#endif
