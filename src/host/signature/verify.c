#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "host/signature/bytes.h"
#include "host/signature/canonical.h"
#include "host/signature/date.h"
#include "host/signature/message.h"
#include "host/signature/parts.h"
#include "tjob/signature.h"

static const char algorithm_name[] = "AWS4-HMAC-SHA256";
static const char terminator_name[] = "aws4_request";

/* The longest region and service of a scope, in bytes. */
enum { SCOPE_ELEMENT_BYTES_MAX = 64 };

/* A request on its way through the checks. */
typedef struct verification {
    const tjob_signed_request *request;
    const tjob_credentials *credentials;
    int64_t now_ms;
    int64_t date_s;
    signature_writer message;
    tjob_text key_id, day, region, service, terminator; /* the elements of the credential */
    char date[SIGNATURE_DATE_BYTES];                    /* as it is signed, whatever its format was */
    signature_parts parts;
} verification;

/* ---- Time -------------------------------------------------------------------------------------------------------- */

/* Reads for how long a presigned request is valid: never longer than the skew, because so it is in the service. */
static tjob_signature_status read_window(const signature_parts *parts, int64_t *window_s)
{
    int64_t expires_s = 0;
    *window_s = TJOB_SIGNATURE_SKEW_MS / 1000;
    if (parts->expires.data == NULL) {
        return TJOB_SIGNATURE_OK;
    }
    for (size_t i = 0; i < parts->expires.bytes; i++) {
        if (!tjob__signature_is_digit(parts->expires.data[i]) || expires_s > TJOB_SIGNATURE_EXPIRES_S_MAX) {
            return TJOB_SIGNATURE_MALFORMED;
        }
        expires_s = expires_s * 10 + (parts->expires.data[i] - '0');
    }
    if (expires_s == 0 || expires_s > TJOB_SIGNATURE_EXPIRES_S_MAX) {
        return TJOB_SIGNATURE_MALFORMED;
    }
    if (expires_s < *window_s) {
        *window_s = expires_s;
    }
    return TJOB_SIGNATURE_OK;
}

/* "Signature expired: A is now earlier than B (C - 5 min.)", or the like for one that is not yet current. */
static void write_skew(verification *v, const char *begin, const char *middle, const char *sign, int64_t window_s)
{
    const int64_t now_s = v->now_ms / 1000;
    const bool minutes = window_s % 60 == 0;
    tjob__signature_write(&v->message, begin);
    tjob__signature_write_date(&v->message, v->date_s);
    tjob__signature_write(&v->message, middle);
    tjob__signature_write_date(&v->message, sign[1] == '-' ? now_s - window_s : now_s + window_s);
    tjob__signature_write(&v->message, " (");
    tjob__signature_write_date(&v->message, now_s);
    tjob__signature_write(&v->message, sign);
    tjob__signature_write_number(&v->message, minutes ? window_s / 60 : window_s);
    tjob__signature_write(&v->message, minutes ? " min.)" : " sec.)");
}

static tjob_signature_status check_date(verification *v)
{
    int64_t window_s;
    if (!tjob__signature_date_read(v->parts.date, &v->date_s)) {
        tjob__signature_write(&v->message, "Date must be in ISO-8601 'basic format'. Got '");
        tjob__signature_write_foreign(&v->message, v->parts.date);
        tjob__signature_write(&v->message, "'. See http://en.wikipedia.org/wiki/ISO_8601");
        return TJOB_SIGNATURE_BAD_DATE;
    }
    tjob__signature_date_write(v->date_s, v->date);
    if (read_window(&v->parts, &window_s) != TJOB_SIGNATURE_OK) {
        return TJOB_SIGNATURE_MALFORMED;
    }
    if (v->now_ms - v->date_s * 1000 > window_s * 1000) {
        write_skew(v, "Signature expired: ", " is now earlier than ", " - ", window_s);
        return TJOB_SIGNATURE_EXPIRED;
    }
    if (v->date_s * 1000 - v->now_ms > TJOB_SIGNATURE_SKEW_MS) {
        write_skew(v, "Signature not yet current: ", " is still later than ", " + ", TJOB_SIGNATURE_SKEW_MS / 1000);
        return TJOB_SIGNATURE_NOT_YET_CURRENT;
    }
    return TJOB_SIGNATURE_OK;
}

