#include "unit/host/signature/wire_request.h"

#include <stdio.h>

#include "unit/exact.h"

static tjob_text text_between(const char *begin, const char *end)
{
    return exact_copy(begin, (size_t)(end - begin));
}

static const char *find(const char *text, const char *wanted)
{
    const char *at = strstr(text, wanted);
    if (at == NULL) {
        fprintf(stderr, "no \"%s\" in \"%s\"\n", wanted, text);
        abort();
    }
    return at;
}

void wire_request_read(wire_request *wire, const char *text)
{
    const char *space = find(text, " ");
    const char *version = find(text, " HTTP/1.1\n");
    const char *question = memchr(space, '?', (size_t)(version - space));
    const char *line = strchr(version, '\n') + 1;
    size_t count = 0;
    wire->request.method = text_between(text, space);
    wire->request.path = text_between(space + 1, question != NULL ? question : version);
    wire->request.query = question != NULL ? text_between(question + 1, version) : text_between(version, version);
    while (*line != '\n') {
        const char *colon = find(line, ":");
        const char *end = find(line, "\n");
        const tjob_text name = text_between(line, colon);
        const tjob_text value = text_between(colon + 1, end);
        if (count == WIRE_HEADERS_MAX) {
            abort();
        }
        wire->headers[count++] = (tjob_signed_header){name.data, name.bytes, value.data, value.bytes};
        line = end + 1;
    }
    wire->request.headers = wire->headers;
    wire->request.header_count = count;
    wire->request.body = text_between(line + 1, line + strlen(line));
}

void wire_request_free(wire_request *wire)
{
    exact_free(wire->request.method);
    exact_free(wire->request.path);
    exact_free(wire->request.query);
    exact_free(wire->request.body);
    for (size_t i = 0; i < wire->request.header_count; i++) {
        exact_free((tjob_text){wire->headers[i].name, 0});
        exact_free((tjob_text){wire->headers[i].value, 0});
    }
}

tjob_signature_result wire_request_verify(const char *text, const tjob_credentials *credentials, int64_t now_s)
{
    wire_request wire;
    tjob_signature_result result;
    wire_request_read(&wire, text);
    (void)tjob_signature_verify(&wire.request, credentials, now_s * 1000, &result);
    wire_request_free(&wire);
    return result;
}

tjob_credentials *example_credentials(const char *service, const char *region)
{
    static const tjob_text file = TJOB_TEXT("[example]\n"
                                            "aws_access_key_id = AKIDEXAMPLE\n"
                                            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
                                            "tjob_accounts = *\n");
    static tjob_access_key keys[1];
    static tjob_grant grants[1];
    static tjob_credentials credentials;
    credentials = (tjob_credentials){.keys = keys, .grants = grants, .key_capacity = 1, .grant_capacity = 1};
    credentials.service = service;
    credentials.region = region;
    if (tjob_credentials_read(&credentials, file, NULL) != TJOB_CREDENTIALS_OK) {
        abort();
    }
    return &credentials;
}

char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = find(text, from);
    const size_t before = (size_t)(at - text);
    char *result = malloc(strlen(text) + strlen(to) + 1);
    if (result == NULL) {
        abort();
    }
    memcpy(result, text, before);
    strcpy(result + before, to);
    strcat(result, at + strlen(from));
    return result;
}
