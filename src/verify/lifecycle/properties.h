/* The properties of the lifecycle, and what a step observes of them. */
#ifndef TJOB_VERIFY_LIFECYCLE_PROPERTIES_H
#define TJOB_VERIFY_LIFECYCLE_PROPERTIES_H

#include "tjob/lifecycle_model.h"
#include "tjob/operation.h"
#include "verify/lifecycle/property.h"

struct local;

/* Merges an observation into another. */
void tjob__observation_add(tjob_observation *observation, tjob_observation more);

/* Returns the observation that a property was exercised, and also violated unless it holds. */
tjob_observation tjob__observation_of(enum property property, bool holds);

/* Sets up the properties: the sentence of each, and whether it applies. */
void tjob__properties_init(tjob_lifecycle_model *model);

/* The times at which an operation may have loaded the record. */
struct instants {
    const uint64_t *times_ms;
    size_t count;
};

/* Returns the times that the clock of a model shows. */
struct instants tjob__properties_instants(const tjob_lifecycle_model *model);

/* Return the observations of: a change of the record by an event that was loaded at one of the instants; the end of an
 * operation; the answer of an operation without a change; a record. */
tjob_observation tjob__properties_change(const tjob_lifecycle_model *model, struct instants instants,
                                         const tjob_job *before, const tjob_event *event, const tjob_job *after);
tjob_observation tjob__properties_end(const tjob_lifecycle_model *model, const struct local *local,
                                      const tjob_outcome *outcome);
tjob_observation tjob__properties_answer(const tjob_lifecycle_model *model, const tjob_job *found,
                                         const tjob_operation *before, const tjob_outcome *outcome, uint64_t now_ms);
tjob_observation tjob__properties_record(const tjob_job *job, bool promised);

#endif
