#include "host/signature/parts.h"

#include <string.h>

#include "host/signature/bytes.h"

/* ---- Headers ----------------------------------------------------------------------------------------------------- */

size_t tjob__signature_header(const tjob_signed_request *request, tjob_text name, tjob_text *value)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_signed_header *header = &request->headers[i];
        if (tjob__signature_is_lower((tjob_text){header->name, header->name_bytes}, name) && count++ == 0) {
            *value = tjob__signature_trim(tjob__signature_readable((tjob_text){header->value, header->value_bytes}));
        }
    }
    return count;
}

/* ---- The Authorization header ------------------------------------------------------------------------------------ */

/* Sets one part. Returns false if it is set already. An empty part stays missing, as in the service. */
static bool set_part(tjob_text *part, tjob_text value)
{
    if (part->data != NULL) {
        return false;
    }
    *part = value;
    return true;
}

/* Reads "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", the three in any order. */
static tjob_signature_status read_authorization(signature_parts *parts, tjob_text rest)
{
    const struct {
        tjob_text name;
        tjob_text *part;
    } fields[] = {
        {TJOB_TEXT("Credential"), &parts->credential},
        {TJOB_TEXT("Signature"), &parts->signature},
        {TJOB_TEXT("SignedHeaders"), &parts->signed_headers},
    };
    enum { FIELDS = sizeof fields / sizeof fields[0] };
    (void)tjob__signature_split(&rest, ' ', &parts->algorithm);
    bool more = rest.bytes != 0;
    while (more) {
        tjob_text value;
        tjob_text name;
        unsigned i = 0;
        more = tjob__signature_split(&rest, ',', &value);
        value = tjob__signature_trim(value);
        if (!tjob__signature_split(&value, '=', &name)) {
            return TJOB_SIGNATURE_MALFORMED;
        }
        while (i < FIELDS && !tjob__signature_is(name, fields[i].name)) {
            i++;
        }
        if (i == FIELDS || !set_part(fields[i].part, value)) {
            return TJOB_SIGNATURE_MALFORMED;
        }
    }
    return TJOB_SIGNATURE_OK;
}

/* ---- The query --------------------------------------------------------------------------------------------------- */

unsigned tjob__signature_hex_value(char digit)
{
    const char lower = tjob__signature_lower(digit);
    if (tjob__signature_is_digit(digit)) {
        return (unsigned)(digit - '0');
    }
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a' + 10) : 16;
}

static bool is_well_encoded(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.data[i] == '%' && (text.bytes - i < 3 || tjob__signature_hex_value(text.data[i + 1]) == 16 ||
                                    tjob__signature_hex_value(text.data[i + 2]) == 16)) {
            return false;
        }
    }
    return true;
}

/* Splits the query into parameters. A name without "=" has an empty value. */
static tjob_signature_status split_query(signature_parts *parts, tjob_text query)
{
    bool more = query.bytes != 0;
    while (more) {
        signature_parameter parameter;
        if (parts->parameter_count == TJOB_SIGNATURE_PARAMETERS_MAX) {
            return TJOB_SIGNATURE_TOO_MANY;
        }
        more = tjob__signature_split(&query, '&', &parameter.value);
        (void)tjob__signature_split(&parameter.value, '=', &parameter.name);
        if (!is_well_encoded(parameter.name) || !is_well_encoded(parameter.value)) {
            return TJOB_SIGNATURE_MALFORMED;
        }
        parts->parameters[parts->parameter_count++] = parameter;
    }
    return TJOB_SIGNATURE_OK;
}

/* Decodes a value into the memory of the parts. Returns false if it does not fit. */
static bool decode_value(signature_parts *parts, tjob_text encoded, tjob_text *decoded)
{
    *decoded = (tjob_text){parts->decoded + parts->decoded_bytes, 0};
    for (size_t i = 0; i < encoded.bytes; i++) {
        char c = encoded.data[i];
        if (parts->decoded_bytes == SIGNATURE_DECODED_BYTES_MAX) {
            return false;
        }
        if (c == '%') {
            c = (char)(tjob__signature_hex_value(encoded.data[i + 1]) << 4 |
                       tjob__signature_hex_value(encoded.data[i + 2]));
            i += 2;
        }
        parts->decoded[parts->decoded_bytes++] = c;
        decoded->bytes++;
    }
    return true;
}

