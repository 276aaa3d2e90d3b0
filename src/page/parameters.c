#include "page/parameters.h"

#include "tjob/seeded_bug.h"
#include "verify/text/text.h"

const char *tjob__page_stop_submitted_word(unsigned number)
{
    static const char *const words[] = {"stop", "ignore", "refuse", NULL};
    return words[number];
}

const char *tjob__page_stop_finished_word(unsigned number)
{
    static const char *const words[] = {"accept", "refuse", NULL};
    return words[number];
}

const char *tjob__page_bug_word(unsigned number)
{
    return number < TJOB_SEEDED_BUG_COUNT ? tjob_seeded_bug_name((tjob_seeded_bug)number) : NULL;
}

/* ---- Errors ---------------------------------------------------------------------------------------------------- */

void tjob__page_error_set(struct page_error *error, size_t at, const char *message, tjob_text text)
{
    struct line line = LINE(error->message);
    error->at = at;
    tjob__text_put(&line, message);
    if (text.bytes != 0) {
        tjob__text_put(&line, ": '");
        for (size_t i = 0; i < text.bytes; i++) {
            const bool plain = text.data[i] >= ' ' && text.data[i] <= '~';
            tjob__text_put(&line, (char[]){(char)(plain ? text.data[i] : '?'), '\0'});
        }
        tjob__text_put(&line, "'");
    }
}

void tjob__page_error_write(struct page_json *json, const struct page_error *error)
{
    json->writer.bytes = 0;
    json->follows = false;
    tjob__page_open(json, '{');
    tjob__page_name(json, "error");
    tjob__page_open(json, '{');
    if (error->at != SIZE_MAX) {
        tjob__page_member_count(json, "at", (uint32_t)error->at);
    }
    tjob__page_member_string(json, "message", error->message);
    tjob__page_close(json, '}');
    tjob__page_close(json, '}');
}

/* ---- Words and numbers ----------------------------------------------------------------------------------------- */

bool tjob__page_number_read(tjob_text text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.bytes; i++) {
        const uint64_t digit = (uint64_t)(unsigned char)text.data[i] - '0';
        if (digit > 9 || *number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return text.bytes != 0;
}

bool tjob__page_is_word(tjob_text text, const char *word)
{
    size_t i = 0;
    for (; i < text.bytes && word[i] != '\0'; i++) {
        if (text.data[i] != (word[i] == ' ' ? '-' : word[i])) {
            return false;
        }
    }
    return i == text.bytes && word[i] == '\0';
}

/* ---- Parameters ------------------------------------------------------------------------------------------------ */

static bool page_value_read(tjob_text text, const struct page_parameter *parameter, uint64_t *value)
{
    if (parameter->word == NULL) {
        return tjob__page_number_read(text, value) && *value >= parameter->least && *value <= parameter->most;
    }
    for (unsigned i = 0; parameter->word(i) != NULL; i++) {
        if (tjob__page_is_word(text, parameter->word(i))) {
            *value = i;
            return true;
        }
    }
    return false;
}

/* Returns the part of a text before the first such byte. */
static tjob_text page_before(tjob_text text, char byte)
{
    size_t bytes = 0;
    while (bytes < text.bytes && text.data[bytes] != byte) {
        bytes++;
    }
    return (tjob_text){text.data, bytes};
}

bool tjob__page_parameters_read(tjob_text text, size_t at, const struct page_parameter *table, size_t count,
                                uint64_t *values, struct page_error *error)
{
    uint64_t given = 0;
    for (size_t i = 0; i < count; i++) {
        values[i] = table[i].otherwise;
    }
    while (text.bytes != 0) {
        const tjob_text whole = page_before(text, '&');
        const tjob_text name = page_before(whole, '=');
        const size_t named = name.bytes + (name.bytes < whole.bytes ? 1 : 0);
        const tjob_text value = {whole.data + named, whole.bytes - named};
        size_t i = 0;
        while (i < count && !tjob__page_is_word(name, table[i].name)) {
            i++;
        }
        if (i == count || (given >> i & 1) != 0) {
            tjob__page_error_set(error, at, i == count ? "unknown parameter" : "parameter is given twice", name);
            return false;
        }
        if (!page_value_read(value, &table[i], &values[i])) {
            tjob__page_error_set(error, at + named, "invalid value of a parameter", whole);
            return false;
        }
        given |= UINT64_C(1) << i;
        const size_t used = whole.bytes + (whole.bytes < text.bytes ? 1 : 0);
        text = (tjob_text){text.data + used, text.bytes - used};
        at += used;
    }
    return true;
}

static void page_value_write(json_writer *writer, const struct page_parameter *parameter, uint64_t value)
{
    if (parameter->word != NULL) {
        tjob__json_write_string(writer, parameter->word((unsigned)value));
    } else {
        tjob__json_write_number(writer, value, 1);
    }
}

void tjob__page_parameters_write(json_writer *writer, const struct page_parameter *table, size_t count,
                                 const uint64_t *values)
{
    bool follows = false;
    for (size_t i = 0; i < count; i++) {
        if (values[i] != table[i].otherwise) {
            tjob__json_write_string(writer, follows ? "&" : "");
            tjob__json_write_string(writer, table[i].name);
            tjob__json_write_byte(writer, '=');
            page_value_write(writer, &table[i], values[i]);
            follows = true;
        }
    }
}

void tjob__page_member_parameters(struct page_json *json, const struct page_parameter *table, size_t count,
                                  const uint64_t *values)
{
    tjob__page_name(json, "parameters");
    tjob__page_open(json, '{');
    for (size_t i = 0; i < count; i++) {
        tjob__page_name(json, table[i].name);
        if (table[i].word != NULL) {
            tjob__page_string(json, table[i].word((unsigned)values[i]));
        } else {
            tjob__page_decimal(json, values[i]);
        }
    }
    tjob__page_close(json, '}');
}
