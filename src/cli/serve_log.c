#define _POSIX_C_SOURCE 200809L /* NOLINT: for O_CLOEXEC */

#include "cli/serve_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/output.h"

static void serve_log_complain(const struct serve_log *log, int error)
{
    fprintf(stderr, "tjob serve: ");
    output_plain_string(stderr, log->path);
    fprintf(stderr, ": %s\n", strerror(error));
}

static int serve_log_open_file(const struct serve_log *log)
{
    const int file = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) {
        serve_log_complain(log, errno);
    }
    return file;
}

bool serve_log_open(struct serve_log *log, const char *path)
{
    *log = (struct serve_log){.path = path, .file = -1};
    if (pthread_mutex_init(&log->lock, NULL) != 0) {
        return false;
    }
    if (path != NULL) {
        log->file = serve_log_open_file(log);
    }
    if (path != NULL && log->file < 0) {
        (void)pthread_mutex_destroy(&log->lock);
        return false;
    }
    return true;
}

bool serve_log_reopen(struct serve_log *log)
{
    if (log->path == NULL) {
        return true;
    }
    const int file = serve_log_open_file(log);
    if (file < 0) {
        return false;
    }
    (void)pthread_mutex_lock(&log->lock);
    const int old = log->file;
    log->file = file;
    log->has_failed = false;
    (void)pthread_mutex_unlock(&log->lock);
    (void)close(old);
    return true;
}

void serve_log_close(struct serve_log *log)
{
    if (log->path != NULL) {
        (void)close(log->file);
    }
    (void)pthread_mutex_destroy(&log->lock);
}

static void serve_log_write(void *context, const char *line, size_t bytes)
{
    struct serve_log *log = context;
    (void)pthread_mutex_lock(&log->lock);
    const ssize_t written = write(log->file, line, bytes);
    const bool fails = written != (ssize_t)bytes;
    if (fails && !log->has_failed) {
        serve_log_complain(log, written < 0 ? errno : ENOSPC);
    }
    log->has_failed = fails;
    (void)pthread_mutex_unlock(&log->lock);
}

tjob_server_log serve_log_hook(struct serve_log *log)
{
    return (tjob_server_log){log, log->path != NULL ? serve_log_write : NULL};
}
