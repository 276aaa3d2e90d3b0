/* The access log of the server: a file or a pipe to which threads append lines, and which can be opened again. */
#ifndef TJOB_CLI_SERVE_LOG_H
#define TJOB_CLI_SERVE_LOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/arguments.h"
#include "tjob/server.h"

enum { SERVE_LOG_OTHERS = 2 };

struct serve_log {
    const char *path;                     /* NULL: there is no log */
    const char *others[SERVE_LOG_OTHERS]; /* files that it cannot be; NULL: none */
    pthread_mutex_t lock;
    int file;
    uint64_t lost; /* lines since the last one that was written */
    bool is_cut;   /* the last line has no end, so the next one begins with it */
};

/* Opens the log, or opens it again. Returns false after printing an error; then the old file is still in use. */
bool serve_log_open(struct serve_log *log, const struct arguments *arguments);
bool serve_log_reopen(struct serve_log *log);
void serve_log_close(struct serve_log *log);

/*
 * The log as a hook of the server: each line is written by one call, so that several processes may share the file.
 * Where a pipe is full, a line waits for at most a second, and no other one waits until one was written.
 */
tjob_server_log serve_log_hook(struct serve_log *log);

#endif
