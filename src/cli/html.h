/* The page for a browser, with a trace opened in it, which this program may be built without. */
#ifndef TJOB_CLI_HTML_H
#define TJOB_CLI_HTML_H

#include "cli/arguments.h"
#include "tjob/explorer.h"
#include "tjob/lifecycle_model.h"
#include "tjob/simulator.h"

/* Returns whether this program has the page, or was not asked for it. Prints what it is built without if not. */
bool html_is_possible(const struct arguments *arguments);

/*
 * Write the page with the counterexample of a check, and with the shrunk failure of a simulation, to the file of the
 * command line; do nothing if it names none. `memory` is that of tjob_simulator_shrink, after it. If nothing is
 * violated (`property` is NULL) or the page cannot show it, they print that on standard error and write no file. Return
 * false after printing an error if the file cannot be written.
 */
bool html_write_check(const struct arguments *arguments, const tjob_lifecycle_model *model, tjob_explorer *explorer,
                      const tjob_property *property, uint32_t number);
bool html_write_simulation(const struct arguments *arguments, const tjob_simulator_config *config, void *memory,
                           const tjob_shrunk *shrunk, const char *command);

#endif
