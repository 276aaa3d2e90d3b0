/* A service whose calls are logged, for `tjob history check`. */
#ifndef TJOB_TESTS_POSTGRESQL_HISTORY_H
#define TJOB_TESTS_POSTGRESQL_HISTORY_H

#include "tjob/tjob.h"

/* Begins a log in a file, and sets the observer of a service to it. Returns false if it cannot. */
bool history_begin(const char *path, tjob_service *service);

/* Ends it, and returns the number of calls; 0 if it could not be written. */
unsigned long history_end(void);

#endif
