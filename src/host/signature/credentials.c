#include "host/signature/credentials.h"

#include <openssl/crypto.h>
#include <string.h>

#include "host/signature/bytes.h"

/* The settings of a section, as bits. */
enum { HAS_ID = 1, HAS_SECRET = 2, HAS_GRANT = 4, HAS_ALL = 7 };

static const char *const credentials_texts[] = {
    [TJOB_CREDENTIALS_OK] = "no problem",
    [TJOB_CREDENTIALS_UNREADABLE] = "the file cannot be read",
    [TJOB_CREDENTIALS_NOT_A_FILE] = "it is not a regular file",
    [TJOB_CREDENTIALS_NOT_PRIVATE] =
        "others than its owner have access to the file (chmod 600), or it belongs to another user",
    [TJOB_CREDENTIALS_TOO_LARGE] = "the file is larger than 4 MiB",
    [TJOB_CREDENTIALS_BAD_CHARACTER] = "a control character, or one outside ASCII that is not in a comment",
    [TJOB_CREDENTIALS_LINE_TOO_LONG] = "the line is longer than 1024 bytes",
    [TJOB_CREDENTIALS_BAD_LINE] = "neither [name] nor setting = value nor a comment",
    [TJOB_CREDENTIALS_BAD_NAME] = "the name of a section has 1 to 63 letters, digits and ._@-",
    [TJOB_CREDENTIALS_NAME_TWICE] = "there is a section of this name already",
    [TJOB_CREDENTIALS_NO_SECTION] = "a setting before the first [name]",
    [TJOB_CREDENTIALS_UNKNOWN_SETTING] =
        "the settings are aws_access_key_id, aws_secret_access_key, tjob_accounts and tjob_arns",
    [TJOB_CREDENTIALS_SETTING_TWICE] = "the section has this setting already",
    [TJOB_CREDENTIALS_BAD_ID] = "an access key id has 1 to 128 letters, digits, _ and -",
    [TJOB_CREDENTIALS_ID_TWICE] = "another section has this access key id",
    [TJOB_CREDENTIALS_BAD_SECRET] = "a secret has 16 to 128 characters and no blank",
    [TJOB_CREDENTIALS_BAD_ACCOUNT] = "the account is neither 12 digits nor *",
    [TJOB_CREDENTIALS_BAD_ARN] = "not the ARN of a recognizer, or not one that ends in * after entity-recognizer/",
    [TJOB_CREDENTIALS_INCOMPLETE] =
        "the section needs aws_access_key_id, aws_secret_access_key, and tjob_accounts or tjob_arns",
    [TJOB_CREDENTIALS_EMPTY] = "there is no key",
    [TJOB_CREDENTIALS_FULL] = "more keys or grants than there is room for",
};

_Static_assert(sizeof credentials_texts / sizeof credentials_texts[0] == TJOB_CREDENTIALS_PROBLEM_COUNT,
               "a text for each problem");
_Static_assert(TJOB_KEY_NAME_BYTES_MAX == 63 && TJOB_KEY_ID_BYTES_MAX == 128 && TJOB_SECRET_BYTES_MIN == 16 &&
                   TJOB_SECRET_BYTES_MAX == 128 && TJOB_CREDENTIALS_LINE_BYTES_MAX == 1024 &&
                   TJOB_CREDENTIALS_BYTES_MAX == 4 << 20,
               "the texts state these limits");

const char *tjob_credentials_problem_text(tjob_credentials_problem problem)
{
    return (unsigned)problem < TJOB_CREDENTIALS_PROBLEM_COUNT ? credentials_texts[problem] : "?";
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

/* Whether a text has 1 to `most` bytes, each a letter, a digit or one of `others`. */
static bool is_word(tjob_text text, size_t most, const char *others)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if (!tjob__signature_is_alphanumeric(text.data[i]) && strchr(others, text.data[i]) == NULL) {
            return false;
        }
    }
    return text.bytes != 0 && text.bytes <= most;
}

/* The key that is being read: the last one. */
static tjob_access_key *last_key(const credentials_reader *reader)
{
    return &reader->credentials->keys[reader->credentials->key_count - 1];
}

