/* The access log of the server: a file to which threads append lines, and which can be opened again. */
#ifndef TJOB_CLI_SERVE_LOG_H
#define TJOB_CLI_SERVE_LOG_H

#include <pthread.h>
#include <stdbool.h>

#include "tjob/server.h"

struct serve_log {
    const char *path; /* NULL: there is no log */
    pthread_mutex_t lock;
    int file;
    bool has_failed; /* and was reported: once, until it is opened again */
};

/* Opens the log, or opens it again. Returns false after printing an error; then the old file is still in use. */
bool serve_log_open(struct serve_log *log, const char *path);
bool serve_log_reopen(struct serve_log *log);
void serve_log_close(struct serve_log *log);

/* The log as a hook of the server: each line is written by one call, so that several processes may share the file. */
tjob_server_log serve_log_hook(struct serve_log *log);

#endif
