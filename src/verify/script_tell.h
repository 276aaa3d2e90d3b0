/* A script, told as a story. */
#ifndef TJOB_VERIFY_SCRIPT_TELL_H
#define TJOB_VERIFY_SCRIPT_TELL_H

#include "tjob/story.h"
#include "verify/script.h"

/*
 * Runs a script and tells it: what one operation does without another in between is one step. `check` is what the run
 * violates. Returns how many steps there are; `story` may be NULL.
 */
uint32_t tjob__script_tell(struct script_run *run, const struct script *script, tjob_simulator_check check,
                           tjob_story *story);

#endif
