#include "tjob/history_log.h"

#include <string.h>

#include "wire/json.h"

/* The type of the value of a member. */
enum value_kind {
    VALUE_U64,
    VALUE_U32,
    VALUE_EVENT, /* the words of an enum: */
    VALUE_STATUS,
    VALUE_CHANGED,
    VALUE_STATE,
    VALUE_JOB,
    VALUE_ID,
    VALUE_ARN
};

struct member {
    char name[20];
    uint8_t kind;   /* an enum value_kind */
    uint8_t known;  /* the TJOB_KNOWN_... bit that it sets */
    uint16_t place; /* offset of the field in a tjob_history_log_line, or in a tjob_job for a job's members */
};

enum { MEMBER_AT, MEMBER_ANSWERED_AT, MEMBER_ID, MEMBER_ARN, MEMBER_EVENT, MEMBER_STATUS };

/* clang-format off */
static const struct member line_members[] = {
    [MEMBER_AT] = {"at", VALUE_U64, 0, offsetof(tjob_history_log_line, at)},
    [MEMBER_ANSWERED_AT] = {"answered_at", VALUE_U64, 0, offsetof(tjob_history_log_line, answered_at)},
    [MEMBER_ID] = {"id", VALUE_ID, 0, 0},
    [MEMBER_ARN] = {"arn", VALUE_ARN, 0, 0},
    [MEMBER_EVENT] = {"event", VALUE_EVENT, 0, offsetof(tjob_history_log_line, event.kind)},
    [MEMBER_STATUS] = {"status", VALUE_STATUS, 0, offsetof(tjob_history_log_line, outcome.status)},
    {"incarnation", VALUE_U64, 0, offsetof(tjob_history_log_line, event.incarnation)},
    {"trainer_token", VALUE_U64, 0, offsetof(tjob_history_log_line, event.trainer_token)},
    {"token", VALUE_U64, 0, offsetof(tjob_history_log_line, event.token)},
    {"host_code", VALUE_U32, 0, offsetof(tjob_history_log_line, event.host_code)},
    {"changed", VALUE_CHANGED, TJOB_KNOWN_CHANGED, offsetof(tjob_history_log_line, outcome.changed)},
    {"before", VALUE_STATE, TJOB_KNOWN_BEFORE, offsetof(tjob_history_log_line, outcome.before)},
    {"after", VALUE_STATE, TJOB_KNOWN_AFTER, offsetof(tjob_history_log_line, outcome.after)},
    {"job", VALUE_JOB, TJOB_KNOWN_JOB, 0},
};

static const struct member job_members[] = {
    {"state", VALUE_STATE, 0, offsetof(tjob_job, state)},
    {"incarnation", VALUE_U64, 0, offsetof(tjob_job, incarnation)},
    {"submit_token", VALUE_U64, 0, offsetof(tjob_job, submit_token)},
    {"trainer_token", VALUE_U64, 0, offsetof(tjob_job, trainer_token)},
    {"host_code", VALUE_U32, 0, offsetof(tjob_job, host_code)},
    {"submitted_ms", VALUE_U64, 0, offsetof(tjob_job, submitted_ms)},
    {"training_started_ms", VALUE_U64, 0, offsetof(tjob_job, training_started_ms)},
    {"stop_requested_ms", VALUE_U64, 0, offsetof(tjob_job, stop_requested_ms)},
    {"ended_ms", VALUE_U64, 0, offsetof(tjob_job, ended_ms)},
};
/* clang-format on */

enum {
    LINE_MEMBERS = sizeof line_members / sizeof line_members[0],
    JOB_MEMBERS = sizeof job_members / sizeof job_members[0]
};

_Static_assert(sizeof(tjob_status) == 4 && sizeof(tjob_state) == 4 && sizeof(tjob_changed) == 4,
               "enums are stored as 32-bit numbers here");

/* A walk through the members of one object. */
struct walk {
    const char *line; /* the origin of the offsets */
    const struct member *members;
    unsigned count;
    unsigned seen; /* bit i: member i */
};