/* ---- Headers ----------------------------------------------------------------------------------------------------- */

/* Whether a name is one of the signed ones; the case of the name does not count. */
static bool is_signed(const verification *v, tjob_text name)
{
    tjob_text names = v->parts.signed_headers;
    bool more = true;
    bool found = false;
    while (more && !found) {
        tjob_text one;
        more = tjob__signature_split(&names, ';', &one);
        found = tjob__signature_is_lower(name, one);
    }
    return found;
}

static tjob_signature_status unsigned_header(verification *v, const char *quoted, tjob_text name)
{
    tjob__signature_write(&v->message, "'");
    tjob__signature_write(&v->message, quoted);
    tjob__signature_write_foreign(&v->message, name);
    tjob__signature_write(&v->message, "' must be a 'SignedHeader' in the AWS Authorization.");
    return TJOB_SIGNATURE_UNSIGNED;
}

static bool is_lower_token(tjob_text name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name.bytes; i++) {
        const char c = name.data[i];
        if (c != tjob__signature_lower(c) ||
            (!tjob__signature_is_alphanumeric(c) && memchr(others, c, sizeof others - 1) == NULL)) {
            return false;
        }
    }
    return name.bytes != 0;
}

static bool is_before(tjob_text a, tjob_text b)
{
    const size_t common = a.bytes < b.bytes ? a.bytes : b.bytes;
    const int order = memcmp(a.data, b.data, common);
    return order < 0 || (order == 0 && a.bytes < b.bytes);
}

/* Each signed name is in lower case, after the one before it, and there. */
static tjob_signature_status check_signed_names(verification *v)
{
    tjob_text names = v->parts.signed_headers;
    tjob_text before = {"", 0};
    bool more = true;
    while (more) {
        tjob_text name;
        tjob_text unused;
        more = tjob__signature_split(&names, ';', &name);
        if (!is_lower_token(name) || !is_before(before, name)) {
            return TJOB_SIGNATURE_MALFORMED;
        }
        if (tjob__signature_header(v->request, name, &unused) == 0) {
            tjob__signature_write(&v->message, "'");
            tjob__signature_write_foreign(&v->message, name);
            tjob__signature_write(&v->message,
                                  "' is named as a SignedHeader, but it does not exist in the HTTP request.");
            return TJOB_SIGNATURE_ABSENT;
        }
        before = name;
    }
    return TJOB_SIGNATURE_OK;
}

static tjob_signature_status check_headers(verification *v)
{
    static const tjob_text prefix = TJOB_TEXT("x-amz-");
    if (!is_signed(v, (tjob_text)TJOB_TEXT("host"))) {
        return unsigned_header(v, "Host' or ':authority", (tjob_text){"", 0});
    }
    for (size_t i = 0; i < v->request->header_count; i++) {
        const tjob_text name = {v->request->headers[i].name, v->request->headers[i].name_bytes};
        if (tjob__signature_begins_lower(name, prefix) && !is_signed(v, name)) {
            return unsigned_header(v, "", name);
        }
    }
    return check_signed_names(v);
}

/* ---- The credential ---------------------------------------------------------------------------------------------- */

static bool split_credential(verification *v)
{
    tjob_text rest = v->parts.credential;
    return tjob__signature_split(&rest, '/', &v->key_id) && tjob__signature_split(&rest, '/', &v->day) &&
           tjob__signature_split(&rest, '/', &v->region) && tjob__signature_split(&rest, '/', &v->service) &&
           !tjob__signature_split(&rest, '/', &v->terminator);
}

static const char *service_of(const verification *v)
{
    return v->credentials->service != NULL ? v->credentials->service : "comprehend";
}

