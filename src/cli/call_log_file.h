/* A file of JSON lines as calls: see docs/history.md. */
#ifndef TJOB_CLI_CALL_LOG_FILE_H
#define TJOB_CLI_CALL_LOG_FILE_H

#include "cli/call_log.h"

/* Reads a file and sorts its calls; `log` is to be freed in every case. Returns false after printing the error and its
 * line on standard error. */
bool call_log_read(struct call_log *log, const char *path, const char *command);

#endif
