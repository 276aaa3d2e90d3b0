#include "host/etcd/answer.h"

#include <stdint.h>
#include <string.h>

/* ---- Values ---------------------------------------------------------------------------------------------------- */

/* Returns the text of a value that is an object or an array, brackets included; of others, without quotes. */
static tjob_text answer_text_of(const json_value *value)
{
    return (tjob_text){(const char *)value->begin, (size_t)(value->end - value->begin)};
}

static bool answer_is_name(const json_value *name, const char *wanted)
{
    const tjob_text text = answer_text_of(name);
    return !name->escaped && text.bytes == strlen(wanted) && memcmp(text.data, wanted, text.bytes) == 0;
}

/* Reads a number without a sign or a fraction, which 64-bit members have as a string. False: it is not one. */
static bool answer_read_number(const json_value *value, uint64_t *number)
{
    const tjob_text text = answer_text_of(value);
    *number = 0;
    if ((value->kind != JSON_STRING && value->kind != JSON_NUMBER) || text.bytes == 0) {
        return false;
    }
    for (size_t i = 0; i < text.bytes; i++) {
        const unsigned digit = (unsigned char)text.data[i] - (unsigned)'0';
        if (digit > 9 || *number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return true;
}

/* Returns the member of an object, or a value of kind JSON_NULL without a place. The object must be valid; other values
 * have no members, nor do strings in braces, whose quotes are escaped. */
static json_value answer_member(const json_value *object, const char *wanted)
{
    json_reader reader;
    json_value name;
    json_value value;
    if (tjob__json_open(&reader, answer_text_of(object)) == JSON_OK) {
        while (tjob__json_next_member(&reader, &name, &value) == JSON_OK) {
            if (answer_is_name(&name, wanted)) {
                return value;
            }
        }
    }
    return (json_value){.kind = JSON_NULL};
}

/* Reads the object that begins at `*at`, inside a valid array that ends at `end`, and moves `*at` behind it and a
 * comma. False: there is none. */
static bool answer_next_element(const unsigned char **at, const unsigned char *end, json_value *element)
{
    json_reader reader;
    json_value name;
    json_value value;
    if (tjob__json_open(&reader, (tjob_text){(const char *)*at, (size_t)(end - *at)}) != JSON_OK) {
        return false;
    }
    json_status status = JSON_OK;
    while (status == JSON_OK) {
        status = tjob__json_next_member(&reader, &name, &value);
    }
    if (status != JSON_TRAILING) { /* LCOV_EXCL_BR_LINE: in a valid array a comma or the closing bracket follows */
        return false;              /* LCOV_EXCL_LINE */
    }
    *element = (json_value){.begin = *at, .end = reader.at, .kind = JSON_OBJECT}; /* and space behind it */
    *at = reader.at + 1;
    return true;
}

/* ---- The answer ------------------------------------------------------------------------------------------------ */

static void answer_take(etcd_answer *answer, const json_value *name, const json_value *value)
{
    uint64_t code;
    if (answer_is_name(name, "header")) {
        const json_value cluster_id = answer_member(value, "cluster_id");
        const json_value revision = answer_member(value, "revision");
        answer->has_header =
            answer_read_number(&cluster_id, &answer->cluster_id) && answer_read_number(&revision, &answer->revision);
    } else if (answer_is_name(name, "succeeded")) {
        answer->succeeded = value->kind == JSON_BOOLEAN && *value->begin == 't';
    } else if (answer_is_name(name, "responses") && value->kind == JSON_ARRAY) {
        answer->responses = *value;
    } else if (answer_is_name(name, "kvs")) {
        answer->kvs = *value;
    } else if (answer_is_name(name, "message") && value->kind == JSON_STRING) {
        answer->message = *value;
    } else if (answer_is_name(name, "code") && answer_read_number(value, &code) && code <= UINT32_MAX) {
        answer->has_code = true;
        answer->code = (uint32_t)code;
    }
}

etcd_answer tjob__etcd_answer_read(tjob_text text)
{
    etcd_answer answer = {.is_json = false};
    json_reader reader;
    json_value name;
    json_value value;
    json_status status = tjob__json_open(&reader, text);
    while (status == JSON_OK) {
        status = tjob__json_next_member(&reader, &name, &value);
        if (status == JSON_OK) {
            answer_take(&answer, &name, &value);
        }
    }
    if (status != JSON_END) {
        return (etcd_answer){.is_json = false};
    }
    answer.is_json = true;
    return answer;
}

/* ---- Ranges ---------------------------------------------------------------------------------------------------- */

static etcd_range answer_range_of(const json_value *kvs)
{
    etcd_range range = {.is_valid = kvs->kind == JSON_ARRAY || kvs->begin == NULL};
    if (kvs->kind == JSON_ARRAY) {
        range.at = kvs->begin + 1;
        range.end = kvs->end;
    }
    return range;
}

etcd_range tjob__etcd_answer_keys(const etcd_answer *answer)
{
    return answer_range_of(&answer->kvs);
}

etcd_range tjob__etcd_answer_range(const etcd_answer *answer, unsigned index)
{
    etcd_range range = {.is_valid = false};
    json_value element = {.kind = JSON_NULL};
    if (answer->responses.begin == NULL) {
        return range;
    }
    const unsigned char *at = answer->responses.begin + 1;
    for (unsigned i = 0; i <= index; i++) {
        if (!answer_next_element(&at, answer->responses.end, &element)) {
            return range;
        }
    }
    const json_value response = answer_member(&element, "response_range");
    const json_value kvs = answer_member(&response, "kvs");
    const json_value more = answer_member(&response, "more");
    range = answer_range_of(&kvs);
    range.is_valid = range.is_valid && response.kind == JSON_OBJECT;
    range.more = more.kind == JSON_BOOLEAN && *more.begin == 't';
    return range;
}

/* Whether nothing but space is left before the closing bracket. */
static bool answer_is_at_end(const etcd_range *range)
{
    return range->at == NULL || range->at >= range->end - 1;
}

bool tjob__etcd_range_next(etcd_range *range, etcd_kv *kv)
{
    json_value element = {.kind = JSON_NULL};
    if (!range->is_valid || answer_is_at_end(range)) {
        return false;
    }
    (void)answer_next_element(&range->at, range->end, &element); /* what is none has no members */
    const json_value revision = answer_member(&element, "mod_revision");
    const json_value changes = answer_member(&element, "version");
    kv->key = answer_member(&element, "key");
    kv->value = answer_member(&element, "value");
    range->is_valid = answer_read_number(&revision, &kv->mod_revision) && answer_read_number(&changes, &kv->changes) &&
                      kv->key.kind == JSON_STRING && (kv->value.kind == JSON_STRING || kv->value.begin == NULL);
    return range->is_valid;
}
