#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/signature/credentials.h"

static tjob_credentials_problem check_file(int file)
{
    struct stat status;
    if (fstat(file, &status) != 0) {
        return TJOB_CREDENTIALS_UNREADABLE;
    }
    if (!S_ISREG(status.st_mode)) {
        return TJOB_CREDENTIALS_NOT_A_FILE;
    }
    const bool is_owned = status.st_uid == geteuid() || status.st_uid == 0;
    return is_owned && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0 ? TJOB_CREDENTIALS_OK : TJOB_CREDENTIALS_NOT_PRIVATE;
}

static tjob_credentials_problem read_file(tjob_credentials *credentials, int file, uint32_t *line)
{
    credentials_reader reader;
    char piece[1024];
    ssize_t bytes;
    tjob__credentials_begin(&reader, credentials);
    reader.problem = check_file(file);
    if (reader.problem != TJOB_CREDENTIALS_OK) {
        reader.line = 0;
    }
    while (reader.problem == TJOB_CREDENTIALS_OK && (bytes = read(file, piece, sizeof piece)) != 0) {
        if (bytes > 0) {
            tjob__credentials_feed(&reader, (tjob_text){piece, (size_t)bytes});
        } else if (errno != EINTR) {
            reader.problem = TJOB_CREDENTIALS_UNREADABLE;
            reader.line = 0;
        }
    }
    OPENSSL_cleanse(piece, sizeof piece);
    return tjob__credentials_end(&reader, line);
}

tjob_credentials_problem tjob_credentials_load(tjob_credentials *credentials, const char *path, uint32_t *line)
{
    /* Without blocking: a pipe that nobody writes to must not hold up the host. */
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file == -1) {
        tjob_credentials_clear(credentials);
        if (line != NULL) {
            *line = 0;
        }
        return TJOB_CREDENTIALS_UNREADABLE;
    }
    const tjob_credentials_problem problem = read_file(credentials, file, line);
    const int error = errno;
    (void)close(file);
    errno = error;
    return problem;
}
