/*
 * Writes histories as JSON lines: the calls and the answers of a service, for `tjob history check` and for
 * tjob_history_log_read. It is a part of the library tjob, so a service that logs itself does not link the checkers.
 * docs/history.md describes the members.
 */
#ifndef TJOB_HISTORY_LOG_WRITER_H
#define TJOB_HISTORY_LOG_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/operation.h"
#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The buffer size, in bytes, that suffices for every line, its line end included. */
#define TJOB_HISTORY_LOG_LINE_BYTES_MAX 2048

/* The same for the line of a whole call. */
#define TJOB_HISTORY_LOG_CALL_BYTES_MAX 4096

/*
 * Write one line, with a line end of one byte. In each of them:
 *
 * id        the call: the same number for its invocation and its answer, and unique in the log.
 * at        the time, in any unit, of any one clock for the job; UINT64_MAX: the line has none. Either all lines of a
 *           log have a time, or none has; without times, the order of the lines is that of the invocations and answers.
 * line      the caller's buffer of `capacity` bytes, which receives the line. It is not terminated by a zero. If the
 *           line does not fit, its content is unspecified.
 *
 * Returns the length of the line in bytes, at most TJOB_HISTORY_LOG_LINE_BYTES_MAX; 0 if it is longer than `capacity`,
 * or if no line can represent the arguments. Each line is an object of JSON in UTF-8. 64-bit numbers are strings of
 * digits, and members that are 0 are left out where that means 0. Pure; thread-safe; constant time.
 */

/*
 * Writes the invocation of a call. Write it before the operation begins: an invocation that is logged late can hide an
 * overlap, and the history may then seem wrong. No line represents an ARN that is empty, longer than TJOB_ARN_BYTES_MAX
 * or not UTF-8, nor an event of an unknown kind.
 */
size_t tjob_history_log_write_invocation(uint64_t id, uint64_t at, tjob_text arn, const tjob_event *event, char *line,
                                         size_t capacity);

/*
 * Writes the answer of a call. Write it after the operation has ended. The states and the record are left out where an
 * outcome says nothing of the job: with a failure, and with a refusal that does not depend on the job. No line
 * represents a value outside its enum.
 */
size_t tjob_history_log_write_answer(uint64_t id, uint64_t at, const tjob_outcome *outcome, char *line,
                                     size_t capacity);

/*
 * Writes a call and its answer as one line, after the operation has ended: for a log that is in the order of the
 * answers, such as an access log. `at` is the time of the invocation and `answered_at` that of the answer; both are
 * required. No line represents what has no line above. If the process ends before it writes the line, the call is
 * missing from the log, although it may have had its effect. The line has at most TJOB_HISTORY_LOG_CALL_BYTES_MAX
 * bytes.
 */
size_t tjob_history_log_write_call(uint64_t id, uint64_t at, uint64_t answered_at, tjob_text arn,
                                   const tjob_event *event, const tjob_outcome *outcome, char *line, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