/*
 * What the region of a scope must be: lower-case letters, digits and "-", not too many, and the host's, if it has one.
 */
static bool is_region(const verification *v)
{
    for (size_t i = 0; i < v->region.bytes; i++) {
        const char c = v->region.data[i];
        if (c != '-' && (c != tjob__signature_lower(c) || !tjob__signature_is_alphanumeric(c))) {
            return false;
        }
    }
    return v->region.bytes != 0 && v->region.bytes <= SCOPE_ELEMENT_BYTES_MAX &&
           (v->credentials->region == NULL ||
            tjob__signature_is(v->region, tjob__signature_text(v->credentials->region)));
}

/* Writes all that is wrong with the scope, in the order of the service. */
static tjob_signature_status check_scope(verification *v)
{
    if (!is_region(v)) {
        tjob__signature_write(&v->message, "Credential should be scoped to a valid region, not '");
        tjob__signature_write_foreign(&v->message, v->region);
        tjob__signature_write(&v->message, "'. ");
    }
    if (v->service.bytes > SCOPE_ELEMENT_BYTES_MAX ||
        !tjob__signature_is(v->service, tjob__signature_text(service_of(v)))) {
        tjob__signature_write(&v->message, "Credential should be scoped to correct service: '");
        tjob__signature_write_foreign(&v->message, tjob__signature_text(service_of(v)));
        tjob__signature_write(&v->message, "'. ");
    }
    if (!tjob__signature_is(v->terminator, (tjob_text){terminator_name, sizeof terminator_name - 1})) {
        tjob__signature_write(&v->message, "Credential should be scoped with a valid terminator: 'aws4_request'. ");
    }
    if (!tjob__signature_is(v->day, (tjob_text){v->date, SIGNATURE_DAY_BYTES})) {
        tjob__signature_write(&v->message, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                                           "date from HTTP. ");
    }
    return v->message.bytes != 0 ? TJOB_SIGNATURE_BAD_SCOPE : TJOB_SIGNATURE_OK;
}

/*
 * Finds the key with an id. Looks at all of them, and compares each in the same time. Returns whether there is one;
 * *key is 0 if there is none.
 */
static bool find_key(const tjob_credentials *credentials, tjob_text id, uint32_t *key)
{
    char padded[TJOB_KEY_ID_BYTES_MAX] = {0};
    uint32_t found = 0;
    *key = 0;
    memcpy(padded, id.data, id.bytes <= sizeof padded ? id.bytes : 0);
    for (uint32_t i = 0; i < credentials->key_count; i++) {
        const tjob_access_key *one = &credentials->keys[i];
        const uint32_t is_it =
            (uint32_t)(CRYPTO_memcmp(one->id, padded, sizeof padded) == 0) & (one->id_bytes == id.bytes);
        *key |= i & (0u - is_it);
        found |= is_it;
    }
    return found != 0;
}

/* ---- The signature ----------------------------------------------------------------------------------------------- */

static int hmac(const unsigned char *key, size_t key_bytes, tjob_text text, unsigned char out[SIGNATURE_HASH_BYTES])
{
    return HMAC(EVP_sha256(), key, (int)key_bytes, (const unsigned char *)text.data, text.bytes, out, NULL) != NULL;
}

/* Signs a text as the client did. Returns 0 if libcrypto fails. Wipes what is secret. */
static int sign(const verification *v, const char *secret, size_t secret_bytes, tjob_text text,
                unsigned char signature[SIGNATURE_HASH_BYTES])
{
    static const char version[] = "AWS4";
    unsigned char first[sizeof version - 1 + TJOB_SECRET_BYTES_MAX];
    unsigned char key[2][SIGNATURE_HASH_BYTES];
    memcpy(first, version, sizeof version - 1);
    memcpy(first + sizeof version - 1, secret, secret_bytes);
    int ok = hmac(first, sizeof version - 1 + secret_bytes, v->day, key[0]);
    ok &= hmac(key[0], sizeof key[0], v->region, key[1]);
    ok &= hmac(key[1], sizeof key[1], v->service, key[0]);
    ok &= hmac(key[0], sizeof key[0], v->terminator, key[1]);
    ok &= hmac(key[1], sizeof key[1], text, signature);
    OPENSSL_cleanse(first, sizeof first);
    OPENSSL_cleanse(key, sizeof key);
    return ok;
}