static tjob_credentials_problem read_id(credentials_reader *reader, tjob_text value)
{
    tjob_access_key *key = last_key(reader);
    if (!is_word(value, TJOB_KEY_ID_BYTES_MAX, "_-")) {
        return TJOB_CREDENTIALS_BAD_ID;
    }
    for (const tjob_access_key *other = reader->credentials->keys; other != key; other++) {
        if (tjob__signature_is(value, (tjob_text){other->id, other->id_bytes})) {
            return TJOB_CREDENTIALS_ID_TWICE;
        }
    }
    memcpy(key->id, value.data, value.bytes);
    key->id_bytes = (uint32_t)value.bytes;
    return TJOB_CREDENTIALS_OK;
}

static tjob_credentials_problem read_secret(credentials_reader *reader, tjob_text value)
{
    tjob_access_key *key = last_key(reader);
    if (value.bytes < TJOB_SECRET_BYTES_MIN || value.bytes > TJOB_SECRET_BYTES_MAX ||
        memchr(value.data, ' ', value.bytes) != NULL || memchr(value.data, '\t', value.bytes) != NULL) {
        return TJOB_CREDENTIALS_BAD_SECRET;
    }
    memcpy(key->secret, value.data, value.bytes);
    key->secret_bytes = (uint32_t)value.bytes;
    return TJOB_CREDENTIALS_OK;
}

static tjob_credentials_problem add_grant(credentials_reader *reader, tjob_grant_kind kind, tjob_text text)
{
    tjob_credentials *credentials = reader->credentials;
    if (credentials->grant_count == credentials->grant_capacity) {
        return TJOB_CREDENTIALS_FULL;
    }
    tjob_grant *grant = &credentials->grants[credentials->grant_count++];
    grant->kind = (uint32_t)kind;
    grant->bytes = (uint32_t)text.bytes;
    memcpy(grant->text, text.data, text.bytes);
    last_key(reader)->grant_count++;
    return TJOB_CREDENTIALS_OK;
}

static tjob_credentials_problem add_account(credentials_reader *reader, tjob_text text)
{
    static const tjob_text all = TJOB_TEXT("*");
    if (tjob__signature_is(text, all)) {
        return add_grant(reader, TJOB_GRANT_ALL, (tjob_text){"", 0});
    }
    for (size_t i = 0; i < text.bytes; i++) {
        if (!tjob__signature_is_digit(text.data[i])) {
            return TJOB_CREDENTIALS_BAD_ACCOUNT;
        }
    }
    return text.bytes == 12 ? add_grant(reader, TJOB_GRANT_ACCOUNT, text) : TJOB_CREDENTIALS_BAD_ACCOUNT;
}

/* An ARN; or the beginning of one, at least up to the "/" before its name, and a "*". */
static tjob_credentials_problem add_arn(credentials_reader *reader, tjob_text text)
{
    char whole[TJOB_ARN_BYTES_MAX];
    const bool is_prefix = text.data[text.bytes - 1] == '*';
    if (text.bytes > sizeof whole) {
        return TJOB_CREDENTIALS_BAD_ARN;
    }
    memcpy(whole, text.data, text.bytes);
    if (is_prefix) {
        whole[text.bytes - 1] = 'x'; /* a prefix is one that some name goes on */
    }
    if (tjob_arn_validate((tjob_text){whole, text.bytes}, TJOB_ARN_CURRENT).problem != TJOB_ARN_VALID) {
        return TJOB_CREDENTIALS_BAD_ARN;
    }
    text.bytes -= is_prefix;
    return add_grant(reader, is_prefix ? TJOB_GRANT_ARN_PREFIX : TJOB_GRANT_ARN, text);
}

/* Reads a list whose elements are separated by commas or blanks. */
static tjob_credentials_problem read_list(credentials_reader *reader, tjob_text list,
                                          tjob_credentials_problem (*add)(credentials_reader *, tjob_text))
{
    tjob_credentials_problem problem = TJOB_CREDENTIALS_OK;
    size_t begin = 0;
    for (size_t i = 0; i <= list.bytes && problem == TJOB_CREDENTIALS_OK; i++) {
        if (i == list.bytes || tjob__signature_is_blank(list.data[i]) || list.data[i] == ',') {
            problem = i == begin ? TJOB_CREDENTIALS_OK : add(reader, (tjob_text){list.data + begin, i - begin});
            begin = i + 1;
        }
    }
    return problem;
}

static tjob_credentials_problem read_accounts(credentials_reader *reader, tjob_text value)
{
    return read_list(reader, value, add_account);
}

static tjob_credentials_problem read_arns(credentials_reader *reader, tjob_text value)
{
    return read_list(reader, value, add_arn);
}

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

