/*
 * A request that may be signed: a line with its method and its target, lines of headers, an empty line and the body.
 * Its answer is printable; a header that is not signed changes nothing; a request that is altered is not accepted.
 */
#include <string.h>

#include "target.h"
#include "tjob/signature.h"
#include "unit/exact.h"

enum { HEADERS = TJOB_SIGNATURE_HEADERS_MAX + 4 };

static const char file[] = "[a]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = "
                           "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\ntjob_accounts = *\n";

static tjob_text take(tjob_text *rest, char separator)
{
    const char *at = rest->bytes != 0 ? memchr(rest->data, separator, rest->bytes) : NULL;
    const size_t bytes = at != NULL ? (size_t)(at - rest->data) : rest->bytes;
    const tjob_text first = exact_copy(rest->data, bytes);
    rest->data += bytes + (at != NULL);
    rest->bytes -= bytes + (at != NULL);
    return first;
}

static void check_answer(const tjob_signature_result *result)
{
    char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
    tjob_http_response response;
    FUZZ_EXPECT((unsigned)result->status < TJOB_SIGNATURE_STATUS_COUNT);
    FUZZ_EXPECT(result->status != TJOB_SIGNATURE_UNAVAILABLE);
    FUZZ_EXPECT((result->message[0] == '\0') == (result->status == TJOB_SIGNATURE_OK));
    for (const char *at = result->message; *at != '\0'; at++) {
        FUZZ_EXPECT(*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\');
    }
    FUZZ_EXPECT(tjob_signature_respond(result, &response, body, sizeof body) == TJOB_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static tjob_access_key key;
    static tjob_grant grant;
    tjob_credentials credentials = {.keys = &key, .grants = &grant, .key_capacity = 1, .grant_capacity = 1};
    tjob_signed_header headers[HEADERS + 1];
    tjob_signed_request request = {.headers = headers};
    tjob_signature_result result;
    tjob_signature_result other;
    const int64_t now_ms = INT64_C(1795873812000);
    tjob_text rest = {(const char *)data, size};
    (void)tjob_credentials_read(&credentials, (tjob_text){file, sizeof file - 1}, NULL);
    request.method = take(&rest, ' ');
    tjob_text target = take(&rest, '\n');
    tjob_text left = target;
    request.path = take(&left, '?');
    request.query = take(&left, '\n');
    while (rest.bytes != 0 && rest.data[0] != '\n' && request.header_count < HEADERS) {
        const tjob_text name = take(&rest, ':');
        const tjob_text value = take(&rest, '\n');
        headers[request.header_count++] = (tjob_signed_header){name.data, name.bytes, value.data, value.bytes};
    }
    request.body = exact_copy(rest.data + (rest.bytes != 0), rest.bytes - (rest.bytes != 0));
    (void)tjob_signature_verify(&request, &credentials, now_ms, &result);
    check_answer(&result);
    if (result.status == TJOB_SIGNATURE_OK) {
        /* What a proxy adds does not count; what it alters in the body does. */
        headers[request.header_count++] = (tjob_signed_header){"via", 3, "1.1 proxy", 9};
        FUZZ_EXPECT(tjob_signature_verify(&request, &credentials, now_ms, &other) == TJOB_SIGNATURE_OK ||
                    request.header_count > TJOB_SIGNATURE_HEADERS_MAX);
        request.header_count--;
        const tjob_text body = request.body;
        request.body = exact_copy("x", 1);
        FUZZ_EXPECT(tjob_signature_verify(&request, &credentials, now_ms, &other) != TJOB_SIGNATURE_OK ||
                    (body.bytes == 1 && body.data[0] == 'x'));
        exact_free(request.body);
        request.body = body;
    }
    for (size_t i = 0; i < request.header_count; i++) {
        exact_free((tjob_text){headers[i].name, 0});
        exact_free((tjob_text){headers[i].value, 0});
    }
    exact_free(request.method);
    exact_free(request.path);
    exact_free(request.query);
    exact_free(request.body);
    exact_free(target);
    return 0;
}
