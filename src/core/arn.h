/* What the wire knows of ARNs beside tjob/arn.h. */
#ifndef TJOB_CORE_ARN_H
#define TJOB_CORE_ARN_H

#include "tjob/arn.h"

/*
 * Returns the length of the ARN of the reference grammar, which is valid in the current one, too, with which the text
 * begins, or 0 if there is none. The text may go on: the ARN ends before the first character that no name has. It has
 * letters, digits and "-", ":" and "/" alone. The text's data must not be NULL.
 */
size_t tjob__arn_prefix(tjob_text text);

#endif
