#define _POSIX_C_SOURCE 200809L /* NOLINT: for O_CLOEXEC */

#include "cli/serve_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"

/* How long a line waits for room in a pipe, in milliseconds. */
enum { SERVE_LOG_WAIT_MS = 1000 };

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

/* What is wrong with an opened file as a log; NULL: nothing. */
static const char *serve_log_problem(const struct serve_log *log, int file)
{
    struct stat opened;
    if (fstat(file, &opened) != 0) {
        return strerror(errno);
    }
    if (!S_ISREG(opened.st_mode) && !S_ISFIFO(opened.st_mode) && !S_ISCHR(opened.st_mode)) {
        return "a log must be a file, a pipe or a terminal";
    }
    return serve_log_is_other_file(log, &opened) ? "the log cannot be the store or the keys" : NULL;
}

static int serve_log_open_file(const struct serve_log *log)
{
    /*
     * Without waiting for the reader of a pipe, at the start and later. To be read, too: for the end of the last line
     * of a file; and a pipe that this process might read is no broken one while its reader is away.
     */
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
    log->lost = 0;
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

/* Waits until a pipe has room, but not for a reader that has gone or that was too late before. */
static bool serve_log_waits(const struct serve_log *log)
{
    struct pollfd room = {.fd = log->file, .events = POLLOUT};
    return log->lost == 0 && poll(&room, 1, SERVE_LOG_WAIT_MS) == 1;
}

/* Writes all it can. Returns how much that was; if it is not all, errno says why. */
static size_t serve_log_write_all(const struct serve_log *log, const char *text, size_t bytes)
{
    size_t done = 0;
    while (done < bytes) {
        const ssize_t written = write(log->file, text + done, bytes - done);
        if (written > 0) {
            done += (size_t)written;
        } else if (written == 0 || errno != EAGAIN || !serve_log_waits(log)) {
            break;
        }
    }
    return done;
}

/* The first line that is lost is reported at once, and how many there were with the first one that is not. */
static void serve_log_report(struct serve_log *log, bool is_whole, int error)
{
    char text[64];
    if (!is_whole && log->lost++ == 0) {
        serve_log_complain(log, error == EAGAIN ? "nobody reads the log" : strerror(error));
    } else if (is_whole && log->lost != 0) {
        (void)snprintf(text, sizeof text, "%" PRIu64 " lines were lost", log->lost);
        serve_log_complain(log, text);
        log->lost = 0;
    }
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
    const size_t written = serve_log_write_all(log, text + skipped, wanted);
    serve_log_report(log, written == wanted, errno);
    if (written != 0) {
        log->is_cut = written != wanted && written + skipped != 1; /* the rest of a line alone is none */
    }
    (void)pthread_mutex_unlock(&log->lock);
}

tjob_server_log serve_log_hook(struct serve_log *log)
{
    return (tjob_server_log){log, log->path != NULL ? serve_log_write : NULL};
}