static bool has_algorithm(const signature_parts *parts)
{
    static const tjob_text name = TJOB_TEXT("X-Amz-Algorithm");
    for (uint32_t i = 0; i < parts->parameter_count; i++) {
        if (tjob__signature_is(parts->parameters[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Reads the parts from the parameters, and takes the signature out of them. */
static tjob_signature_status read_query(signature_parts *parts)
{
    const struct {
        tjob_text name;
        tjob_text *part;
    } fields[] = {
        {TJOB_TEXT("X-Amz-Signature"), &parts->signature}, /* the first: it is not signed */
        {TJOB_TEXT("X-Amz-Algorithm"), &parts->algorithm},
        {TJOB_TEXT("X-Amz-Credential"), &parts->credential},
        {TJOB_TEXT("X-Amz-Date"), &parts->date},
        {TJOB_TEXT("X-Amz-SignedHeaders"), &parts->signed_headers},
        {TJOB_TEXT("X-Amz-Expires"), &parts->expires},
        {TJOB_TEXT("X-Amz-Content-Sha256"), &parts->payload},
        {TJOB_TEXT("X-Amz-Security-Token"), &parts->token},
    };
    enum { FIELDS = sizeof fields / sizeof fields[0] };
    uint32_t kept = 0;
    for (uint32_t i = 0; i < parts->parameter_count; i++) {
        const signature_parameter *parameter = &parts->parameters[i];
        unsigned field = 0;
        tjob_text value;
        while (field < FIELDS && !tjob__signature_is(parameter->name, fields[field].name)) {
            field++;
        }
        if (field < FIELDS &&
            (!decode_value(parts, parameter->value, &value) || !set_part(fields[field].part, value))) {
            return TJOB_SIGNATURE_MALFORMED;
        }
        if (field != 0) {
            parts->parameters[kept++] = *parameter;
        }
    }
    parts->parameter_count = kept;
    return TJOB_SIGNATURE_OK;
}

/* ---- Both -------------------------------------------------------------------------------------------------------- */

/* Of these headers there may be one: what they say must not depend on which of two is read. */
static const tjob_text single_headers[] = {
    TJOB_TEXT("authorization"),
    TJOB_TEXT("host"),
    TJOB_TEXT("content-type"),
    TJOB_TEXT("content-length"),
    TJOB_TEXT("date"),
    TJOB_TEXT("x-amz-date"),
    TJOB_TEXT("x-amz-content-sha256"),
    TJOB_TEXT("x-amz-security-token"),
    TJOB_TEXT("x-amz-target"),
};

static bool has_controls(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            return true;
        }
    }
    return false;
}

/* Whether a text is a method: capital letters, and not many. */
static bool is_method(tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.data[i] < 'A' || text.data[i] > 'Z') {
            return false;
        }
    }
    return text.bytes != 0 && text.bytes <= 32;
}

static tjob_signature_status check_head(const tjob_signed_request *request)
{
    if (request->header_count > TJOB_SIGNATURE_HEADERS_MAX || request->path.bytes > TJOB_SIGNATURE_PATH_BYTES_MAX) {
        return TJOB_SIGNATURE_TOO_MANY;
    }
    if (!is_method(request->method) || request->path.bytes == 0 || request->path.data[0] != '/') {
        return TJOB_SIGNATURE_MALFORMED;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (has_controls((tjob_text){request->headers[i].value, request->headers[i].value_bytes})) {
            return TJOB_SIGNATURE_MALFORMED;
        }
    }
    for (unsigned i = 0; i < sizeof single_headers / sizeof single_headers[0]; i++) {
        tjob_text unused;
        if (tjob__signature_header(request, single_headers[i], &unused) > 1) {
            return TJOB_SIGNATURE_REPEATED;
        }
    }
    return TJOB_SIGNATURE_OK;
}

static tjob_signature_status find_missing(signature_parts *parts)
{
    parts->missing = (parts->credential.bytes == 0 ? SIGNATURE_NO_CREDENTIAL : 0u) |
                     (parts->signature.bytes == 0 ? SIGNATURE_NO_SIGNATURE : 0u) |
                     (parts->signed_headers.bytes == 0 ? SIGNATURE_NO_SIGNED_HEADERS : 0u) |
                     (parts->date.data == NULL ? SIGNATURE_NO_DATE : 0u);
    return parts->missing != 0 ? TJOB_SIGNATURE_INCOMPLETE : TJOB_SIGNATURE_OK;
}

tjob_signature_status tjob__signature_parts_read(signature_parts *parts, const tjob_signed_request *request)
{
    static const tjob_text any_version = TJOB_TEXT("AWS4-");
    tjob_text authorization = {"", 0};
    tjob_signature_status status = check_head(request);
    parts->parameter_count = 0;
    parts->decoded_bytes = 0;
    parts->algorithm = parts->credential = parts->signature = parts->signed_headers = (tjob_text){NULL, 0};
    parts->date = parts->payload = parts->token = parts->expires = (tjob_text){NULL, 0};
    if (status == TJOB_SIGNATURE_OK) {
        status = split_query(parts, request->query);
    }
    if (status != TJOB_SIGNATURE_OK) {
        return status;
    }
    const size_t authorizations =
        tjob__signature_header(request, (tjob_text)TJOB_TEXT("authorization"), &authorization);
    parts->is_query = has_algorithm(parts);
    if (parts->is_query && authorizations != 0) {
        return TJOB_SIGNATURE_BOTH_FORMS;
    }
    if (!parts->is_query && !tjob__signature_begins(authorization, any_version)) {
        return TJOB_SIGNATURE_MISSING;
    }
    status = parts->is_query ? read_query(parts) : read_authorization(parts, authorization);
    if (status != TJOB_SIGNATURE_OK) {
        return status;
    }
    if (!parts->is_query && tjob__signature_header(request, (tjob_text)TJOB_TEXT("x-amz-date"), &parts->date) == 0) {
        (void)tjob__signature_header(request, (tjob_text)TJOB_TEXT("date"), &parts->date);
    }
    /* In a presigned request the headers count as well: they are signed, or the request is refused. */
    (void)tjob__signature_header(request, (tjob_text)TJOB_TEXT("x-amz-content-sha256"), &parts->payload);
    (void)tjob__signature_header(request, (tjob_text)TJOB_TEXT("x-amz-security-token"), &parts->token);
    return find_missing(parts);
}
