#include "cli/job_json.h"

#include <inttypes.h>
#include <string.h>

#include "cli/output.h"
#include "cli/session.h"
#include "core/utf8.h"
#include "wire/json.h"

/* ---- Printing -------------------------------------------------------------------------------------------------- */

static bool job_json_is_utf8(const char *bytes, size_t count)
{
    const unsigned char *at = (const unsigned char *)bytes;
    const unsigned char *end = at + count;
    for (size_t length = 1; at != end && length != 0; at += length) {
        length = tjob__utf8_character(at, end);
    }
    return at == end;
}

void job_json_print(const tjob_listed_job *record)
{
    if (job_json_is_utf8(record->arn, record->arn_bytes)) {
        session_print_record(record);
        return;
    }
    printf("{\"arn_hex\":\"");
    for (uint32_t i = 0; i < record->arn_bytes; i++) {
        printf("%02x", (unsigned)(unsigned char)record->arn[i]);
    }
    printf("\",\"version\":\"%" PRIu64 "\",\"job\":", record->version);
    session_print_job_json(&record->job);
    printf("}\n");
}

void job_json_print_end(const struct job_json_end *end)
{
    printf("{\"jobs\":\"%" PRIu64 "\",\"base\":\"%" PRIu64 "\"}\n", end->jobs, end->base);
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

/* Reads an integer from decimal digits. Returns false if it is invalid or above `most`. */
static bool job_json_read_digits(const unsigned char *begin, const unsigned char *end, uint64_t most, uint64_t *number)
{
    *number = 0;
    for (const unsigned char *at = begin; at != end; at++) {
        const uint64_t digit = (uint64_t)*at - '0';
        if (digit > 9 || digit > most || *number > (most - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return begin != end && (*begin != '0' || end - begin == 1);
}

static bool job_json_read_token(const json_value *value, uint64_t *number)
{
    return value->kind == JSON_STRING && !value->escaped &&
           job_json_read_digits(value->begin, value->end, UINT64_MAX, number);
}

/* A version: every record has one. */
static bool job_json_read_version(const json_value *value, uint64_t *number)
{
    return job_json_read_token(value, number) && *number != 0;
}

static bool job_json_read_code(const json_value *value, uint64_t *number)
{
    return value->kind == JSON_NUMBER && job_json_read_digits(value->begin, value->end, UINT32_MAX, number);
}

static bool job_json_read_state(const json_value *value, uint64_t *number)
{
    const size_t bytes = (size_t)(value->end - value->begin);
    for (uint64_t state = TJOB_SUBMITTED; state < TJOB_STATE_COUNT && value->kind == JSON_STRING; state++) {
        const char *name = tjob_state_name((tjob_state)state);
        if (strlen(name) == bytes && memcmp(name, value->begin, bytes) == 0) {
            *number = state;
            return true;
        }
    }
    return false;
}

static bool job_json_read_arn(const json_value *value, tjob_listed_job *record)
{
    const size_t bytes = value->kind == JSON_STRING ? tjob__json_decode(value, record->arn, sizeof record->arn) : 0;
    record->arn_bytes = (uint32_t)bytes;
    return bytes != 0 && bytes <= sizeof record->arn && job_json_is_utf8(record->arn, bytes);
}

static unsigned job_json_digit_of(unsigned char character)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = character != '\0' ? strchr(digits, character) : NULL;
    return at != NULL ? (unsigned)(at - digits) : 16;
}

static bool job_json_read_arn_hex(const json_value *value, tjob_listed_job *record)
{
    const size_t digits = value->kind == JSON_STRING ? (size_t)(value->end - value->begin) : 0;
    if (digits == 0 || digits % 2 != 0 || digits / 2 > sizeof record->arn) {
        return false;
    }
    record->arn_bytes = (uint32_t)(digits / 2);
    for (size_t i = 0; i < digits / 2; i++) {
        const unsigned high = job_json_digit_of(value->begin[2 * i]);
        const unsigned low = job_json_digit_of(value->begin[2 * i + 1]);
        if (high > 15 || low > 15) {
            return false;
        }
        record->arn[i] = (char)(unsigned char)(high << 4 | low);
    }
    return true;
}

/* ---- Members --------------------------------------------------------------------------------------------------- */

typedef bool job_json_read_number(const json_value *value, uint64_t *number);

/* The members of a job. */
enum {
    JOB_JSON_MEMBER_STATE,
    JOB_JSON_MEMBER_INCARNATION,
    JOB_JSON_MEMBER_SUBMIT,
    JOB_JSON_MEMBER_TRAINER,
    JOB_JSON_MEMBER_CODE,
    JOB_JSON_MEMBER_TIMES,
    JOB_JSON_MEMBERS = 9
};

static const struct {
    const char *name;
    job_json_read_number *read;
} job_json_members[JOB_JSON_MEMBERS] = {
    [JOB_JSON_MEMBER_STATE] = {"state", job_json_read_state},
    [JOB_JSON_MEMBER_INCARNATION] = {"incarnation", job_json_read_token},
    [JOB_JSON_MEMBER_SUBMIT] = {"submit_token", job_json_read_token},
    [JOB_JSON_MEMBER_TRAINER] = {"trainer_token", job_json_read_token},
    [JOB_JSON_MEMBER_CODE] = {"host_code", job_json_read_code},
    [JOB_JSON_MEMBER_TIMES] = {"submitted_ms", job_json_read_token},
    [JOB_JSON_MEMBER_TIMES + 1] = {"training_started_ms", job_json_read_token},
    [JOB_JSON_MEMBER_TIMES + 2] = {"stop_requested_ms", job_json_read_token},
    [JOB_JSON_MEMBER_TIMES + 3] = {"ended_ms", job_json_read_token},
};

static bool job_json_is_named(const json_value *name, const char *member)
{
    return !name->escaped && strlen(member) == (size_t)(name->end - name->begin) &&
           memcmp(name->begin, member, strlen(member)) == 0;
}

static bool job_json_is_wrong(struct job_json_problem *problem, const char *text, const char *member)
{
    *problem = (struct job_json_problem){text, member};
    return false;
}

static bool job_json_read_job_member(const json_value *name, const json_value *value,
                                     uint64_t numbers[JOB_JSON_MEMBERS], unsigned *seen,
                                     struct job_json_problem *problem)
{
    for (unsigned i = 0; i < JOB_JSON_MEMBERS; i++) {
        if (!job_json_is_named(name, job_json_members[i].name)) {
            continue;
        }
        if ((*seen >> i & 1) != 0) {
            return job_json_is_wrong(problem, "given twice", job_json_members[i].name);
        }
        *seen |= 1u << i;
        return job_json_members[i].read(value, &numbers[i]) ||
               job_json_is_wrong(problem, "invalid", job_json_members[i].name);
    }
    return job_json_is_wrong(problem, "unknown member", "job");
}

/* Returns what is wrong with a record. */
static const char *job_json_job_problem_text(tjob_job_problem problem)
{
    static const char *const texts[] = {
        [TJOB_JOB_VALID] = "",
        [TJOB_JOB_BAD_FORMAT] = "invalid",
        [TJOB_JOB_BAD_STATE] = "no state",
        [TJOB_JOB_BAD_TOKENS] = "no incarnation, or a token that is missing or not allowed in this state",
        [TJOB_JOB_BAD_TIMES] = "a time that is missing or not allowed in this state",
        [TJOB_JOB_BAD_ORDER] = "times out of order",
    };
    return texts[problem];
}

static bool job_json_read_job(const json_value *object, tjob_job *job, struct job_json_problem *problem)
{
    uint64_t numbers[JOB_JSON_MEMBERS] = {0};
    unsigned seen = 0;
    json_reader reader;
    json_value name;
    json_value value;
    const tjob_text text = {(const char *)object->begin, (size_t)(object->end - object->begin)};
    const json_status status = tjob__json_open(&reader, text);
    if (object->kind != JSON_OBJECT || status != JSON_OK) {
        return job_json_is_wrong(problem, "not an object", "job");
    }
    while (tjob__json_next_member(&reader, &name, &value) == JSON_OK) {
        if (!job_json_read_job_member(&name, &value, numbers, &seen, problem)) {
            return false;
        }
    }
    *job = (tjob_job){.state = (uint32_t)numbers[JOB_JSON_MEMBER_STATE],
                      .incarnation = numbers[JOB_JSON_MEMBER_INCARNATION],
                      .submit_token = numbers[JOB_JSON_MEMBER_SUBMIT],
                      .trainer_token = numbers[JOB_JSON_MEMBER_TRAINER],
                      .host_code = (uint32_t)numbers[JOB_JSON_MEMBER_CODE],
                      .submitted_ms = numbers[JOB_JSON_MEMBER_TIMES],
                      .training_started_ms = numbers[JOB_JSON_MEMBER_TIMES + 1],
                      .stop_requested_ms = numbers[JOB_JSON_MEMBER_TIMES + 2],
                      .ended_ms = numbers[JOB_JSON_MEMBER_TIMES + 3]};
    const tjob_job_problem wrong = tjob_job_validate(job);
    return wrong == TJOB_JOB_VALID || job_json_is_wrong(problem, job_json_job_problem_text(wrong), "job");
}

/* ---- Lines ----------------------------------------------------------------------------------------------------- */

/*
 * The members of a line. A line has a name, a version and a job; or the number of jobs and the base. Exports of earlier
 * versions of the program have no base.
 */
enum {
    JOB_JSON_LINE_ARN = 1,
    JOB_JSON_LINE_ARN_HEX = 2,
    JOB_JSON_LINE_VERSION = 4,
    JOB_JSON_LINE_JOB = 8,
    JOB_JSON_LINE_JOBS = 16,
    JOB_JSON_LINE_BASE = 32
};

static bool job_json_read_line_member(const json_value *name, const json_value *value, tjob_listed_job *record,
                                      struct job_json_end *last, unsigned *seen, struct job_json_problem *problem)
{
    static const char *const names[] = {"arn", "arn_hex", "version", "job", "jobs", "base"};
    unsigned member = 0;
    while (member < sizeof names / sizeof names[0] && !job_json_is_named(name, names[member])) {
        member++;
    }
    if (member == sizeof names / sizeof names[0]) {
        return job_json_is_wrong(problem, "unknown member", NULL);
    }
    if ((*seen >> member & 1) != 0) {
        return job_json_is_wrong(problem, "given twice", names[member]);
    }
    *seen |= 1u << member;
    if (1u << member == JOB_JSON_LINE_JOB) {
        return job_json_read_job(value, &record->job, problem);
    }
    const bool valid = 1u << member == JOB_JSON_LINE_ARN       ? job_json_read_arn(value, record)
                       : 1u << member == JOB_JSON_LINE_ARN_HEX ? job_json_read_arn_hex(value, record)
                       : 1u << member == JOB_JSON_LINE_VERSION ? job_json_read_version(value, &record->version)
                       : 1u << member == JOB_JSON_LINE_JOBS    ? job_json_read_token(value, &last->jobs)
                                                               : job_json_read_token(value, &last->base);
    return valid || job_json_is_wrong(problem, "invalid", names[member]);
}

enum job_json_line job_json_read(tjob_text line, tjob_listed_job *record, struct job_json_end *last,
                                 struct job_json_problem *problem)
{
    json_reader reader;
    json_value name;
    json_value value;
    unsigned seen = 0;
    *last = (struct job_json_end){.base = 0};
    json_status status = tjob__json_open(&reader, line);
    while (status == JSON_OK && (status = tjob__json_next_member(&reader, &name, &value)) == JSON_OK) {
        if (!job_json_read_line_member(&name, &value, record, last, &seen, problem)) {
            return JOB_JSON_INVALID;
        }
    }
    if (status != JSON_END) {
        (void)job_json_is_wrong(problem, "not a JSON object", NULL);
        return JOB_JSON_INVALID;
    }
    if ((seen | JOB_JSON_LINE_BASE) == (JOB_JSON_LINE_JOBS | JOB_JSON_LINE_BASE)) {
        return JOB_JSON_END;
    }
    if (seen != (JOB_JSON_LINE_ARN | JOB_JSON_LINE_VERSION | JOB_JSON_LINE_JOB) &&
        seen != (JOB_JSON_LINE_ARN_HEX | JOB_JSON_LINE_VERSION | JOB_JSON_LINE_JOB)) {
        (void)job_json_is_wrong(problem, "a line has arn, version and job, or jobs and base", NULL);
        return JOB_JSON_INVALID;
    }
    return JOB_JSON_JOB;
}
