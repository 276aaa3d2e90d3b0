/* Descriptions of the steps of the lifecycle model. */
#ifndef TJOB_VERIFY_LIFECYCLE_DESCRIBE_H
#define TJOB_VERIFY_LIFECYCLE_DESCRIBE_H

#include "tjob/explorer.h"

/* The implementation of tjob_model.describe. */
void tjob__lifecycle_describe(void *context, const unsigned char *before, uint64_t word, const unsigned char *after,
                              tjob_step_description *description);

#endif
