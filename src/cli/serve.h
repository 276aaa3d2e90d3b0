/* The server of the command `tjob serve`, which this program may be built without. */
#ifndef TJOB_CLI_SERVE_H
#define TJOB_CLI_SERVE_H

#include "cli/arguments.h"

/* Serves until a signal ends it. Returns an exit code. */
int serve(const struct arguments *arguments);

#endif
