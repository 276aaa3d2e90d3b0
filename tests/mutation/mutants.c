#include "mutants.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Adds a change. Without a name it has that of what is there, and of what takes its place, without spaces around. */
static void add(struct mutants *mutants, size_t at, size_t bytes, const char *text, size_t text_bytes, const char *name)
{
    if (mutants->count == mutants->capacity) {
        mutants->capacity = mutants->capacity * 2 + 64;
        mutants->changes = realloc(mutants->changes, mutants->capacity * sizeof *mutants->changes);
        if (mutants->changes == NULL) {
            abort();
        }
    }
    struct change *change = &mutants->changes[mutants->count++];
    *change = (struct change){.at = at, .bytes = bytes};
    snprintf(change->text, sizeof change->text, "%.*s", (int)text_bytes, text);
    if (name != NULL) {
        snprintf(change->name, sizeof change->name, "%s", name);
        return;
    }
    const char *original = mutants->original + at;
    const size_t before = original[0] == ' ';
    const size_t after = text[0] == ' ';
    snprintf(change->name, sizeof change->name, "%.*s to %.*s", (int)(bytes - before), original + before,
             (int)(text_bytes - after), text + after);
}

/* ---- The table ------------------------------------------------------------------------------------------------- */

static const char *const words[] = {
    "none",  "refused", "in_use",    "same",  "token", "trainer", "finished", "submits",   "trains",
    "marks", "stops",   "completes", "warns", "fails", "deletes", "removes",  "unstarted", "expires",
};

static void find_cells(struct mutants *mutants)
{
    const char *text = mutants->original;
    for (const char *row = strstr(text, "\n    [TJOB_"); row != NULL; row = strstr(row + 1, "\n    [TJOB_")) {
        const char *at = strchr(row, '{') + 1;
        const char *end = strchr(row, '}');
        while (at < end) {
            at += strspn(at, " ,");
            const size_t bytes = strcspn(at, " ,}");
            for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (strlen(words[i]) != bytes || strncmp(words[i], at, bytes) != 0) {
                    add(mutants, (size_t)(at - text), bytes, words[i], strlen(words[i]), NULL);
                }
            }
            at += bytes;
        }
    }
}

/* ---- Code ------------------------------------------------------------------------------------------------------ */

/*
 * What stands in the source, and what takes its place. The source is formatted: operators have a space on each side,
 * which behind them may be the end of the line. "1 ? 0 : " in front of a condition makes it false, whatever it is made
 * of. Some changes have a name of their own.
 */
static const struct {
    const char *before;
    const char *after;
    const char *name;
} swaps[] = {
    {" && ", " || ", NULL},
    {" || ", " && ", NULL},
    {" == ", " != ", NULL},
    {" != ", " == ", NULL},
    {" < ", " <= ", NULL},
    {" <= ", " < ", NULL},
    {" > ", " >= ", NULL},
    {" >= ", " > ", NULL},
    {" + ", " - ", NULL},
    {" - ", " + ", NULL},
    {" * ", " / ", NULL},
    {" / ", " * ", NULL},
    {" % ", " / ", NULL},
    {" & ", " | ", NULL},
    {" | ", " & ", NULL},
    {" ^ ", " & ", NULL},
    {" << ", " >> ", NULL},
    {" >> ", " << ", NULL},
    {" += ", " -= ", NULL},
    {" -= ", " += ", NULL},
    {" *= ", " /= ", NULL},
    {" /= ", " *= ", NULL},
    {" &= ", " |= ", NULL},
    {" |= ", " &= ", NULL},
    {" ^= ", " |= ", NULL},
    {" <<= ", " >>= ", NULL},
    {" >>= ", " <<= ", NULL},
    {"++", "--", NULL},
    {"--", "++", NULL},
    {"if (", "if (1 || ", "if always"},
    {"if (", "if (1 ? 0 : ", "if never"},
    {"? ", "|| 1 ? ", "? always"},
    {"? ", "&& 0 ? ", "? never"},
    {"!", "", "without !"},
    {"~", "", "without ~"},
    {" 0;", " 1;", NULL},
    {" 1;", " 0;", NULL},
    {"return true", "return false", NULL},
    {"return false", "return true", NULL},
};

