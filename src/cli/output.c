#define _GNU_SOURCE /* NOLINT: for O_PATH */

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_codes.h"

/* ---- Standard streams ------------------------------------------------------------------------------------------ */

/* Whether SIGPIPE has its default action; the program then raises it itself at the end. */
static bool ends_by_sigpipe;

/* Opens a closed stream as a file that can be neither read nor written, by number or by a name such as /dev/stdin. */
static bool occupy(int stream)
{
    if (fcntl(stream, F_GETFD) >= 0 || errno != EBADF) {
        return true;
    }
    return open("/", O_PATH) == stream;
}

/* Of a signal that may be ignored, this cannot fail. */
static void ignore(int number)
{
    const struct sigaction action = {.sa_handler = SIG_IGN};
    (void)sigaction(number, &action, NULL);
}

bool output_begin(void)
{
    struct sigaction action;
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (!occupy(stream)) {
            return false;
        }
    }
    ends_by_sigpipe = sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL;
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
    return true;
}

/* The errno of the first failure that was noticed; 0 if none was. */
static int output_error;

/* Whoever asks has just printed, so errno is that of the failure. */
bool output_has_failed(void)
{
    if (ferror(stdout) != 0 && output_error == 0) {
        output_error = errno;
    }
    return ferror(stdout) != 0;
}

/* Whether standard output is a broken pipe. */
static bool is_abandoned(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

static void end_by_sigpipe(void)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    if (sigaction(SIGPIPE, &action, NULL) == 0) {
        (void)raise(SIGPIPE);
    }
}

int output_end(int code)
{
    const bool failed_before = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) == 0 && !failed_before) {
        return code;
    }
    const int error = output_error != 0 ? output_error : errno;
    if (ends_by_sigpipe && is_abandoned()) {
        end_by_sigpipe();
    }
    fprintf(stderr, "tjob: cannot write to standard output: %s\n", error != 0 ? strerror(error) : "write error");
    return code == EXIT_DONE ? EXIT_OUTPUT : code;
}

/* ---- Untrusted text -------------------------------------------------------------------------------------------- */

/* Decodes the first character; returns its length in bytes, 0 if it is not valid UTF-8. */
static size_t output_decode(const char *data, size_t bytes, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)data[0];
    const size_t length = first < 0x80   ? 1
                          : first < 0xc2 ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf5 ? 4
                                         : 0;
    if (length == 0 || length > bytes) {
        return 0;
    }
    *character = length == 1 ? first : first & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        const unsigned char next = (unsigned char)data[i];
        if ((next & 0xc0) != 0x80) {
            return 0;
        }
        *character = *character << 6 | (next & 0x3f);
    }
    const bool is_surrogate = *character >= 0xd800 && *character <= 0xdfff;
    return *character >= least[length] && !is_surrogate && *character <= 0x10ffff ? length : 0;
}

/* Whether a character would control a terminal or mislead its reader. */
static bool is_obeyed(uint32_t character)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        {0x0000, 0x001f}, {0x007f, 0x009f},                                     /* C0, DEL, C1 */
        {0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}, /* direction of writing */
        {0x2028, 0x2029},                                                       /* line and paragraph separators */
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

void output_plain(FILE *out, tjob_text text)
{
    for (size_t at = 0; at < text.bytes;) {
        uint32_t character = 0;
        const size_t length = output_decode(text.data + at, text.bytes - at, &character);
        const size_t taken = length != 0 ? length : 1;
        const bool is_visible = length != 0 && !is_obeyed(character);
        for (size_t i = 0; i < taken; i++) {
            fprintf(out, is_visible ? "%c" : "\\x%02x", (unsigned char)text.data[at + i]);
        }
        at += taken;
    }
}

void output_plain_string(FILE *out, const char *string)
{
    output_plain(out, (tjob_text){string, strlen(string)});
}

void output_quoted(FILE *out, tjob_text text)
{
    fputc('"', out);
    for (size_t at = 0; at < text.bytes;) {
        uint32_t character = 0;
        const size_t length = output_decode(text.data + at, text.bytes - at, &character);
        if (length == 0) {
            fprintf(out, "\\ufffd");
        } else if (is_obeyed(character)) {
            fprintf(out, "\\u%04x", (unsigned)character);
        } else {
            fprintf(out, "%s%.*s", character == '"' || character == '\\' ? "\\" : "", (int)length, text.data + at);
        }
        at += length != 0 ? length : 1;
    }
    fputc('"', out);
}
