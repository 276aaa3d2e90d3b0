#include "cli/call_log_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"

/* The longest line with a byte order mark, CR and LF. */
enum { PIECE_BYTES = CALL_LOG_LINE_BYTES_MAX + 5 };

static void end_without_memory(void)
{
    fprintf(stderr, "tjob: out of memory\n");
    exit(3);
}

static void *call_log_file_resize(void *context, void *old, size_t old_bytes, size_t bytes)
{
    (void)context, (void)old_bytes;
    if (bytes == 0) {
        free(old);
        return NULL;
    }
    void *resized = realloc(old, bytes);
    if (resized == NULL) {
        end_without_memory();
    }
    return resized;
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

/* A file, and the piece of it in memory. */
struct reader {
    FILE *file;
    char *piece;
    size_t begin; /* of the next line */
    size_t end;
    bool at_end; /* this is the last piece */
};

enum line_status { LINE_WHOLE, LINE_LAST, LINE_NONE, LINE_TOO_LONG, LINE_UNREADABLE };

/* Reads the next line, without its end. LINE_LAST: it ends with the file, not with a newline. LINE_TOO_LONG: it has
 * more bytes than the piece holds. */
static enum line_status next_line(struct reader *reader, tjob_text *line)
{
    for (;;) {
        char *begin = reader->piece + reader->begin;
        const size_t bytes = reader->end - reader->begin;
        const char *newline = memchr(begin, '\n', bytes);
        if (newline != NULL || reader->at_end) {
            *line = (tjob_text){begin, newline != NULL ? (size_t)(newline - begin) : bytes};
            reader->begin += line->bytes + (newline != NULL ? 1 : 0);
            return newline != NULL ? LINE_WHOLE : bytes != 0 ? LINE_LAST : LINE_NONE;
        }
        if (bytes == PIECE_BYTES) {
            *line = (tjob_text){begin, bytes};
            return LINE_TOO_LONG;
        }
        memmove(reader->piece, begin, bytes);
        reader->begin = 0;
        reader->end = bytes + fread(reader->piece + bytes, 1, PIECE_BYTES - bytes, reader->file);
        reader->at_end = feof(reader->file) != 0;
        if (ferror(reader->file) != 0) {
            return LINE_UNREADABLE;
        }
    }
}

/* Adds all lines. Returns false and sets *error if something is wrong; its line is 0 if the file cannot be read. */
static bool add_lines(struct call_log *log, struct reader *reader, struct call_log_error *error)
{
    for (;;) {
        tjob_text line;
        const enum line_status status = next_line(reader, &line);
        if (status == LINE_NONE) {
            return call_log_end(log, error);
        }
        if (status == LINE_UNREADABLE) {
            *error = (struct call_log_error){.line = 0, .what = strerror(errno)};
            return false;
        }
        if (!call_log_add(log, line, status == LINE_LAST, error)) {
            return false;
        }
    }
}

/* ---- The file -------------------------------------------------------------------------------------------------- */

/* Prints the command, the file, the line if there is one, and what is wrong. */
static void print_log_error(const char *command, const char *path, const struct call_log_error *error)
{
    fprintf(stderr, "tjob %s: ", command);
    output_plain_string(stderr, path);
    if (error->line != 0) {
        fprintf(stderr, ", line %zu", error->line);
    }
    if (error->of_member) {
        fprintf(stderr, ", byte %zu: ", error->offset);
        output_plain_string(stderr, error->member[0] != '\0' ? error->member : "the line");
        fprintf(stderr, " %s\n", error->what);
    } else {
        fprintf(stderr, ": %s\n", error->what);
    }
}

bool call_log_read(struct call_log *log, const char *path, const char *command)
{
    struct call_log_error error;
    struct reader reader = {.file = fopen(path, "rb")};
    call_log_begin(log, call_log_file_resize, NULL);
    if (reader.file == NULL) {
        const int reason = errno;
        fprintf(stderr, "tjob %s: cannot open ", command);
        output_plain_string(stderr, path);
        fprintf(stderr, ": %s\n", strerror(reason));
        return false;
    }
    reader.piece = malloc(PIECE_BYTES);
    if (reader.piece == NULL) {
        end_without_memory();
    }
    const bool ok = add_lines(log, &reader, &error);
    free(reader.piece);
    fclose(reader.file);
    if (!ok) {
        print_log_error(command, path, &error);
    } else if (log->count != 0) {
        qsort(log->calls, log->count, sizeof *log->calls, call_log_compare);
    }
    return ok;
}