/* Behind a comment, a string, a character, an assertion or a line of the preprocessor that begins here; or here. */
static const char *skip_uncode(const char *text, const char *at)
{
    if (strncmp(at, "/*", 2) == 0) {
        return strstr(at, "*/") + 2;
    }
    if (*at == '"' || *at == '\'') {
        const char quote = *at++;
        while (*at != quote) {
            at += *at == '\\' ? 2 : 1;
        }
        return at + 1;
    }
    if (*at == '#' && (at == text || at[-1] == '\n')) {
        return strchr(at, '\n');
    }
    if (strncmp(at, "_Static_assert", 14) == 0 || strncmp(at, "TJOB_ASSERT", 11) == 0) {
        return strchr(at, ';'); /* what holds in any case is no behaviour */
    }
    return at;
}

/* Whether the last space of what is wanted may be the end of the line; then it is left as it is. */
static bool ends_in_space(const char *wanted)
{
    return wanted[strlen(wanted) - 1] == ' ';
}

static bool stands(const char *at, const char *wanted)
{
    const size_t length = strlen(wanted) - ends_in_space(wanted);
    const bool negation = strcmp(wanted, "!") == 0;
    const bool ends = !ends_in_space(wanted) || at[length] == ' ' || at[length] == '\n';
    return strncmp(at, wanted, length) == 0 && ends && !(negation && at[1] == '=');
}

static void find_operators(struct mutants *mutants)
{
    const char *text = mutants->original;
    for (const char *at = text; *at != '\0';) {
        const char *next = skip_uncode(text, at);
        if (next != at) {
            at = next;
            continue;
        }
        for (size_t i = 0; i < sizeof swaps / sizeof swaps[0]; i++) {
            if (stands(at, swaps[i].before)) {
                const size_t left = ends_in_space(swaps[i].before);
                add(mutants, (size_t)(at - text), strlen(swaps[i].before) - left, swaps[i].after,
                    strlen(swaps[i].after) - left, swaps[i].name);
            }
        }
        at++;
    }
}

/* Statements of one line that do something, which are removed: assignments, calls, steps of a counter. */
static void find_statements(struct mutants *mutants)
{
    static const char statement[] =
        "^ +([*]?[A-Za-z_][][A-Za-z0-9_.>*-]*( [-+*/%&|^<>]*= .*|[(].*[)]|[+][+]|--);)( /[*].*)?$";
    const char *at = mutants->original;
    regex_t pattern;
    regmatch_t found[2];
    if (regcomp(&pattern, statement, REG_EXTENDED | REG_NEWLINE) != 0) {
        abort();
    }
    while (regexec(&pattern, at, 2, found, 0) == 0) {
        const char *begin = at + found[1].rm_so;
        if (skip_uncode(mutants->original, begin) == begin) {
            add(mutants, (size_t)(begin - mutants->original), (size_t)(found[1].rm_eo - found[1].rm_so), ";", 1,
                "without statement");
        }
        at += found[0].rm_eo;
    }
    regfree(&pattern);
}

/* Copies the name of the function around a place: the word in front of the first parenthesis. False: there is none. */
static bool function_of(char name[MUTANT_KEY_BYTES], const char *text, size_t at)
{
    snprintf(name, MUTANT_KEY_BYTES, "file scope");
    while (at != 0 && !(text[at - 1] == '\n' && (text[at] == '{' || text[at] == '}'))) {
        at--;
    }
    if (text[at] != '{') {
        return false;
    }
    size_t begin = at - 1;
    while (begin != 0 && !(text[begin - 1] == '\n' && text[begin] != ' ')) {
        begin--;
    }
    const size_t end = begin + strcspn(text + begin, "(");
    begin = end;
    while (text[begin - 1] != ' ' && text[begin - 1] != '*') {
        begin--;
    }
    snprintf(name, MUTANT_KEY_BYTES, "%.*s", (int)(end - begin), text + begin);
    return true;
}

/* Of a header, the functions alone: the tests are compiled with it as it is, and must agree on what is laid out how. */
static void keep_functions(struct mutants *mutants)
{
    unsigned kept = 0;
    char name[MUTANT_KEY_BYTES];
    for (unsigned i = 0; i < mutants->count; i++) {
        if (function_of(name, mutants->original, mutants->changes[i].at)) {
            mutants->changes[kept++] = mutants->changes[i];
        }
    }
    mutants->count = kept;
}

