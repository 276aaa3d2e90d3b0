#include "cli/call_log.h"

#include <string.h>

#define OUT_OF_MEMORY "out of memory"

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

/* Grows an array to hold `wanted` elements. Returns false if out of memory. */
static bool grow(struct call_log *log, void **array, size_t *room, size_t wanted, size_t bytes)
{
    if (wanted <= *room) {
        return true;
    }
    const size_t larger = wanted < 64 ? 64 : 2 * wanted;
    void *resized = log->resize(log->context, *array, *room * bytes, larger * bytes);
    if (resized == NULL) {
        return false;
    }
    *array = resized;
    *room = larger;
    return true;
}

/* Keeps a text. Returns its offset; SIZE_MAX if out of memory. */
static size_t keep_text(struct call_log *log, tjob_text text)
{
    const size_t offset = log->texts_bytes;
    void *texts = log->texts;
    if (!grow(log, &texts, &log->texts_room, offset + sizeof text.bytes + text.bytes, 1)) {
        return SIZE_MAX;
    }
    log->texts = texts;
    log->texts_bytes += sizeof text.bytes + text.bytes;
    memcpy(log->texts + offset, &text.bytes, sizeof text.bytes);
    memcpy(log->texts + offset + sizeof text.bytes, text.data, text.bytes);
    return offset;
}

tjob_text call_log_text(const struct call_log *log, size_t offset)
{
    size_t bytes;
    memcpy(&bytes, log->texts + offset, sizeof bytes);
    return (tjob_text){log->texts + offset + sizeof bytes, bytes};
}

void call_log_begin(struct call_log *log, call_log_resize *resize, void *context)
{
    *log = (struct call_log){.resize = resize, .context = context};
}

void call_log_free(struct call_log *log)
{
    void *const all[] = {log->calls, log->arns, log->texts, log->ids, log->names};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        (void)log->resize(log->context, all[i], 0, 0);
    }
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
static size_t offset_of(const struct call_log *log, bool of_calls, size_t entry)
{
    return of_calls ? log->calls[entry - 1].id : log->arns[entry - 1];
}

/* Returns the slot of a text in a table that is not full; the slot holds 0 if the text is not in the table. */
static size_t *call_log_slot(const struct call_log *log, bool of_calls, tjob_text text)
{
    size_t *table = of_calls ? log->ids : log->names;
    const size_t room = of_calls ? log->ids_room : log->names_room;
    size_t at = hash_of(text) & (room - 1);
    while (table[at] != 0 && !call_log_is_same(call_log_text(log, offset_of(log, of_calls, table[at])), text)) {
        at = (at + 1) & (room - 1);
    }
    return &table[at];
}

