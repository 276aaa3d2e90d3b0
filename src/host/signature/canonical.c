#include "host/signature/canonical.h"

#include <openssl/evp.h>
#include <string.h>

#include "host/signature/bytes.h"

static const char lower_digits[] = "0123456789abcdef";
static const char upper_digits[] = "0123456789ABCDEF";

void tjob__signature_hex(const unsigned char hash[SIGNATURE_HASH_BYTES], char hex[SIGNATURE_HEX_BYTES])
{
    for (int i = 0; i < SIGNATURE_HASH_BYTES; i++) {
        hex[2 * i] = lower_digits[hash[i] >> 4];
        hex[2 * i + 1] = lower_digits[hash[i] & 15];
    }
}

bool tjob__signature_hash(tjob_text text, unsigned char hash[SIGNATURE_HASH_BYTES])
{
    return EVP_Digest(text.data, text.bytes, hash, NULL, EVP_sha256(), NULL) == 1;
}

/* ---- Bytes on their way into the hash ---------------------------------------------------------------------------- */

typedef struct canonical_sink {
    EVP_MD_CTX *context;
    int ok;
    unsigned used;
    char buffer[256];
} canonical_sink;

static void sink_flush(canonical_sink *sink)
{
    sink->ok &= EVP_DigestUpdate(sink->context, sink->buffer, sink->used);
    sink->used = 0;
}

static void sink_byte(canonical_sink *sink, char byte)
{
    sink->buffer[sink->used++] = byte;
    if (sink->used == sizeof sink->buffer) {
        sink_flush(sink);
    }
}

static void sink_text(canonical_sink *sink, tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        sink_byte(sink, text.data[i]);
    }
}

/* ---- The path ---------------------------------------------------------------------------------------------------- */

