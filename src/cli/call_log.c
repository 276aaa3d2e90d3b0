#define _POSIX_C_SOURCE 200809L /* NOLINT: for getline */

#include "cli/call_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

static void end_without_memory(void)
{
    fprintf(stderr, "tjob: out of memory\n");
    exit(3);
}

/* Makes room for `wanted` elements. The program ends where there is none. */
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

static bool is_same(tjob_text a, tjob_text b)
{
    return a.bytes == b.bytes && memcmp(a.data, b.data, a.bytes) == 0;
}

/* Where the text of an entry stands: that of a call is its id, that of a job its ARN. */
static size_t offset_of(const struct call_log *log, const size_t *table, size_t entry)
{
    return table == log->ids ? log->calls[entry - 1].id : log->arns[entry - 1];
}

/* The place of a text in a table that has room: the entry there is 0 if it is not in it. */
static size_t *place_of(const struct call_log *log, size_t *table, size_t room, tjob_text text)
{
    size_t at = hash_of(text) & (room - 1);
    while (table[at] != 0 && !is_same(call_log_text(log, offset_of(log, table, table[at])), text)) {
        at = (at + 1) & (room - 1);
    }
    return &table[at];
}

/* Doubles a table of which half is used by `count` entries. */
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
        *place_of(log, *table, wanted, call_log_text(log, offset_of(log, *table, entry))) = entry;
    }
    return *table;
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

struct source {
    const char *verb;
    const char *path;
    size_t line;
};

static bool complain(const struct source *source, const char *what)
{
    fprintf(stderr, "tjob %s: %s, line %zu: %s\n", source->verb, source->path, source->line, what);
    return false;
}

static bool take_invocation(struct call_log *log, const struct source *source, const tjob_log_line *line)
{
    const tjob_text id = {line->id, line->id_bytes};
    const tjob_text arn = {line->arn, line->arn_bytes};
    size_t *ids = roomy(log, &log->ids, &log->ids_room, log->count);
    size_t *names = roomy(log, &log->names, &log->names_room, log->jobs);
    size_t *call = place_of(log, ids, log->ids_room, id);
    size_t *job = place_of(log, names, log->names_room, arn);
    if (*call != 0) {
        return complain(source, "a call of this id was invoked before");
    }
    if (*job == 0) {
        log->arns = grown(log->arns, &log->arns_room, log->jobs + 1, sizeof *log->arns);
        log->arns[log->jobs++] = keep_text(log, arn.data, arn.bytes);
        *job = log->jobs;
    }
    log->calls = grown(log->calls, &log->calls_room, log->count + 1, sizeof *log->calls);
    log->calls[log->count++] = (struct logged_call){
        .call = {.event = line->event, .invoked = line->at, .answered = TJOB_NEVER},
        .job = *job - 1,
        .invoked_line = source->line,
        .id = keep_text(log, id.data, id.bytes),
    };
    *call = log->count;
    return true;
}

static bool take_answer(struct call_log *log, const struct source *source, const tjob_log_line *line)
{
    const tjob_text id = {line->id, line->id_bytes};
    size_t *ids = roomy(log, &log->ids, &log->ids_room, log->count);
    const size_t entry = *place_of(log, ids, log->ids_room, id);
    if (entry == 0) {
        return complain(source, "no call of this id was invoked before");
    }
    struct logged_call *logged = &log->calls[entry - 1];
    if (logged->answered_line != 0) {
        return complain(source, "the call of this id was answered before");
    }
    logged->call.answered = line->at;
    logged->call.outcome = line->outcome;
    logged->call.told = line->told;
    logged->answered_line = source->line;
    return true;
}

static bool take_line(struct call_log *log, const struct source *source, const char *text, size_t bytes)
{
    static tjob_log_line line;
    const tjob_log_error error = tjob_log_read(&line, (tjob_text){text, bytes});
    if (error.problem != TJOB_LOG_VALID) {
        fprintf(stderr, "tjob %s: %s, line %zu, byte %zu: %s%s%s\n", source->verb, source->path, source->line,
                error.offset, error.member[0] != '\0' ? error.member : "it", " ", tjob_log_problem_text(error.problem));
        return false;
    }
    if (log->count == 0) {
        log->has_at = line.has_at;
    }
    if (log->has_at != line.has_at) {
        return complain(source, "some lines have the member at, others have not");
    }
    line.at = line.has_at ? line.at : source->line;
    return line.kind == TJOB_LOG_INVOCATION ? take_invocation(log, source, &line) : take_answer(log, source, &line);
}

/* By job, then by invocation, then as they stand in the file. */
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

bool call_log_read(struct call_log *log, const char *path, const char *verb)
{
    struct source source = {verb, path, 0};
    char *text = NULL;
    size_t room = 0;
    ssize_t bytes = 0;
    bool ok = true;
    *log = (struct call_log){.count = 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "tjob %s: %s: %s\n", verb, path, strerror(errno));
        return false;
    }
    while (ok && (bytes = getline(&text, &room, file)) > 0) {
        const size_t end = text[bytes - 1] == '\n' ? (size_t)bytes - 1 : (size_t)bytes;
        source.line++;
        ok = end == 0 || take_line(log, &source, text, end);
    }
    if (ok && ferror(file) != 0) {
        fprintf(stderr, "tjob %s: %s: %s\n", verb, path, strerror(errno));
        ok = false;
    }
    free(text);
    fclose(file);
    if (ok && log->count != 0) {
        qsort(log->calls, log->count, sizeof *log->calls, compare);
    }
    return ok;
}
