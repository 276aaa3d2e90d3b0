/*
 * A host that verifies before it acts: a request that is altered in any signed byte is refused, and its store is not
 * called; cut short anywhere, it is refused too, without a byte being read that is not there.
 */
#include <stdlib.h>
#include <string.h>

#include "support/suite.h"
#include "tjob/service.h"
#include "unit/host/signature/requests.h"
#include "unit/host/signature/wire_request.h"

static unsigned store_calls;

static tjob_load_status counted_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    (void)context;
    (void)user;
    (void)arn;
    (void)job;
    store_calls++;
    *version = 0;
    return TJOB_LOAD_NOT_FOUND;
}

static tjob_swap_status counted_swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    (void)context;
    (void)user;
    (void)arn;
    (void)expected;
    (void)next;
    store_calls++;
    return TJOB_SWAP_UNAVAILABLE;
}

static uint64_t fixed_now(void *context, void *user)
{
    (void)user;
    (void)context;
    return SIGNED_TIME * UINT64_C(1000);
}

static tjob_text header_of(const tjob_signed_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_signed_header *header = &request->headers[i];
        if (header->name_bytes == strlen(name) && memcmp(header->name, name, strlen(name)) == 0) {
            return (tjob_text){header->value + 1, header->value_bytes - 1}; /* behind the blank */
        }
    }
    return (tjob_text){"", 0};
}

/* What a host does with a request. Returns the status of HTTP. */
static int host_answers(const tjob_signed_request *request, const tjob_credentials *credentials,
                        tjob_signature_result *result)
{
    char body[TJOB_RESPONSE_BYTES_MAX];
    tjob_http_response response;
    const tjob_service service = {
        .store = {NULL, counted_load, counted_swap},
        .clock = {NULL, fixed_now},
        .authorizer = tjob_signature_authorizer(),
    };
    if (tjob_signature_verify(request, credentials, SIGNED_TIME * INT64_C(1000), result) != TJOB_SIGNATURE_OK) {
        ck_assert_int_eq(tjob_signature_respond(result, &response, body, sizeof body), TJOB_OK);
        return response.status;
    }
    const tjob_http_request http = {
        .method = request->method,
        .target = header_of(request, "X-Amz-Target"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = request->body,
    };
    (void)tjob_handle(&service, result, &http, &response, body, sizeof body);
    return response.status;
}

static const char *line_of(const char *text, size_t at)
{
    const char *line = text + at;
    while (line != text && line[-1] != '\n') {
        line--;
    }
    return line;
}

/* Whether a byte stands in a line that is not signed. */
static bool is_free(const char *text, size_t at)
{
    const char *line = line_of(text, at);
    return strncmp(line, "User-Agent:", 11) == 0 || strncmp(line, "amz-sdk-", 8) == 0 ||
           strncmp(line, "Content-Length:", 15) == 0;
}

/* Whether the case of a letter does not count: in the name of a header, and in what is percent-encoded. */
static bool has_no_case(const char *text, size_t at)
{
    const char *line = line_of(text, at);
    return line != text ? memchr(line, ':', (size_t)(text + at - line)) == NULL
                        : at > 1 && (text[at - 1] == '%' || text[at - 2] == '%');
}

/* Whether a text is still split where it was: a server reads no other. */
static bool is_split(const char *text)
{
    const char *version = strstr(text, " HTTP/1.1\n");
    if (version == NULL || strchr(text, ' ') >= version) {
        return false;
    }
    for (const char *line = version + 10; *line != '\n'; line = strchr(line, '\n') + 1) {
        if (memchr(line, ':', (size_t)(strchr(line, '\n') - line)) == NULL) {
            return false;
        }
    }
    return true;
}

static const char *const signed_requests[] = {RECORDED_STOP, PRESIGNED_STOP, DATED_STOP};

START_TEST(it_refuses_each_altered_byte)
{
    const char *original = signed_requests[_i];
    tjob_credentials *credentials = example_credentials(NULL, NULL);
    tjob_signature_result result;
    wire_request wire;
    unsigned refused = 0;
    store_calls = 0;
    wire_request_read(&wire, original);
    ck_assert_int_eq(host_answers(&wire.request, credentials, &result), 400); /* it is not there */
    ck_assert_int_eq(result.status, TJOB_SIGNATURE_OK);
    ck_assert_uint_eq(store_calls, 1);
    wire_request_free(&wire);
    const size_t bytes = strlen(original);
    for (size_t at = 0; at < bytes; at++) {
        char *text = strcpy(malloc(bytes + 1), original);
        for (int bit = 0; bit < 8; bit++) {
            text[at] = (char)(original[at] ^ 1 << bit);
            if (original[at] == '\n' || text[at] == '\n' || text[at] == '\0' || is_free(original, at) ||
                !is_split(text)) {
                continue;
            }
            store_calls = 0;
            wire_request_read(&wire, text);
            const int status = host_answers(&wire.request, credentials, &result);
            if (bit != 5 || !has_no_case(original, at) || result.status != TJOB_SIGNATURE_OK) {
                ck_assert_msg(status == 400 && result.status != TJOB_SIGNATURE_OK && store_calls == 0,
                              "byte %zu, bit %d: %.40s", at, bit, text + at);
                refused++;
            }
            wire_request_free(&wire);
        }
        free(text);
    }
    ck_assert_uint_gt(refused, 2000);
}
END_TEST

/* The parts of a request of which each is altered by itself, in words. */
START_TEST(it_refuses_each_altered_part)
{
    static const struct {
        const char *from;
        const char *to;
    } parts[] = {
        {"POST", "PUT"},
        {"/ HTTP", "/x HTTP"},
        {"/ HTTP", "/?x HTTP"},
        {"StopTraining", "DeleteTraining"},
        {"Comprehend_20171127.StopTrainingEntityRecognizer", "Comprehend_20171127.DeleteEntityRecognizer"},
        {"x-amz-json-1.1", "x-amz-json-1.0"},
        {"127.0.0.1:8080", "127.0.0.1:8081"},
        {"X-Amz-Date: 20261128T135012Z", "X-Amz-Date: 20261128T135013Z"},
        {"111122223333", "111122223334"},
        {"recognizer/x\"}", "recognizer/x\"} "},
        {"\n{", "\n"},
        {"us-west-2/comprehend", "us-east-1/comprehend"},
        {"Signature=c9", "Signature=C9"},
        {"Signature=c9", "Signature=9"},
        {"Signature=c9", "Signature=00c9"},
    };
    tjob_credentials *credentials = example_credentials(NULL, NULL);
    store_calls = 0;
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *text = replaced(RECORDED_STOP, parts[i].from, parts[i].to);
        tjob_signature_result result;
        wire_request wire;
        wire_request_read(&wire, text);
        ck_assert_int_eq(host_answers(&wire.request, credentials, &result), 400);
        ck_assert_msg(result.status == TJOB_SIGNATURE_MISMATCH, "%s: %d", parts[i].to, result.status);
        wire_request_free(&wire);
        free(text);
    }
    ck_assert_uint_eq(store_calls, 0);
}
END_TEST