static bool is_unreserved(char c)
{
    return tjob__signature_is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void sink_encoded(canonical_sink *sink, char c)
{
    if (is_unreserved(c)) {
        sink_byte(sink, c);
        return;
    }
    sink_byte(sink, '%');
    sink_byte(sink, upper_digits[(unsigned char)c >> 4]);
    sink_byte(sink, upper_digits[c & 15]);
}

/*
 * Copies a path without the segments ".", ".." (and the one before it) and "" (RFC 3986 section 5.2.4, but runs of
 * "/" are one, as in the published suite). Returns its length, at least 1 and at most one more than that of the path.
 */
static size_t normalize_path(tjob_text path, char out[TJOB_SIGNATURE_PATH_BYTES_MAX + 1])
{
    static const tjob_text here = TJOB_TEXT(".");
    static const tjob_text above = TJOB_TEXT("..");
    size_t bytes = 0;
    bool is_folder = true;
    bool more = true;
    while (more) {
        tjob_text segment;
        more = tjob__signature_split(&path, '/', &segment);
        const bool goes_up = tjob__signature_is(segment, above);
        is_folder = goes_up || segment.bytes == 0 || tjob__signature_is(segment, here);
        if (!is_folder) {
            out[bytes++] = '/';
            memcpy(out + bytes, segment.data, segment.bytes);
            bytes += segment.bytes;
        }
        if (goes_up && bytes != 0) {
            do {
                bytes--;
            } while (out[bytes] != '/');
        }
    }
    if (is_folder) {
        out[bytes++] = '/';
    }
    return bytes;
}

/* The path is encoded once more, whether it was encoded or not: so every service but S3 does it. */
static void sink_path(canonical_sink *sink, tjob_text path)
{
    char normal[TJOB_SIGNATURE_PATH_BYTES_MAX + 1];
    const size_t bytes = normalize_path(path, normal);
    for (size_t i = 0; i < bytes; i++) {
        if (normal[i] == '/') {
            sink_byte(sink, '/');
        } else {
            sink_encoded(sink, normal[i]);
        }
    }
}

/* ---- The query --------------------------------------------------------------------------------------------------- */

/* Takes the next byte of a well-encoded text, decoded. */
static char next_decoded(tjob_text *text)
{
    char c = text->data[0];
    const size_t taken = c == '%' ? 3 : 1;
    if (c == '%') {
        c = (char)(tjob__signature_hex_value(text->data[1]) << 4 | tjob__signature_hex_value(text->data[2]));
    }
    text->data += taken;
    text->bytes -= taken;
    return c;
}

/* The order of a byte among encoded ones: every reserved byte begins with "%", which is below all unreserved ones. */
static int encoded_order(char c)
{
    return is_unreserved(c) ? 256 + c : (unsigned char)c;
}

/* Compares two texts as they will be encoded. */
static int compare_encoded(tjob_text a, tjob_text b)
{
    while (a.bytes != 0 && b.bytes != 0) {
        const int difference = encoded_order(next_decoded(&a)) - encoded_order(next_decoded(&b));
        if (difference != 0) {
            return difference;
        }
    }
    return (a.bytes != 0) - (b.bytes != 0);
}

static int compare_parameters(const signature_parameter *a, const signature_parameter *b)
{
    const int by_name = compare_encoded(a->name, b->name);
    return by_name != 0 ? by_name : compare_encoded(a->value, b->value);
}

/* An insertion sort: there are few. */
static void sort_parameters(signature_parts *parts)
{
    for (uint32_t i = 1; i < parts->parameter_count; i++) {
        const signature_parameter moved = parts->parameters[i];
        uint32_t at = i;
        while (at != 0 && compare_parameters(&parts->parameters[at - 1], &moved) > 0) {
            parts->parameters[at] = parts->parameters[at - 1];
            at--;
        }
        parts->parameters[at] = moved;
    }
}

static void sink_recoded(canonical_sink *sink, tjob_text text)
{
    while (text.bytes != 0) {
        sink_encoded(sink, next_decoded(&text));
    }
}

static void sink_query(canonical_sink *sink, const signature_parts *parts)
{
    for (uint32_t i = 0; i < parts->parameter_count; i++) {
        if (i != 0) {
            sink_byte(sink, '&');
        }
        sink_recoded(sink, parts->parameters[i].name);
        sink_byte(sink, '=');
        sink_recoded(sink, parts->parameters[i].value);
    }
}

/* ---- The headers ------------------------------------------------------------------------------------------------- */

/* A value without the blanks at its ends, and with one space for each run of them in between. */
static void sink_value(canonical_sink *sink, tjob_text value)
{
    value = tjob__signature_trim(value);
    for (size_t i = 0; i < value.bytes; i++) {
        if (!tjob__signature_is_blank(value.data[i])) {
            sink_byte(sink, value.data[i]);
        } else if (!tjob__signature_is_blank(value.data[i - 1])) {
            sink_byte(sink, ' ');
        }
    }
}

/* Headers of the same name are joined with commas, in their order. */
static void sink_header(canonical_sink *sink, const tjob_signed_request *request, tjob_text name)
{
    char separator = ':';
    sink_text(sink, name);
    for (size_t i = 0; i < request->header_count; i++) {
        const tjob_signed_header *header = &request->headers[i];
        if (tjob__signature_is_lower((tjob_text){header->name, header->name_bytes}, name)) {
            sink_byte(sink, separator);
            sink_value(sink, (tjob_text){header->value, header->value_bytes});
            separator = ',';
        }
    }
    sink_byte(sink, '\n');
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void sink_request(canonical_sink *sink, const tjob_signed_request *request, const signature_parts *parts,
                         tjob_text payload)
{
    tjob_text names = parts->signed_headers;
    bool more = true;
    sink_text(sink, request->method);
    sink_byte(sink, '\n');
    sink_path(sink, request->path);
    sink_byte(sink, '\n');
    sink_query(sink, parts);
    sink_byte(sink, '\n');
    while (more) {
        tjob_text name;
        more = tjob__signature_split(&names, ';', &name);
        sink_header(sink, request, name);
    }
    sink_byte(sink, '\n');
    sink_text(sink, parts->signed_headers);
    sink_byte(sink, '\n');
    sink_text(sink, payload);
    sink_flush(sink);
}

bool tjob__signature_canonical_hash(const tjob_signed_request *request, signature_parts *parts,
                                    const char payload[SIGNATURE_HEX_BYTES], unsigned char hash[SIGNATURE_HASH_BYTES])
{
    canonical_sink sink = {.context = EVP_MD_CTX_new()};
    sink.ok = sink.context != NULL && EVP_DigestInit_ex(sink.context, EVP_sha256(), NULL) == 1;
    if (sink.ok != 0) {
        sort_parameters(parts);
        sink_request(&sink, request, parts, (tjob_text){payload, SIGNATURE_HEX_BYTES});
        sink.ok &= EVP_DigestFinal_ex(sink.context, hash, NULL);
    }
    EVP_MD_CTX_free(sink.context);
    return sink.ok == 1;
}