static tjob_credentials_problem end_section(credentials_reader *reader)
{
    if (reader->credentials->key_count == 0) {
        return TJOB_CREDENTIALS_OK;
    }
    const unsigned grants = last_key(reader)->grant_count != 0 ? HAS_GRANT : 0;
    if ((reader->has | grants) != HAS_ALL) {
        reader->line = reader->section_line;
        return TJOB_CREDENTIALS_INCOMPLETE;
    }
    return TJOB_CREDENTIALS_OK;
}

static tjob_credentials_problem begin_section(credentials_reader *reader, tjob_text name)
{
    tjob_credentials *credentials = reader->credentials;
    const tjob_credentials_problem problem = end_section(reader);
    if (problem != TJOB_CREDENTIALS_OK) {
        return problem;
    }
    if (!is_word(name, TJOB_KEY_NAME_BYTES_MAX, "._@-")) {
        return TJOB_CREDENTIALS_BAD_NAME;
    }
    for (uint32_t i = 0; i < credentials->key_count; i++) {
        if (tjob__signature_is(name, tjob__signature_text(credentials->keys[i].name))) {
            return TJOB_CREDENTIALS_NAME_TWICE;
        }
    }
    if (credentials->key_count == credentials->key_capacity) {
        return TJOB_CREDENTIALS_FULL;
    }
    tjob_access_key *key = &credentials->keys[credentials->key_count++];
    *key = (tjob_access_key){.first_grant = credentials->grant_count};
    memcpy(key->name, name.data, name.bytes);
    reader->section_line = reader->line;
    reader->has = 0;
    return TJOB_CREDENTIALS_OK;
}

static tjob_credentials_problem read_setting(credentials_reader *reader, tjob_text name, tjob_text value)
{
    static const struct {
        tjob_text name;
        unsigned bit; /* 0: it may be there more than once */
        tjob_credentials_problem (*read)(credentials_reader *, tjob_text);
    } settings[] = {
        {TJOB_TEXT("aws_access_key_id"), HAS_ID, read_id},
        {TJOB_TEXT("aws_secret_access_key"), HAS_SECRET, read_secret},
        {TJOB_TEXT("tjob_accounts"), 0, read_accounts},
        {TJOB_TEXT("tjob_arns"), 0, read_arns},
    };
    if (reader->credentials->key_count == 0) {
        return TJOB_CREDENTIALS_NO_SECTION;
    }
    for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (!tjob__signature_is(name, settings[i].name)) {
            continue;
        }
        if ((reader->has & settings[i].bit) != 0) {
            return TJOB_CREDENTIALS_SETTING_TWICE;
        }
        reader->has |= settings[i].bit;
        return settings[i].read(reader, value);
    }
    return TJOB_CREDENTIALS_UNKNOWN_SETTING;
}

static bool has_bad_character(tjob_text line)
{
    const bool is_comment = line.bytes != 0 && (line.data[0] == '#' || line.data[0] == ';');
    for (size_t i = 0; i < line.bytes; i++) {
        const unsigned char c = (unsigned char)line.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f || (c > 0x7f && !is_comment)) {
            return true;
        }
    }
    return false;
}

