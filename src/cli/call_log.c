#include "cli/call_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

static void end_without_memory(void)
{
    fprintf(stderr, "tjob: out of memory\n");
    exit(3);
}

/* Grows an array to hold `wanted` elements. Exits if memory is exhausted. */
static void *grown(void *old, size_t *room, size_t wanted, size_t bytes)
{
    if (wanted <= *room) {
        return old;
    }
    *room = wanted < 64 ? 64 : 2 * wanted;
    void *larger = realloc(old, *room * bytes);
    if (larger == NULL) {
        end_without_memory();
    }
    return larger;
}

static size_t keep_text(struct call_log *log, const char *text, size_t bytes)
{
    const size_t offset = log->texts_bytes;
    log->texts_bytes += sizeof bytes + bytes;
    log->texts = grown(log->texts, &log->texts_room, log->texts_bytes, 1);
    memcpy(log->texts + offset, &bytes, sizeof bytes);
    memcpy(log->texts + offset + sizeof bytes, text, bytes);
    return offset;
}

tjob_text call_log_text(const struct call_log *log, size_t offset)
{
    size_t bytes;
    memcpy(&bytes, log->texts + offset, sizeof bytes);
    return (tjob_text){log->texts + offset + sizeof bytes, bytes};
}

void call_log_free(struct call_log *log)
{
    free(log->calls);
    free(log->arns);
    free(log->texts);
    free(log->ids);
    free(log->names);
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static size_t hash_of(tjob_text text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < text.bytes; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32);
}

static bool call_log_is_same(tjob_text a, tjob_text b)
{
    return a.bytes == b.bytes && memcmp(a.data, b.data, a.bytes) == 0;
}

/* Returns the offset of the key of a table entry: the id of a call, the ARN of a job. */
static size_t offset_of(const struct call_log *log, const size_t *table, size_t entry)
{
    return table == log->ids ? log->calls[entry - 1].id : log->arns[entry - 1];
}

/* Returns the slot of a text in a table that is not full; the slot holds 0 if the text is not in the table. */
static size_t *call_log_slot(const struct call_log *log, size_t *table, size_t room, tjob_text text)
{
    size_t at = hash_of(text) & (room - 1);
    while (table[at] != 0 && !call_log_is_same(call_log_text(log, offset_of(log, table, table[at])), text)) {
        at = (at + 1) & (room - 1);
    }
    return &table[at];
}

