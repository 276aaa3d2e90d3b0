#define _POSIX_C_SOURCE 200809L /* NOLINT: for O_CLOEXEC */

#include "cli/serve_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"

static void serve_log_complain(const struct serve_log *log, const char *problem)
{
    fprintf(stderr, "tjob serve: ");
    output_plain_string(stderr, log->path);
    fprintf(stderr, ": %s\n", problem);
}

/* The store or the keys by mistake: a line in it would destroy it. */
static bool serve_log_is_other_file(const struct serve_log *log, const struct stat *opened)
{
    for (unsigned i = 0; i < SERVE_LOG_OTHERS; i++) {
        struct stat other;
        if (log->others[i] != NULL && stat(log->others[i], &other) == 0 && other.st_dev == opened->st_dev &&
            other.st_ino == opened->st_ino) {
            return true;
        }
    }
    return false;
}

/* What is wrong with an opened file as a log; NULL: nothing. Who reads a pipe late would hold up requests. */
static const char *serve_log_problem(const struct serve_log *log, int file)
{
    struct stat opened;
    if (fstat(file, &opened) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(opened.st_mode)) {
        return "a log must be a regular file";
    }
    return serve_log_is_other_file(log, &opened) ? "the log cannot be the store or the keys" : NULL;
}

static int serve_log_open_file(const struct serve_log *log)
{
    /* Without waiting: for a reader of a pipe, say. To be read only for the end of its last line. */
    const int flags = O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int file = open(log->path, O_RDWR | flags, 0666);
    if (file < 0 && errno == EACCES) {
        file = open(log->path, O_WRONLY | flags, 0666);
    }
    const char *problem = file < 0 ? strerror(errno) : serve_log_problem(log, file);
    if (problem == NULL) {
        return file;
    }
    serve_log_complain(log, problem);
    if (file >= 0) {
        (void)close(file);
    }
    return -1;
}

/* Whether the last line of a file has no end: a write stopped in it. */
static bool serve_log_is_cut(int file)
{
    char last = '\n';
    const off_t end = lseek(file, 0, SEEK_END);
    return end > 0 && pread(file, &last, 1, end - 1) == 1 && last != '\n';
}

bool serve_log_open(struct serve_log *log, const struct arguments *arguments)
{
    *log = (struct serve_log){
        .path = arguments->texts[OPTION_LOG],
        .others = {arguments->texts[OPTION_STORE], arguments->texts[OPTION_CREDENTIALS]},
        .file = -1,
    };
    if (pthread_mutex_init(&log->lock, NULL) != 0) {
        return false;
    }
    if (log->path != NULL) {
        log->file = serve_log_open_file(log);
        log->is_cut = log->file >= 0 && serve_log_is_cut(log->file);
    }
    if (log->path != NULL && log->file < 0) {
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
    log->is_cut = serve_log_is_cut(file);
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
    char text[1 + TJOB_SERVER_LOG_LINE_BYTES_MAX];
    text[0] = '\n';
    memcpy(text + 1, line, bytes);
    (void)pthread_mutex_lock(&log->lock);
    const size_t skipped = log->is_cut ? 0 : 1;
    const size_t wanted = 1 + bytes - skipped;
    const ssize_t written = write(log->file, text + skipped, wanted);
    const bool fails = written != (ssize_t)wanted;
    if (fails && !log->has_failed) {
        serve_log_complain(log, strerror(written < 0 ? errno : ENOSPC));
    }
    log->has_failed = fails;
    if (written > 0) {
        log->is_cut = fails && (size_t)written + skipped != 1; /* the rest of a line alone is none */
    }
    (void)pthread_mutex_unlock(&log->lock);
}

tjob_server_log serve_log_hook(struct serve_log *log)
{
    return (tjob_server_log){log, log->path != NULL ? serve_log_write : NULL};
}