static void append(char *out, size_t *bytes, tjob_text text)
{
    memcpy(out + *bytes, text.data, text.bytes);
    *bytes += text.bytes;
}

/* Writes the text that is signed. The scope was checked, so its size is bounded. */
static size_t string_to_sign(const verification *v, const char hash[SIGNATURE_HEX_BYTES], char *out)
{
    static const tjob_text slash = TJOB_TEXT("/");
    static const tjob_text line = TJOB_TEXT("\n");
    size_t bytes = 0;
    append(out, &bytes, (tjob_text){algorithm_name, sizeof algorithm_name - 1});
    append(out, &bytes, line);
    append(out, &bytes, (tjob_text){v->date, sizeof v->date});
    append(out, &bytes, line);
    append(out, &bytes, v->day);
    append(out, &bytes, slash);
    append(out, &bytes, v->region);
    append(out, &bytes, slash);
    append(out, &bytes, v->service);
    append(out, &bytes, slash);
    append(out, &bytes, v->terminator);
    append(out, &bytes, line);
    append(out, &bytes, (tjob_text){hash, SIGNATURE_HEX_BYTES});
    return bytes;
}

/* Whether the signature of the request is `expected`; the time does not depend on where they differ. */
static bool is_signature(tjob_text given, const unsigned char expected[SIGNATURE_HASH_BYTES])
{
    char hex[SIGNATURE_HEX_BYTES];
    char padded[SIGNATURE_HEX_BYTES] = {0};
    tjob__signature_hex(expected, hex);
    memcpy(padded, given.data, given.bytes == sizeof padded ? sizeof padded : 0);
    return CRYPTO_memcmp(padded, hex, sizeof hex) == 0;
}

