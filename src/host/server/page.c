#include "host/server/page.h"

#include <string.h>

#include "wire/json_writer.h"

static bool page_is(tjob_text text, const char *word)
{
    return text.bytes == strlen(word) && memcmp(text.data, word, text.bytes) == 0;
}

page_kind tjob__page_of(tjob_text method, tjob_text path)
{
    if (page_is(path, "/")) {
        return PAGE_SERVICE;
    }
    if (page_is(method, "GET") || page_is(method, "HEAD")) {
        return page_is(path, "/healthz") ? PAGE_HEALTH : page_is(path, "/metrics") ? PAGE_METRICS : PAGE_UNKNOWN;
    }
    return PAGE_UNKNOWN;
}

/* ---- Errors: they look like those of the service --------------------------------------------------------------- */

#define PAGE_ERROR(error, message) "{\"__type\":\"" error "\",\"Message\":\"" message "\"}"

static tjob_text page_text(const char *string)
{
    return (tjob_text){string, strlen(string)};
}

static void page_make_error(tjob_http_response *response, int status, const char *error, tjob_text body)
{
    *response = (tjob_http_response){
        .status = status,
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .error_type = page_text(error),
        .id = {"", 0},
        .body = body,
    };
}

void tjob__page_unknown(tjob_http_response *response)
{
    page_make_error(
        response, 404, "UnknownOperationException",
        page_text(PAGE_ERROR("UnknownOperationException", "The operation is not supported. The path must be /.")));
}

void tjob__page_too_large(tjob_http_response *response)
{
    page_make_error(response, 400, "InvalidRequestException",
                    page_text(PAGE_ERROR("InvalidRequestException",
                                         "The request is invalid. The body is larger than 65536 bytes.")));
}

_Static_assert(TJOB_REQUEST_BODY_BYTES_MAX == 65536, "the message states it");

void tjob__page_bad_head(tjob_http_response *response, head_problem problem, char *body, size_t capacity)
{
    json_writer writer = {body, 0, capacity};
    tjob__json_write_string(&writer, "{\"__type\":\"InvalidRequestException\",\"Message\":\"The request is invalid. ");
    tjob__json_write_string(&writer, tjob__head_problem_text(problem));
    tjob__json_write_string(&writer, "\"}");
    page_make_error(response, 400, "InvalidRequestException", (tjob_text){body, writer.bytes});
}

/* ---- The state of the store ------------------------------------------------------------------------------------ */

void tjob__page_health(tjob_http_response *response, const tjob_service *service, void *user)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-east-1:000000000000:entity-recognizer/healthz");
    const tjob_store *store = &service->store;
    tjob_job job = {.state = TJOB_ABSENT};
    uint64_t version;
    const tjob_load_status loaded = store->load(store->context, user, arn, &job, &version);
    const bool works = loaded == TJOB_LOAD_OK || loaded == TJOB_LOAD_NOT_FOUND;
    *response = (tjob_http_response){
        .status = works ? 200 : 503,
        .content_type = TJOB_TEXT("application/json"),
        .error_type = {"", 0},
        .id = {"", 0},
        .body = page_text(works ? "{\"store\":\"ok\"}\n" : "{\"store\":\"unavailable\"}\n"),
    };
}

/* ---- Metrics --------------------------------------------------------------------------------------------------- */

static void page_write_count(json_writer *writer, const char *name, const char *type, const char *help, uint64_t count)
{
    const char *const texts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n", name, " "};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tjob__json_write_string(writer, texts[i]);
    }
    tjob__json_write_number(writer, count, 1);
    tjob__json_write_byte(writer, '\n');
}

void tjob__page_metrics(tjob_http_response *response, const tjob_metrics *metrics, const page_counts *counts,
                        char *body)
{
    json_writer writer = {body, tjob_metrics_write(metrics, body, TJOB_METRICS_BYTES_MAX), PAGE_BYTES_MAX};
    tjob__json_write_string(&writer, "# HELP tjob_http_responses_total Answers, by the first digit of their status.\n"
                                     "# TYPE tjob_http_responses_total counter\n");
    for (unsigned digit = 1; digit < sizeof counts->responses / sizeof counts->responses[0]; digit++) {
        tjob__json_write_string(&writer, "tjob_http_responses_total{status=\"");
        tjob__json_write_number(&writer, digit, 1);
        tjob__json_write_string(&writer, "xx\"} ");
        tjob__json_write_number(&writer, counts->responses[digit], 1);
        tjob__json_write_byte(&writer, '\n');
    }
    page_write_count(&writer, "tjob_http_connections", "gauge", "Open connections.", counts->open);
    page_write_count(&writer, "tjob_http_connections_max", "gauge", "The most connections.", counts->count);
    page_write_count(&writer, "tjob_http_refused_total", "counter", "Requests whose head was refused.",
                     counts->refused);
    page_write_count(&writer, "tjob_http_expired_total", "counter", "Connections that were closed for their time.",
                     counts->expired);
    page_write_count(&writer, "tjob_http_unanswered_total", "counter", "Requests that began and had no answer.",
                     counts->unanswered);
    *response = (tjob_http_response){
        .status = 200,
        .content_type = TJOB_TEXT("text/plain; version=0.0.4"),
        .error_type = {"", 0},
        .id = {"", 0},
        .body = {body, writer.bytes},
    };
}
