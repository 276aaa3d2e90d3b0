/*
 * A reader of histories logged as JSON lines, for tjob_history_checker: the calls and the answers of a real system.
 * Each line is one invocation, one answer, or a whole call; docs/history.md describes the members.
 */
#ifndef TJOB_HISTORY_LOG_H
#define TJOB_HISTORY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/arn.h"
#include "tjob/history_checker.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The maximum length of the id of a call, in bytes. */
#define TJOB_HISTORY_LOG_ID_BYTES_MAX 128

/* What a line contains. */
typedef enum tjob_history_log_kind {
    TJOB_HISTORY_LOG_INVOCATION = 0,
    TJOB_HISTORY_LOG_ANSWER,
    TJOB_HISTORY_LOG_CALL,    /* an invocation and its answer */
    TJOB_HISTORY_LOG_REJECTED /* a request that was rejected before it became a call: no part of a history */
} tjob_history_log_kind;

/*
 * A line. An invocation has an event and an ARN; an answer has an outcome and may have an ARN; a call has all of them,
 * and both times. It owns its texts.
 */
typedef struct tjob_history_log_line {
    tjob_history_log_kind kind;
    bool has_at;
    uint64_t at; /* the time, in any unit, below TJOB_PENDING; 0 if it is not given */
    size_t id_bytes;
    size_t arn_bytes; /* 0: no ARN is given */
    char id[TJOB_HISTORY_LOG_ID_BYTES_MAX];
    char arn[TJOB_ARN_BYTES_MAX];
    tjob_event event;
    tjob_outcome outcome;
    uint32_t known;       /* TJOB_KNOWN_... bits */
    uint64_t answered_at; /* of a call or a rejected request: the time of its answer; else 0 */
} tjob_history_log_line;

/* Why a line is invalid. */
typedef enum tjob_history_log_problem {
    TJOB_HISTORY_LOG_VALID = 0,
    TJOB_HISTORY_LOG_BAD_JSON,   /* it is not a JSON object, from this byte on */
    TJOB_HISTORY_LOG_TWICE,      /* a member is given twice */
    TJOB_HISTORY_LOG_BAD_NUMBER, /* a member is not a whole number, or is too large */
    TJOB_HISTORY_LOG_BAD_WORD,   /* a member is not one of its words */
    TJOB_HISTORY_LOG_BAD_TEXT,   /* a member is not a string, is empty or is too long */
    TJOB_HISTORY_LOG_BAD_JOB,    /* the job is neither an object nor null */
    TJOB_HISTORY_LOG_BOTH,       /* it has an event and a status, but no answered_at: neither invocation nor answer */
    TJOB_HISTORY_LOG_MISSING,    /* a member is missing */
    TJOB_HISTORY_LOG_NO_TIME     /* a time is TJOB_PENDING, which is not a time */
} tjob_history_log_problem;

#define TJOB_HISTORY_LOG_PROBLEM_COUNT 10

/* A problem of a line, and where it is. */
typedef struct tjob_history_log_error {
    tjob_history_log_problem problem;
    size_t offset;      /* the byte of the line that is wrong, from 0; if something is missing, 0 or where the object
                           begins that lacks it */
    const char *member; /* the member that is wrong; "" for none. Static */
} tjob_history_log_error;

/*
 * Reads one line, without its line end. Unknown members are ignored. Numbers keep all 64 bits. Returns an error whose
 * problem is TJOB_HISTORY_LOG_VALID and fills *line; otherwise returns the problem, and *line is unspecified. Copies
 * everything out of `text`. Pure; thread-safe; linear time.
 */
tjob_history_log_error tjob_history_log_read(tjob_history_log_line *line, tjob_text text);

/* Returns a text for people, such as "is not an integer in range"; "?" outside the enum. Static; thread-safe. */
const char *tjob_history_log_problem_text(tjob_history_log_problem problem);

#ifdef __cplusplus
}
#endif

#endif
