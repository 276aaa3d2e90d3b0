/* Lines of the access log, and what the reader of histories finds in them. */
#include "host/server/access_line.h"

#include <string.h>

#include "support/jobs.h"
#include "support/suite.h"
#include "tjob/history_log.h"
#include "tjob/server.h"

static char line[TJOB_SERVER_LOG_LINE_BYTES_MAX + 1];

static const tjob_event stop = {.kind = TJOB_STOP};

static const access_record sample = {
    .unix_ms = UINT64_C(1767225600007),
    .id = 11,
    .request_id = {"000000000000000b", 16},
    .client = {"127.0.0.1:5", 11},
    .method = {"POST", 4},
    .path = {"/", 1},
    .status = 200,
    .error = {"", 0},
    .bytes_in = 93,
    .bytes_out = 2,
    .began_ns = 1000,
    .answered_ns = 24000,
    .call_began_ns = 2000,
    .call_ended_ns = 3000,
};

static const char *write_line(const access_record *record)
{
    const size_t bytes = tjob__access_line_write(record, line, sizeof line - 1);
    ck_assert_uint_ne(bytes, 0);
    ck_assert_uint_le(bytes, TJOB_SERVER_LOG_LINE_BYTES_MAX);
    ck_assert_int_eq(line[bytes - 1], '\n');
    line[bytes] = '\0';
    for (size_t capacity = 0; capacity < bytes; capacity += 7) {
        char cut[TJOB_SERVER_LOG_LINE_BYTES_MAX];
        ck_assert_uint_eq(tjob__access_line_write(record, cut, capacity), 0);
    }
    return line;
}

static tjob_history_log_line read_back(void)
{
    static tjob_history_log_line found;
    ck_assert_int_eq(tjob_history_log_read(&found, (tjob_text){line, strlen(line) - 1}).problem,
                     TJOB_HISTORY_LOG_VALID);
    return found;
}

START_TEST(a_request_without_a_call_is_a_line_of_no_history)
{
    access_record record = sample;
    record.error = (tjob_text)TJOB_TEXT("InvalidRequestException");
    record.status = 400;
    ck_assert_str_eq(write_line(&record),
                     "{\"time\":\"2026-01-01T00:00:00.007Z\",\"request_id\":\"000000000000000b\",\"client\":"
                     "\"127.0.0.1:5\",\"method\":\"POST\",\"path\":\"/\",\"http_status\":400,"
                     "\"error\":\"InvalidRequestException\",\"bytes_in\":93,\"bytes_out\":2,\"took_us\":23,"
                     "\"id\":\"11\",\"at\":\"1000\",\"answered_at\":\"24000\"}\n");
    ck_assert_int_eq(read_back().kind, TJOB_HISTORY_LOG_REJECTED);
}
END_TEST

START_TEST(a_call_is_a_line_of_a_history)
{
    const tjob_outcome outcome = {TJOB_OK, TJOB_CHANGED_YES, TJOB_TRAINING, TJOB_STOP_REQUESTED,
                                  sample_job(TJOB_STOP_REQUESTED)};
    access_record record = sample;
    record.arn = sample_arn;
    record.event = &stop;
    record.outcome = &outcome;
    ck_assert(strstr(write_line(&record), "\"took_us\":23,\"id\":\"11\",\"at\":\"2000\",\"answered_at\":\"3000\"") !=
              NULL);
    const tjob_history_log_line found = read_back();
    ck_assert_int_eq(found.kind, TJOB_HISTORY_LOG_CALL);
    ck_assert_uint_eq(found.at, 2000);
    ck_assert_uint_eq(found.answered_at, 3000);
    ck_assert_int_eq(memcmp(&found.event, &stop, sizeof stop), 0);
    ck_assert_int_eq(memcmp(&found.outcome, &outcome, sizeof outcome), 0);
}
END_TEST

/* What a client sends is escaped and cut: the line stays one line of JSON. */
START_TEST(any_byte_of_a_path_leaves_the_line_whole)
{
    char path[300];
    access_record record = sample;
    record.method = (tjob_text){path, sizeof path};
    record.path = (tjob_text){path, sizeof path};
    record.client = (tjob_text){path, sizeof path};
    memset(path, _i, sizeof path);
    ck_assert_ptr_eq(strchr(write_line(&record), '\n'), line + strlen(line) - 1);
    ck_assert_int_eq(read_back().kind, TJOB_HISTORY_LOG_REJECTED);
    for (size_t i = 0; i + 1 < strlen(line); i++) {
        ck_assert(line[i] >= ' ' && line[i] <= '~');
    }
}
END_TEST

/* The longest of everything, every byte of it escaped. */
START_TEST(the_longest_line_fits)
{
    static char long_text[300];
    static char arn[TJOB_ARN_BYTES_MAX];
    tjob_outcome outcome = {TJOB_REFUSED_BY_POLICY, TJOB_CHANGED_UNKNOWN, TJOB_TRAINED_WITH_WARNING,
                            TJOB_TRAINED_WITH_WARNING, sample_job(TJOB_TRAINED_WITH_WARNING)};
    const tjob_event event = {UINT64_MAX, UINT64_MAX, UINT64_MAX, TJOB_COMPLETED_WITH_WARNING, UINT32_MAX};
    memset(long_text, 1, sizeof long_text);
    memset(arn, 1, sizeof arn);
    outcome.job.incarnation = outcome.job.submit_token = outcome.job.trainer_token = UINT64_MAX;
    outcome.job.submitted_ms = outcome.job.training_started_ms = outcome.job.ended_ms = UINT64_MAX;
    outcome.job.host_code = UINT32_MAX;
    const tjob_text text = {long_text, sizeof long_text};
    const access_record record = {
        .unix_ms = UINT64_MAX / 1000000,
        .id = UINT64_MAX,
        .request_id = text,
        .client = text,
        .method = text,
        .path = text,
        .status = 500,
        .error = text,
        .bytes_in = UINT64_MAX,
        .bytes_out = UINT64_MAX,
        .answered_ns = UINT64_MAX - 1,
        .arn = {arn, sizeof arn},
        .event = &event,
        .outcome = &outcome,
        .call_began_ns = UINT64_MAX - 1,
        .call_ended_ns = UINT64_MAX - 1,
    };
    const size_t bytes = tjob__access_line_write(&record, line, TJOB_SERVER_LOG_LINE_BYTES_MAX);
    ck_assert_uint_ne(bytes, 0);
    ck_assert_uint_gt(bytes, 5000);
    line[bytes] = '\0';
    ck_assert_int_eq(read_back().kind, TJOB_HISTORY_LOG_CALL);
}
END_TEST

RUN_TESTS("server_access_line", {a_request_without_a_call_is_a_line_of_no_history, 0},
          {a_call_is_a_line_of_a_history, 0}, {any_byte_of_a_path_leaves_the_line_whole, 256},
          {the_longest_line_fits, 0})