static tjob_history_log_error error_at(const struct walk *walk, tjob_history_log_problem problem,
                                       const unsigned char *at, const struct member *member)
{
    return (tjob_history_log_error){problem, (size_t)((const char *)at - walk->line),
                                    member != NULL ? member->name : ""};
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

/* Reads an unsigned integer, as a JSON number or as a string. Other JSON readers keep integers in strings exact. */
static bool log_read_number(const json_value *value, uint64_t most, uint64_t *number)
{
    *number = 0;
    if ((value->kind != JSON_NUMBER && value->kind != JSON_STRING) || value->begin == value->end) {
        return false;
    }
    for (const unsigned char *at = value->begin; at != value->end; at++) {
        const uint64_t digit = (uint64_t)*at - '0';
        if (digit > 9 || *number > (most - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return true;
}

static const char *word_of(enum value_kind kind, int word)
{
    switch (kind) {
    case VALUE_EVENT:
        return tjob_event_kind_name((tjob_event_kind)word);
    case VALUE_STATUS:
        return tjob_status_name((tjob_status)word);
    case VALUE_CHANGED:
        return tjob_changed_name((tjob_changed)word);
    default:
        return tjob_state_name((tjob_state)word);
    }
}

static int words_of(enum value_kind kind)
{
    switch (kind) {
    case VALUE_EVENT:
        return TJOB_EVENT_KIND_COUNT;
    case VALUE_STATUS:
        return TJOB_STATUS_COUNT;
    case VALUE_CHANGED:
        return TJOB_CHANGED_UNKNOWN + 1;
    default:
        return TJOB_STATE_COUNT;
    }
}

/* Returns whether a string, with its escapes decoded, equals a name. */
static bool is_named(const json_value *string, const char *name)
{
    char decoded[24];
    size_t length = 0;
    while (name[length] != '\0') {
        length++;
    }
    return tjob__json_decode(string, decoded, sizeof decoded) == length && memcmp(decoded, name, length) == 0;
}

static bool read_word(const json_value *value, enum value_kind kind, uint32_t *word)
{
    if (value->kind != JSON_STRING) {
        return false;
    }
    for (int i = 0; i < words_of(kind); i++) {
        if (is_named(value, word_of(kind, i))) {
            *word = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool read_text(const json_value *value, char *text, size_t most, size_t *bytes)
{
    *bytes = value->kind == JSON_STRING ? tjob__json_decode(value, text, most) : 0;
    return *bytes != 0 && *bytes <= most;
}

/* Reads the id of a call. The id may also be a JSON number, whose text is then used. */
static bool read_id(const json_value *value, tjob_history_log_line *line)
{
    json_value text = *value;
    text.kind = value->kind == JSON_NUMBER ? JSON_STRING : value->kind;
    return read_text(&text, line->id, sizeof line->id, &line->id_bytes);
}

static bool is_time(const struct member *member)
{
    return member == &line_members[MEMBER_AT] || member == &line_members[MEMBER_ANSWERED_AT];
}

/* Reads a value that is neither a job nor a text into its field of an object. */
static tjob_history_log_problem read_scalar(const struct member *member, const json_value *value, void *object)
{
    unsigned char *field = (unsigned char *)object + member->place;
    uint64_t number;
    uint32_t word;
    switch ((enum value_kind)member->kind) {
    case VALUE_U64:
        if (!log_read_number(value, UINT64_MAX, &number)) {
            return TJOB_HISTORY_LOG_BAD_NUMBER;
        }
        memcpy(field, &number, sizeof number);
        return number == TJOB_PENDING && is_time(member) ? TJOB_HISTORY_LOG_NO_TIME : TJOB_HISTORY_LOG_VALID;
    case VALUE_U32:
        if (!log_read_number(value, UINT32_MAX, &number)) {
            return TJOB_HISTORY_LOG_BAD_NUMBER;
        }
        word = (uint32_t)number;
        break;
    default:
        if (!read_word(value, (enum value_kind)member->kind, &word)) {
            return TJOB_HISTORY_LOG_BAD_WORD;
        }
        break;
    }
    memcpy(field, &word, sizeof word);
    return TJOB_HISTORY_LOG_VALID;
}

/* ---- Objects --------------------------------------------------------------------------------------------------- */

static const struct member *member_of(const struct walk *walk, const json_value *name)
{
    for (unsigned i = 0; i < walk->count; i++) {
        if (is_named(name, walk->members[i].name)) {
            return &walk->members[i];
        }
    }
    return NULL;
}

/* Reads up to the next member that the walk knows. Returns TJOB_HISTORY_LOG_VALID and sets *member, to NULL at the
 * end. */
static tjob_history_log_error next_member(struct walk *walk, json_reader *reader, const struct member **member,
                                          json_value *value)
{
    json_value name;
    json_status status;
    *member = NULL;
    while ((status = tjob__json_next_member(reader, &name, value)) == JSON_OK) {
        *member = member_of(walk, &name);
        if (*member == NULL) {
            continue;
        }
        const unsigned bit = 1u << (*member - walk->members);
        if ((walk->seen & bit) != 0) {
            return error_at(walk, TJOB_HISTORY_LOG_TWICE, name.begin - 1, *member);
        }
        walk->seen |= bit;
        return (tjob_history_log_error){TJOB_HISTORY_LOG_VALID, 0, ""};
    }
    *member = NULL;
    return status == JSON_END ? (tjob_history_log_error){TJOB_HISTORY_LOG_VALID, 0, ""}
                              : error_at(walk, TJOB_HISTORY_LOG_BAD_JSON, reader->at, NULL);
}

static tjob_history_log_error read_job(const struct walk *line_walk, const struct member *job_member,
                                       const json_value *object, tjob_job *job)
{
    struct walk walk = {line_walk->line, job_members, JOB_MEMBERS, 0};
    json_reader reader;
    json_value value;
    const struct member *member;
    if (object->kind == JSON_NULL) {
        return (tjob_history_log_error){TJOB_HISTORY_LOG_VALID, 0, ""};
    }
    if (object->kind != JSON_OBJECT) {
        return error_at(line_walk, TJOB_HISTORY_LOG_BAD_JOB, object->begin, job_member);
    }
    (void)tjob__json_open(&reader, (tjob_text){(const char *)object->begin, (size_t)(object->end - object->begin)});
    tjob_history_log_error error = next_member(&walk, &reader, &member, &value);
    while (error.problem == TJOB_HISTORY_LOG_VALID && member != NULL) {
        const tjob_history_log_problem problem = read_scalar(member, &value, job);
        error = problem == TJOB_HISTORY_LOG_VALID ? next_member(&walk, &reader, &member, &value)
                                                  : error_at(&walk, problem, value.begin, member);
    }
    if (error.problem == TJOB_HISTORY_LOG_VALID && (walk.seen & 1u) == 0) {
        return error_at(&walk, TJOB_HISTORY_LOG_MISSING, object->begin, &job_members[0]);
    }
    return error;
}

static tjob_history_log_error log_read_value(const struct walk *walk, const struct member *member,
                                             const json_value *value, tjob_history_log_line *line)
{
    tjob_history_log_problem problem;
    line->known |= member->known;
    switch ((enum value_kind)member->kind) {
    case VALUE_JOB:
        return read_job(walk, member, value, &line->outcome.job);
    case VALUE_ID:
        problem = read_id(value, line) ? TJOB_HISTORY_LOG_VALID : TJOB_HISTORY_LOG_BAD_TEXT;
        break;
    case VALUE_ARN:
        problem = read_text(value, line->arn, sizeof line->arn, &line->arn_bytes) ? TJOB_HISTORY_LOG_VALID
                                                                                  : TJOB_HISTORY_LOG_BAD_TEXT;
        break;
    default:
        problem = read_scalar(member, value, line);
        break;
    }
    return problem == TJOB_HISTORY_LOG_VALID ? (tjob_history_log_error){TJOB_HISTORY_LOG_VALID, 0, ""}
                                             : error_at(walk, problem, value->begin, member);
}

/* Returns what kind of line has these members, as bits. Times on both sides make it whole: a call, or none. */
static tjob_history_log_kind kind_of(unsigned seen)
{
    if ((seen & 1u << MEMBER_ANSWERED_AT) != 0) {
        return (seen & 1u << MEMBER_EVENT) != 0 ? TJOB_HISTORY_LOG_CALL : TJOB_HISTORY_LOG_REJECTED;
    }
    return (seen & 1u << MEMBER_STATUS) != 0 ? TJOB_HISTORY_LOG_ANSWER : TJOB_HISTORY_LOG_INVOCATION;
}

/* Checks a line as a whole for its required members. */
static tjob_history_log_error check_whole(const struct walk *walk, tjob_history_log_line *line)
{
    /* In the order in which they are reported. */
    static const unsigned char members[] = {MEMBER_ID, MEMBER_EVENT, MEMBER_ARN, MEMBER_AT, MEMBER_STATUS};
    static const unsigned required[] = {
        [TJOB_HISTORY_LOG_INVOCATION] = 1u << MEMBER_ID | 1u << MEMBER_EVENT | 1u << MEMBER_ARN,
        [TJOB_HISTORY_LOG_ANSWER] = 1u << MEMBER_ID,
        [TJOB_HISTORY_LOG_CALL] = 1u << MEMBER_ID | 1u << MEMBER_ARN | 1u << MEMBER_AT | 1u << MEMBER_STATUS,
        [TJOB_HISTORY_LOG_REJECTED] = 1u << MEMBER_ID | 1u << MEMBER_AT,
    };
    const unsigned both = 1u << MEMBER_EVENT | 1u << MEMBER_STATUS;
    line->has_at = (walk->seen & 1u << MEMBER_AT) != 0;
    line->kind = kind_of(walk->seen);
    if (line->kind == TJOB_HISTORY_LOG_ANSWER && (walk->seen & both) == both) {
        return (tjob_history_log_error){TJOB_HISTORY_LOG_BOTH, 0, ""};
    }
    const unsigned missing = required[line->kind] & ~walk->seen;
    for (unsigned i = 0; i < sizeof members; i++) {
        if ((missing & 1u << members[i]) != 0) {
            return (tjob_history_log_error){TJOB_HISTORY_LOG_MISSING, 0, line_members[members[i]].name};
        }
    }
    return (tjob_history_log_error){TJOB_HISTORY_LOG_VALID, 0, ""};
}

tjob_history_log_error tjob_history_log_read(tjob_history_log_line *line, tjob_text text)
{
    struct walk walk = {text.bytes != 0 ? text.data : "", line_members, LINE_MEMBERS, 0};
    json_reader reader;
    json_value value;
    const struct member *member;
    *line = (tjob_history_log_line){.kind = TJOB_HISTORY_LOG_INVOCATION};
    if (tjob__json_open(&reader, (tjob_text){walk.line, text.bytes}) != JSON_OK) {
        return error_at(&walk, TJOB_HISTORY_LOG_BAD_JSON, reader.at, NULL);
    }
    tjob_history_log_error error = next_member(&walk, &reader, &member, &value);
    while (error.problem == TJOB_HISTORY_LOG_VALID && member != NULL) {
        error = log_read_value(&walk, member, &value, line);
        error = error.problem == TJOB_HISTORY_LOG_VALID ? next_member(&walk, &reader, &member, &value) : error;
    }
    return error.problem == TJOB_HISTORY_LOG_VALID ? check_whole(&walk, line) : error;
}

const char *tjob_history_log_problem_text(tjob_history_log_problem problem)
{
    static const char texts[TJOB_HISTORY_LOG_PROBLEM_COUNT][48] = {
        [TJOB_HISTORY_LOG_VALID] = "is valid",
        [TJOB_HISTORY_LOG_BAD_JSON] = "is not a JSON object",
        [TJOB_HISTORY_LOG_TWICE] = "is given twice",
        [TJOB_HISTORY_LOG_BAD_NUMBER] = "is not an integer in range",
        [TJOB_HISTORY_LOG_BAD_WORD] = "is not one of the allowed words",
        [TJOB_HISTORY_LOG_BAD_TEXT] = "is not a string, is empty or is too long",
        [TJOB_HISTORY_LOG_BAD_JOB] = "is not an object or null",
        [TJOB_HISTORY_LOG_BOTH] = "is both an invocation and an answer",
        [TJOB_HISTORY_LOG_MISSING] = "is missing",
        [TJOB_HISTORY_LOG_NO_TIME] = "is 18446744073709551615, not a valid time",
    };
    return (unsigned)problem < TJOB_HISTORY_LOG_PROBLEM_COUNT ? texts[problem] : "?";
}