/* Doubles the table of calls or of jobs if it is half full. Returns false if out of memory. */
static bool make_roomy(struct call_log *log, bool of_calls)
{
    size_t **table = of_calls ? &log->ids : &log->names;
    size_t *room = of_calls ? &log->ids_room : &log->names_room;
    const size_t count = of_calls ? log->count : log->jobs;
    if (2 * count < *room) {
        return true;
    }
    const size_t wanted = *room == 0 ? 1024 : 2 * *room;
    size_t *larger = log->resize(log->context, NULL, 0, wanted * sizeof **table);
    if (larger == NULL) {
        return false;
    }
    (void)log->resize(log->context, *table, 0, 0);
    memset(larger, 0, wanted * sizeof **table);
    *table = larger;
    *room = wanted;
    for (size_t entry = 1; entry <= count; entry++) {
        *call_log_slot(log, of_calls, call_log_text(log, offset_of(log, of_calls, entry))) = entry;
    }
    return true;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

/* Sets an error in the current line. */
static bool call_log_fail(const struct call_log *log, struct call_log_error *error, const char *what)
{
    *error = (struct call_log_error){.line = log->line, .member = "", .what = what};
    return false;
}

/* Returns the call with an id, which it adds if there is none; NULL if out of memory. */
static struct logged_call *logged_call_of(struct call_log *log, tjob_text id)
{
    void *calls = log->calls;
    if (!make_roomy(log, true) || !grow(log, &calls, &log->calls_room, log->count + 1, sizeof *log->calls)) {
        return NULL;
    }
    log->calls = calls;
    size_t *entry = call_log_slot(log, true, id);
    if (*entry == 0) {
        const size_t kept = keep_text(log, id);
        if (kept == SIZE_MAX) {
            return NULL;
        }
        log->calls[log->count++] = (struct logged_call){.call = {.answered = TJOB_PENDING}, .id = kept};
        *entry = log->count;
    }
    return &log->calls[*entry - 1];
}

/* Sets the index of the job with an ARN, which it adds if there is none. Returns false if memory is exhausted. */
static bool job_of(struct call_log *log, tjob_text arn, size_t *job)
{
    void *arns = log->arns;
    if (!make_roomy(log, false) || !grow(log, &arns, &log->arns_room, log->jobs + 1, sizeof *log->arns)) {
        return false;
    }
    log->arns = arns;
    size_t *entry = call_log_slot(log, false, arn);
    if (*entry == 0) {
        log->arns[log->jobs] = keep_text(log, arn);
        if (log->arns[log->jobs] == SIZE_MAX) {
            return false;
        }
        *entry = ++log->jobs;
    }
    *job = *entry - 1;
    return true;
}

static bool take_invocation(struct call_log *log, const tjob_history_log_line *line, struct call_log_error *error)
{
    struct logged_call *logged = logged_call_of(log, (tjob_text){line->id, line->id_bytes});
    if (logged == NULL || !job_of(log, (tjob_text){line->arn, line->arn_bytes}, &logged->job)) {
        return call_log_fail(log, error, OUT_OF_MEMORY);
    }
    if (logged->invoked_line != 0) {
        return call_log_fail(log, error, "duplicate invocation of this id");
    }
    logged->call.event = line->event;
    logged->call.invoked = line->at;
    logged->invoked_line = log->line;
    return true;
}

/* If lines carry times, an answer may precede its invocation in the file. */
static bool take_answer(struct call_log *log, const tjob_history_log_line *line, uint64_t at,
                        struct call_log_error *error)
{
    const size_t count = log->count;
    struct logged_call *logged = logged_call_of(log, (tjob_text){line->id, line->id_bytes});
    if (logged == NULL) {
        return call_log_fail(log, error, OUT_OF_MEMORY);
    }
    if (log->count != count && !log->has_at) {
        return call_log_fail(log, error, "no earlier invocation of this id");
    }
    if (logged->answered_line != 0) {
        return call_log_fail(log, error, "duplicate answer of this id");
    }
    logged->call.answered = at;
    logged->call.outcome = line->outcome;
    logged->call.known = line->known;
    logged->answered_line = log->line;
    return true;
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

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

static bool take_part(struct call_log *log, const tjob_history_log_line *line, struct call_log_error *error)
{
    switch (line->kind) {
    case TJOB_HISTORY_LOG_INVOCATION:
        return take_invocation(log, line, error);
    case TJOB_HISTORY_LOG_ANSWER:
        return take_answer(log, line, line->at, error);
    case TJOB_HISTORY_LOG_CALL:
        return take_invocation(log, line, error) && take_answer(log, line, line->answered_at, error);
    case TJOB_HISTORY_LOG_REJECTED:
        break;
    }
    return true;
}

/* Takes a line; ignores the last line of the file if it is incomplete. */
static bool take_line(struct call_log *log, tjob_text text, bool is_last, struct call_log_error *error)
{
    tjob_history_log_line line;
    const tjob_history_log_error problem = tjob_history_log_read(&line, text);
    if (problem.problem == TJOB_HISTORY_LOG_BAD_JSON && is_last && is_cut_off(text, problem.offset)) {
        log->cut_line = log->line;
        return true;
    }
    if (problem.problem != TJOB_HISTORY_LOG_VALID) {
        *error = (struct call_log_error){.line = log->line,
                                         .of_member = true,
                                         .offset = problem.offset,
                                         .member = problem.member,
                                         .what = tjob_history_log_problem_text(problem.problem)};
        return false;
    }
    if (!log->has_lines) {
        log->has_lines = true;
        log->has_at = line.has_at;
    }
    if (log->has_at != line.has_at) {
        return call_log_fail(log, error, "some lines have the member 'at', others do not");
    }
    line.at = line.has_at ? line.at : log->line;
    return take_part(log, &line, error);
}

bool call_log_add(struct call_log *log, tjob_text line, bool is_last, struct call_log_error *error)
{
    log->line++;
    if (log->line == 1 && is_utf16(line)) {
        return call_log_fail(log, error, "the file is UTF-16; a log must be UTF-8");
    }
    line = trimmed(line, log->line == 1);
    if (line.bytes > CALL_LOG_LINE_BYTES_MAX) {
        return call_log_fail(log, error, "the line is longer than 1048576 bytes");
    }
    return line.bytes == 0 || take_line(log, line, is_last, error);
}

_Static_assert(CALL_LOG_LINE_BYTES_MAX == 1048576, "the message states the limit");

bool call_log_end(const struct call_log *log, struct call_log_error *error)
{
    for (size_t i = 0; i < log->count; i++) {
        if (log->calls[i].invoked_line == 0) {
            *error = (struct call_log_error){.line = log->calls[i].answered_line,
                                             .member = "",
                                             .what = log->cut_line == 0
                                                         ? "no invocation of this id"
                                                         : "no invocation of this id, if not in the last line, which "
                                                           "is cut off"};
            return false;
        }
    }
    return true;
}

int call_log_compare(const void *a, const void *b)
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