/* Doubles a table that is half full with `count` entries. */
static size_t *roomy(struct call_log *log, size_t **table, size_t *room, size_t count)
{
    if (2 * count < *room) {
        return *table;
    }
    const size_t wanted = *room == 0 ? 1024 : 2 * *room;
    free(*table);
    *table = calloc(wanted, sizeof **table);
    if (*table == NULL) {
        end_without_memory();
    }
    *room = wanted;
    for (size_t entry = 1; entry <= count; entry++) {
        *call_log_slot(log, *table, wanted, call_log_text(log, offset_of(log, *table, entry))) = entry;
    }
    return *table;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

struct call_log_source {
    const char *command;
    const char *path;
    size_t line;
};

/* Prints the command, the file and the current line, if any. */
static void say_where(const struct call_log_source *source)
{
    fprintf(stderr, "tjob %s: ", source->command);
    output_plain_string(stderr, source->path);
    if (source->line != 0) {
        fprintf(stderr, ", line %zu", source->line);
    }
}

static bool call_log_error(const struct call_log_source *source, const char *what)
{
    say_where(source);
    fprintf(stderr, ": %s\n", what);
    return false;
}

static struct logged_call *add_call(struct call_log *log, size_t *entry, tjob_text id)
{
    log->calls = grown(log->calls, &log->calls_room, log->count + 1, sizeof *log->calls);
    struct logged_call *logged = &log->calls[log->count++];
    *logged = (struct logged_call){.call = {.answered = TJOB_PENDING}, .id = keep_text(log, id.data, id.bytes)};
    *entry = log->count;
    return logged;
}

static bool take_invocation(struct call_log *log, const struct call_log_source *source,
                            const tjob_history_log_line *line)
{
    const tjob_text id = {line->id, line->id_bytes};
    const tjob_text arn = {line->arn, line->arn_bytes};
    size_t *ids = roomy(log, &log->ids, &log->ids_room, log->count);
    size_t *names = roomy(log, &log->names, &log->names_room, log->jobs);
    size_t *entry = call_log_slot(log, ids, log->ids_room, id);
    size_t *job = call_log_slot(log, names, log->names_room, arn);
    if (*entry != 0 && log->calls[*entry - 1].invoked_line != 0) {
        return call_log_error(source, "duplicate invocation of this id");
    }
    if (*job == 0) {
        log->arns = grown(log->arns, &log->arns_room, log->jobs + 1, sizeof *log->arns);
        log->arns[log->jobs++] = keep_text(log, arn.data, arn.bytes);
        *job = log->jobs;
    }
    struct logged_call *logged = *entry != 0 ? &log->calls[*entry - 1] : add_call(log, entry, id);
    logged->call.event = line->event;
    logged->call.invoked = line->at;
    logged->job = *job - 1;
    logged->invoked_line = source->line;
    return true;
}

/* If lines carry times, an answer may precede its invocation in the file. */
static bool take_answer(struct call_log *log, const struct call_log_source *source, const tjob_history_log_line *line,
                        uint64_t at)
{
    const tjob_text id = {line->id, line->id_bytes};
    size_t *ids = roomy(log, &log->ids, &log->ids_room, log->count);
    size_t *entry = call_log_slot(log, ids, log->ids_room, id);
    if (*entry == 0 && !log->has_at) {
        return call_log_error(source, "no earlier invocation of this id");
    }
    struct logged_call *logged = *entry != 0 ? &log->calls[*entry - 1] : add_call(log, entry, id);
    if (logged->answered_line != 0) {
        return call_log_error(source, "duplicate answer of this id");
    }
    logged->call.answered = at;
    logged->call.outcome = line->outcome;
    logged->call.known = line->known;
    logged->answered_line = source->line;
    return true;
}

/* Whether every answer has an invocation. */
static bool is_whole(const struct call_log *log, struct call_log_source *source)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->calls[i].invoked_line == 0) {
            source->line = log->calls[i].answered_line;
            return call_log_error(source, "no invocation of this id");
        }
    }
    return true;
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

/* The longest line with a byte order mark, CR and LF. */
enum { PIECE_BYTES = CALL_LOG_LINE_BYTES_MAX + 5 };

/* A file, and the piece of it in memory. */
struct reader {
    FILE *file;
    char *piece;
    size_t begin; /* of the next line */
    size_t end;
    bool at_end; /* this is the last piece */
};

enum line_status { LINE_WHOLE, LINE_LAST, LINE_NONE, LINE_TOO_LONG, LINE_UNREADABLE };

/* Reads the next line, without its end. LINE_LAST: it ends with the file, not with a newline. */
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

/* Removes a byte order mark at the start of the file and a CR at the end of a line. */
static tjob_text trimmed(tjob_text line, bool is_first)
{
    if (is_first && line.bytes >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0) {
        line.data += 3;
        line.bytes -= 3;
    }
    line.bytes -= line.bytes != 0 && line.data[line.bytes - 1] == '\r' ? 1 : 0;
    return line;
}

static bool is_utf16(tjob_text line)
{
    return line.bytes >= 2 && (memcmp(line.data, "\xff\xfe", 2) == 0 || memcmp(line.data, "\xfe\xff", 2) == 0);
}

/* Whether a text is a valid prefix: nothing is wrong before its end, except for an incomplete last character. */
static bool is_cut_off(tjob_text text, size_t offset)
{
    const unsigned char *rest = (const unsigned char *)text.data + offset;
    const size_t bytes = text.bytes - offset;
    if (bytes == 0) {
        return true;
    }
    const size_t wanted = rest[0] >= 0xf0 ? 4 : rest[0] >= 0xe0 ? 3 : rest[0] >= 0xc2 ? 2 : 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((rest[i] & 0xc0) != 0x80) {
            return false;
        }
    }
    return bytes < wanted;
}