START_TEST(another_secret_and_another_key_are_refused)
{
    static const char file[] = "[one]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = "
                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEX\ntjob_accounts = *\n"
                               "[two]\naws_access_key_id = AKIDEXAMPLE2\naws_secret_access_key = "
                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\ntjob_accounts = *\n";
    tjob_access_key keys[2];
    tjob_grant grants[2];
    tjob_credentials credentials = {.keys = keys, .grants = grants, .key_capacity = 2, .grant_capacity = 2};
    ck_assert_int_eq(tjob_credentials_read(&credentials, (tjob_text){file, sizeof file - 1}, NULL), 0);
    ck_assert_int_eq(wire_request_verify(RECORDED_STOP, &credentials, SIGNED_TIME).status, TJOB_SIGNATURE_MISMATCH);
    char *text = replaced(RECORDED_STOP, "AKIDEXAMPLE", "AKIDEXAMPLE2");
    const tjob_signature_result result = wire_request_verify(text, &credentials, SIGNED_TIME);
    ck_assert_int_eq(result.status, TJOB_SIGNATURE_OK); /* the id is not signed, but it chooses the secret */
    ck_assert_uint_eq(result.key, 1);
    free(text);
}
END_TEST

START_TEST(a_key_touches_only_what_it_may)
{
    static const char file[] = "[one]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = "
                               "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\ntjob_accounts = 111122223334\n";
    tjob_access_key keys[1];
    tjob_grant grants[1];
    tjob_credentials credentials = {.keys = keys, .grants = grants, .key_capacity = 1, .grant_capacity = 1};
    tjob_signature_result result;
    wire_request wire;
    ck_assert_int_eq(tjob_credentials_read(&credentials, (tjob_text){file, sizeof file - 1}, NULL), 0);
    store_calls = 0;
    wire_request_read(&wire, RECORDED_STOP);
    ck_assert_int_eq(host_answers(&wire.request, &credentials, &result), 400);
    ck_assert_int_eq(result.status, TJOB_SIGNATURE_OK);
    ck_assert_uint_eq(store_calls, 0);
    wire_request_free(&wire);
}
END_TEST

/* Each text of the request, cut short at each length: under AddressSanitizer no byte behind its end is read. */
START_TEST(it_refuses_each_text_that_is_cut_short)
{
    tjob_credentials *credentials = example_credentials(NULL, NULL);
    for (unsigned i = 0; i < 3; i++) {
        wire_request whole;
        wire_request_read(&whole, signed_requests[i]);
        for (size_t part = 0; part < 4 + 2 * whole.request.header_count; part++) {
            wire_request wire;
            wire_request_read(&wire, signed_requests[i]);
            const char **data[4] = {&wire.request.method.data, &wire.request.path.data, &wire.request.query.data,
                                    &wire.request.body.data};
            size_t *bytes[4] = {&wire.request.method.bytes, &wire.request.path.bytes, &wire.request.query.bytes,
                                &wire.request.body.bytes};
            tjob_signed_header *header = &wire.headers[part < 4 ? 0 : (part - 4) / 2];
            const bool is_name = part % 2 == 0;
            const char **at = part < 4 ? data[part] : is_name ? &header->name : &header->value;
            size_t *length = part < 4 ? bytes[part] : is_name ? &header->name_bytes : &header->value_bytes;
            const char *original = *at;
            const size_t all = *length;
            for (size_t cut = 0; cut < all; cut++) {
                char *copy = malloc(cut != 0 ? cut : 1);
                tjob_signature_result result;
                memcpy(copy, original, cut);
                *at = copy;
                *length = cut;
                (void)tjob_signature_verify(&wire.request, credentials, SIGNED_TIME * INT64_C(1000), &result);
                ck_assert(result.status != TJOB_SIGNATURE_UNAVAILABLE);
                if (part < 4) {
                    ck_assert_int_ne(result.status, TJOB_SIGNATURE_OK);
                }
                free(copy);
            }
            *at = original;
            *length = all;
            wire_request_free(&wire);
        }
        wire_request_free(&whole);
    }
}
END_TEST

RUN_TESTS("signature_altered", {it_refuses_each_altered_byte, 3}, {it_refuses_each_altered_part, 0},
          {another_secret_and_another_key_are_refused, 0}, {a_key_touches_only_what_it_may, 0},
          {it_refuses_each_text_that_is_cut_short, 0})