static tjob_credentials_problem read_line(credentials_reader *reader, tjob_text line)
{
    tjob_text name;
    if (line.bytes != 0 && line.data[line.bytes - 1] == '\r') {
        line.bytes--;
    }
    if (has_bad_character(line)) {
        return TJOB_CREDENTIALS_BAD_CHARACTER;
    }
    const bool is_indented = line.bytes != 0 && tjob__signature_is_blank(line.data[0]);
    line = tjob__signature_trim(line);
    if (line.bytes == 0 || (!is_indented && (line.data[0] == '#' || line.data[0] == ';'))) {
        return TJOB_CREDENTIALS_OK;
    }
    if (is_indented) {
        return TJOB_CREDENTIALS_BAD_LINE;
    }
    if (line.data[0] == '[') {
        return line.data[line.bytes - 1] == ']'
                   ? begin_section(reader, tjob__signature_trim((tjob_text){line.data + 1, line.bytes - 2}))
                   : TJOB_CREDENTIALS_BAD_LINE;
    }
    if (!tjob__signature_split(&line, '=', &name)) {
        return TJOB_CREDENTIALS_BAD_LINE;
    }
    return read_setting(reader, tjob__signature_trim(name), tjob__signature_trim(line));
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

void tjob__credentials_begin(credentials_reader *reader, tjob_credentials *credentials)
{
    tjob_credentials_clear(credentials);
    reader->credentials = credentials;
    reader->problem = TJOB_CREDENTIALS_OK;
    reader->line = 1;
    reader->section_line = 0;
    reader->has = 0;
    reader->total_bytes = 0;
    reader->line_bytes = 0;
}

void tjob__credentials_feed(credentials_reader *reader, tjob_text bytes)
{
    for (size_t i = 0; i < bytes.bytes && reader->problem == TJOB_CREDENTIALS_OK; i++) {
        if (++reader->total_bytes > TJOB_CREDENTIALS_BYTES_MAX) {
            reader->problem = TJOB_CREDENTIALS_TOO_LARGE;
        } else if (bytes.data[i] != '\n') {
            if (reader->line_bytes == TJOB_CREDENTIALS_LINE_BYTES_MAX) {
                reader->problem = TJOB_CREDENTIALS_LINE_TOO_LONG;
            } else {
                reader->text[reader->line_bytes++] = bytes.data[i];
            }
        } else {
            reader->problem = read_line(reader, (tjob_text){reader->text, reader->line_bytes});
            reader->line += reader->problem == TJOB_CREDENTIALS_OK;
            reader->line_bytes = 0;
        }
    }
}

tjob_credentials_problem tjob__credentials_end(credentials_reader *reader, uint32_t *line)
{
    if (reader->problem == TJOB_CREDENTIALS_OK) {
        reader->problem = read_line(reader, (tjob_text){reader->text, reader->line_bytes});
    }
    if (reader->problem == TJOB_CREDENTIALS_OK) {
        reader->problem = end_section(reader);
    }
    if (reader->problem == TJOB_CREDENTIALS_OK && reader->credentials->key_count == 0) {
        reader->problem = TJOB_CREDENTIALS_EMPTY;
    }
    if (reader->problem != TJOB_CREDENTIALS_OK) {
        tjob_credentials_clear(reader->credentials);
    }
    if (line != NULL) {
        /* These are problems of the whole. */
        *line = reader->problem == TJOB_CREDENTIALS_OK || reader->problem == TJOB_CREDENTIALS_EMPTY ||
                        reader->problem == TJOB_CREDENTIALS_TOO_LARGE
                    ? 0
                    : reader->line;
    }
    OPENSSL_cleanse(reader->text, sizeof reader->text);
    return reader->problem;
}

tjob_credentials_problem tjob_credentials_read(tjob_credentials *credentials, tjob_text text, uint32_t *line)
{
    credentials_reader reader;
    tjob__credentials_begin(&reader, credentials);
    tjob__credentials_feed(&reader, text);
    return tjob__credentials_end(&reader, line);
}

void tjob_credentials_clear(tjob_credentials *credentials)
{
    OPENSSL_cleanse(credentials->keys, credentials->key_count * sizeof *credentials->keys);
    OPENSSL_cleanse(credentials->grants, credentials->grant_count * sizeof *credentials->grants);
    credentials->key_count = 0;
    credentials->grant_count = 0;
}

/* ---- Who may touch what ------------------------------------------------------------------------------------------ */

/* The account of a valid ARN: its fifth field. */
static tjob_text account_of(tjob_text arn)
{
    tjob_text field = {"", 0};
    for (int i = 0; i < 5; i++) {
        (void)tjob__signature_split(&arn, ':', &field);
    }
    return field;
}

static bool covers(const tjob_grant *grant, tjob_text arn)
{
    const tjob_text text = {grant->text, grant->bytes};
    switch (grant->kind) {
    case TJOB_GRANT_ALL:
        return true;
    case TJOB_GRANT_ACCOUNT:
        return tjob__signature_is(account_of(arn), text);
    case TJOB_GRANT_ARN:
        return tjob__signature_is(arn, text);
    default:
        return tjob__signature_begins(arn, text);
    }
}

bool tjob_credentials_allow(const tjob_credentials *credentials, uint32_t key, tjob_text arn)
{
    bool is_allowed = false;
    if (key >= credentials->key_count) {
        return false;
    }
    const tjob_access_key *entry = &credentials->keys[key];
    for (uint32_t i = 0; i < entry->grant_count && !is_allowed; i++) {
        is_allowed = covers(&credentials->grants[entry->first_grant + i], arn);
    }
    return is_allowed;
}