/* ---- Files ----------------------------------------------------------------------------------------------------- */

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t bytes = 0;
    size_t capacity = 0;
    while (file != NULL) {
        if (bytes + 4096 > capacity) {
            capacity = capacity * 2 + 8192;
            text = realloc(text, capacity);
            if (text == NULL) {
                abort();
            }
        }
        const size_t taken = fread(text + bytes, 1, 4095, file);
        bytes += taken;
        text[bytes] = '\0';
        if (taken == 0) {
            fclose(file);
            return text;
        }
    }
    return NULL;
}

struct mutants *read_mutants(const char *root, const char *file, const char *kind)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, file);
    struct mutants *mutants = calloc(1, sizeof *mutants);
    if (mutants == NULL) {
        abort();
    }
    mutants->original = read_file(path);
    if (mutants->original == NULL) {
        free(mutants);
        return NULL;
    }
    if (strcmp(kind, "table") == 0) {
        find_cells(mutants);
    } else {
        find_operators(mutants);
    }
    if (strcmp(kind, "code") == 0) {
        find_statements(mutants);
    }
    if (strcmp(file + strlen(file) - strlen(".h"), ".h") == 0) {
        keep_functions(mutants);
    }
    return mutants;
}

void free_mutants(struct mutants *mutants)
{
    free(mutants->original);
    free(mutants->changes);
    free(mutants);
}

/* The line around a place, without the space around it. */
static void copy_line(char out[512], const char *text, size_t at)
{
    size_t begin = at;
    while (begin != 0 && text[begin - 1] != '\n') {
        begin--;
    }
    while (text[begin] == ' ') {
        begin++;
    }
    snprintf(out, 512, "%.*s", (int)strcspn(text + begin, "\n"), text + begin);
}

static void write_key(char key[MUTANT_KEY_BYTES], const struct mutants *mutants, unsigned number)
{
    const struct change *change = &mutants->changes[number];
    char function[MUTANT_KEY_BYTES];
    char other[MUTANT_KEY_BYTES];
    unsigned ordinal = 1;
    function_of(function, mutants->original, change->at);
    for (unsigned i = 0; i < number; i++) {
        if (strcmp(mutants->changes[i].name, change->name) == 0) {
            function_of(other, mutants->original, mutants->changes[i].at);
            ordinal += strcmp(other, function) == 0;
        }
    }
    snprintf(key, MUTANT_KEY_BYTES, "%.100s: %s, %u", function, change->name, ordinal);
}

void make_mutant(const struct mutants *mutants, unsigned number, struct mutant *mutant)
{
    const struct change *change = &mutants->changes[number];
    const char *original = mutants->original;
    const size_t capacity = strlen(original) + sizeof change->text + 1;
    mutant->text = malloc(capacity);
    if (mutant->text == NULL) {
        abort();
    }
    snprintf(mutant->text, capacity, "%.*s%s%s", (int)change->at, original, change->text,
             original + change->at + change->bytes);
    mutant->line = 1;
    for (size_t i = 0; i < change->at; i++) {
        mutant->line += original[i] == '\n';
    }
    write_key(mutant->key, mutants, number);
    copy_line(mutant->before, original, change->at);
    copy_line(mutant->after, mutant->text, change->at);
}

void free_mutant(struct mutant *mutant)
{
    free(mutant->text);
}

/* ---- Equivalents ----------------------------------------------------------------------------------------------- */

unsigned count_listed(const char *path, const char *file, const char *kind, const char *key)
{
    char line[640];
    char section[640];
    bool in_section = false;
    bool is_wanted = false;
    unsigned count = 0;
    FILE *list = fopen(path, "r");
    snprintf(section, sizeof section, "file %.500s %.100s", file, kind);
    while (list != NULL && fgets(line, sizeof line, list) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "file ", 5) == 0) {
            in_section = strcmp(line, section) == 0;
        } else if (strncmp(line, "- ", 2) == 0) {
            is_wanted = in_section && (key == NULL || strcmp(line + 2, key) == 0);
        } else if (strncmp(line, "= ", 2) == 0 && line[2] != '\0') { /* without a reason it is not listed */
            count += is_wanted;
        }
    }
    if (list != NULL) {
        fclose(list);
    }
    return count;
}