/* Takes the same steps whether the key is known or not, and only then says what is wrong. */
static tjob_signature_status check_signature(verification *v, uint32_t *key)
{
    static const char nobody[TJOB_SECRET_BYTES_MAX];
    unsigned char hash[SIGNATURE_HASH_BYTES] = {0};
    char payload[SIGNATURE_HEX_BYTES];
    char canonical[SIGNATURE_HEX_BYTES];
    char text[sizeof algorithm_name + SIGNATURE_DATE_BYTES + SIGNATURE_DAY_BYTES + 2 * SCOPE_ELEMENT_BYTES_MAX +
              sizeof terminator_name + 5 + SIGNATURE_HEX_BYTES];
    const tjob_credentials *credentials = v->credentials;
    const bool is_known = find_key(credentials, v->key_id, key);
    const char *secret = is_known ? credentials->keys[*key].secret : nobody;
    const size_t secret_bytes = is_known ? credentials->keys[*key].secret_bytes : 40; /* as most secrets have */
    int ok = tjob__signature_hash(tjob__signature_readable(v->request->body), hash);
    tjob__signature_hex(hash, payload);
    ok &= tjob__signature_canonical_hash(v->request, &v->parts, payload, hash);
    tjob__signature_hex(hash, canonical);
    const tjob_text to_sign = {text, string_to_sign(v, canonical, text)};
    ok &= sign(v, secret, secret_bytes, to_sign, hash);
    const bool is_right = is_signature(v->parts.signature, hash);
    if (ok != 1) {
        return TJOB_SIGNATURE_UNAVAILABLE;
    }
    if (!is_known) {
        return TJOB_SIGNATURE_UNKNOWN_KEY;
    }
    if (v->parts.payload.data != NULL && !tjob__signature_is(v->parts.payload, (tjob_text){payload, sizeof payload})) {
        return TJOB_SIGNATURE_BAD_PAYLOAD;
    }
    if (!is_right) {
        return TJOB_SIGNATURE_MISMATCH;
    }
    return v->parts.token.data != NULL ? TJOB_SIGNATURE_BAD_TOKEN : TJOB_SIGNATURE_OK;
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

static void write_missing(verification *v)
{
    static const struct {
        unsigned bit;
        const char *in_header;
        const char *in_query;
    } rows[] = {
        {SIGNATURE_NO_CREDENTIAL, "Authorization header requires 'Credential' parameter. ", "X-Amz-Credential"},
        {SIGNATURE_NO_SIGNATURE, "Authorization header requires 'Signature' parameter. ", "X-Amz-Signature"},
        {SIGNATURE_NO_SIGNED_HEADERS, "Authorization header requires 'SignedHeaders' parameter. ",
         "X-Amz-SignedHeaders"},
        {SIGNATURE_NO_DATE, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
         "X-Amz-Date"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((v->parts.missing & rows[i].bit) == 0) {
            continue;
        }
        if (!v->parts.is_query) {
            tjob__signature_write(&v->message, rows[i].in_header);
            continue;
        }
        tjob__signature_write(&v->message, "AWS query-string parameters must include '");
        tjob__signature_write(&v->message, rows[i].in_query);
        tjob__signature_write(&v->message, "'. ");
    }
}

static tjob_signature_status verify(verification *v, uint32_t *key)
{
    tjob_signature_status status = tjob__signature_parts_read(&v->parts, v->request);
    if (status == TJOB_SIGNATURE_INCOMPLETE) {
        write_missing(v);
    }
    if (status == TJOB_SIGNATURE_OK) {
        status = check_date(v);
    }
    if (status == TJOB_SIGNATURE_OK) {
        status = check_headers(v);
    }
    if (status != TJOB_SIGNATURE_OK) {
        return status;
    }
    if (!tjob__signature_is(v->parts.algorithm, (tjob_text){algorithm_name, sizeof algorithm_name - 1})) {
        return TJOB_SIGNATURE_BAD_ALGORITHM;
    }
    if (!split_credential(v)) {
        return TJOB_SIGNATURE_BAD_CREDENTIAL;
    }
    status = check_scope(v);
    return status == TJOB_SIGNATURE_OK ? check_signature(v, key) : status;
}

tjob_signature_status tjob_signature_verify(const tjob_signed_request *request, const tjob_credentials *credentials,
                                            int64_t now_ms, tjob_signature_result *result)
{
    verification v;
    tjob_signed_request readable = *request;
    uint32_t key = 0;
    readable.method = tjob__signature_readable(request->method);
    readable.path = tjob__signature_readable(request->path);
    readable.query = tjob__signature_readable(request->query);
    v.request = &readable;
    v.credentials = credentials;
    /* A clock beyond what a date can express is as wrong as one at its end. */
    v.now_ms = now_ms < 0 ? 0 : now_ms > SIGNATURE_DATE_MAX * 1000 ? SIGNATURE_DATE_MAX * 1000 : now_ms;
    v.message = (signature_writer){result->message, 0, sizeof result->message};
    result->message[0] = '\0';
    result->status = verify(&v, &key);
    result->key = result->status == TJOB_SIGNATURE_OK ? key : 0;
    result->credentials = credentials;
    if (v.message.bytes == 0) {
        tjob__signature_write(&v.message, tjob_signature_error(result->status).text);
    }
    return result->status;
}

static tjob_authorization authorize_key(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    const tjob_signature_result *result = user;
    (void)context;
    (void)event;
    const bool is_allowed = result != NULL && result->status == TJOB_SIGNATURE_OK &&
                            tjob_credentials_allow(result->credentials, result->key, arn);
    return is_allowed ? TJOB_AUTHORIZATION_ALLOWED : TJOB_AUTHORIZATION_DENIED;
}

tjob_authorizer tjob_signature_authorizer(void)
{
    return (tjob_authorizer){NULL, authorize_key};
}