static bool take_part(struct call_log *log, const struct call_log_source *source, const tjob_history_log_line *line)
{
    switch (line->kind) {
    case TJOB_HISTORY_LOG_INVOCATION:
        return take_invocation(log, source, line);
    case TJOB_HISTORY_LOG_ANSWER:
        return take_answer(log, source, line, line->at);
    case TJOB_HISTORY_LOG_CALL:
        return take_invocation(log, source, line) && take_answer(log, source, line, line->answered_at);
    case TJOB_HISTORY_LOG_REJECTED:
        break;
    }
    return true;
}

/* Takes a line; ignores the last line of the file if it is incomplete. */
static bool take_line(struct call_log *log, const struct call_log_source *source, tjob_text text, bool is_last)
{
    static tjob_history_log_line line;
    const tjob_history_log_error error = tjob_history_log_read(&line, text);
    if (error.problem == TJOB_HISTORY_LOG_BAD_JSON && is_last && is_cut_off(text, error.offset)) {
        log->cut_line = source->line;
        return true;
    }
    if (error.problem != TJOB_HISTORY_LOG_VALID) {
        say_where(source);
        fprintf(stderr, ", byte %zu: ", error.offset);
        output_plain_string(stderr, error.member[0] != '\0' ? error.member : "the line");
        fprintf(stderr, " %s\n", tjob_history_log_problem_text(error.problem));
        return false;
    }
    if (log->count == 0) {
        log->has_at = line.has_at;
    }
    if (log->has_at != line.has_at) {
        return call_log_error(source, "some lines have the member 'at', others do not");
    }
    line.at = line.has_at ? line.at : source->line;
    return take_part(log, source, &line);
}

static bool complain_of_length(const struct call_log_source *source)
{
    say_where(source);
    fprintf(stderr, ": the line is longer than %d bytes\n", CALL_LOG_LINE_BYTES_MAX);
    return false;
}

static bool take_lines(struct call_log *log, struct call_log_source *source, struct reader *reader)
{
    for (;;) {
        tjob_text line;
        const enum line_status status = next_line(reader, &line);
        source->line++;
        switch (status) {
        case LINE_NONE:
            return true;
        case LINE_UNREADABLE:
            source->line = 0;
            return call_log_error(source, strerror(errno));
        case LINE_TOO_LONG:
            return complain_of_length(source);
        case LINE_WHOLE:
        case LINE_LAST:
            break;
        }
        if (source->line == 1 && is_utf16(line)) {
            return call_log_error(source, "the file is UTF-16; a log must be UTF-8");
        }
        line = trimmed(line, source->line == 1);
        if (line.bytes > CALL_LOG_LINE_BYTES_MAX) {
            return complain_of_length(source);
        }
        if (line.bytes != 0 && !take_line(log, source, line, status == LINE_LAST)) {
            return false;
        }
    }
}

/* Orders calls by job, then by invocation, then by line. */
static int compare(const void *a, const void *b)
{
    const struct logged_call *left = a;
    const struct logged_call *right = b;
    const uint64_t keys[][2] = {
        {left->job, right->job}, {left->call.invoked, right->call.invoked}, {left->invoked_line, right->invoked_line}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i][0] != keys[i][1]) {
            return keys[i][0] < keys[i][1] ? -1 : 1;
        }
    }
    return 0;
}

bool call_log_read(struct call_log *log, const char *path, const char *command)
{
    struct call_log_source source = {command, path, 0};
    struct reader reader = {.file = fopen(path, "rb")};
    *log = (struct call_log){.count = 0};
    if (reader.file == NULL) {
        const int error = errno;
        fprintf(stderr, "tjob %s: cannot open ", command);
        output_plain_string(stderr, path);
        fprintf(stderr, ": %s\n", strerror(error));
        return false;
    }
    reader.piece = malloc(PIECE_BYTES);
    if (reader.piece == NULL) {
        end_without_memory();
    }
    const bool ok = take_lines(log, &source, &reader) && is_whole(log, &source);
    free(reader.piece);
    fclose(reader.file);
    if (ok && log->count != 0) {
        qsort(log->calls, log->count, sizeof *log->calls, compare);
    }
    return ok;
}
