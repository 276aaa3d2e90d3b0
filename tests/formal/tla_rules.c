/*
 * Rules that keep a TLA+ module parseable where no tool for TLA+ is at hand. Reads a module on standard input, prints
 * the first problem as "line N: ..." and exits with 1.
 *
 *  - Characters: ASCII, no tab, lines of at most 120 columns, comments and strings closed.
 *  - The module has a head and an end; brackets, IF/THEN/ELSE, LET/IN and CASE/-> are balanced.
 *  - Each name is declared before it is used, and once; each operator has as many arguments as parameters.
 *  - `vars` has all variables, and only variables have a prime.
 *  - A field that is read is one of some record; a string in capitals is one of States, Events or Statuses.
 *
 * The part of the language is that which the exported module uses: no recursion, no modules within, no infix operators.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 17, TOKENS_MAX = 1 << 15, NAMES_MAX = 1024, WORD_MAX = 64, DEPTH_MAX = 64, COLUMNS_MAX = 120 };

enum kind { NAME, NUMBER, STRING, SYMBOL };

struct token {
    enum kind kind;
    int line;
    int column;
    char word[WORD_MAX];
};

struct name {
    char word[WORD_MAX];
    int parameters;
    bool variable;
};

static char text[TEXT_MAX + 1];
static struct token tokens[TOKENS_MAX];
static int token_count;
static struct name module_names[NAMES_MAX];
static int module_count;
static struct name local_names[NAMES_MAX];
static int local_count;

static _Noreturn void problem(int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("line %d: ", line);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    exit(1);
}

/* ---- Tokens ---------------------------------------------------------------------------------------------------- */

static const char *const symbols[] = {"|->", "<=>", "\\notin", "\\subseteq", "\\cup", "\\in", "\\X", "\\A",
                                      "\\E", "/\\", "\\/",     "==",         "=>",    "->",   "<<",  ">>",
                                      "<>",  "[]",  "~>",      "..",         "<=",    ">=",   "WF_", "SF_",
                                      "(",   ")",   "[",       "]",          "{",     "}",    ",",   ":",
                                      ".",   "!",   "'",       "@",          "=",     "#",    "<",   ">",
                                      "+",   "-",   "*",       "\\",         "~",     "_"};

static void check_characters(void)
{
    int line = 1;
    int column = 0;
    for (const char *at = text; *at != '\0'; at++) {
        column = *at == '\n' ? 0 : column + 1;
        if (*at == '\t' || (unsigned char)*at > 126 || ((unsigned char)*at < ' ' && *at != '\n')) {
            problem(line, "a character that is no plain ASCII");
        }
        if (column > COLUMNS_MAX) {
            problem(line, "longer than %d columns", COLUMNS_MAX);
        }
        line += *at == '\n';
    }
}

static const char *skip_comment(const char *at, int *line)
{
    const int begins = *line;
    int depth = 0;
    do {
        if (at[0] == '(' && at[1] == '*') {
            depth++;
            at += 2;
        } else if (at[0] == '*' && at[1] == ')') {
            depth--;
            at += 2;
        } else if (*at == '\0') {
            problem(begins, "a comment that does not end");
        } else {
            *line += *at == '\n';
            at++;
        }
    } while (depth > 0);
    return at;
}

static void add_token(enum kind kind, int line, const char *begin, const char *end, int column)
{
    if (token_count == TOKENS_MAX || end - begin >= WORD_MAX) {
        problem(line, "too long");
    }
    struct token *token = &tokens[token_count++];
    *token = (struct token){.kind = kind, .line = line, .column = column};
    memcpy(token->word, begin, (size_t)(end - begin));
}

static const char *take_symbol(const char *at, int line, int column)
{
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (strncmp(at, symbols[i], strlen(symbols[i])) == 0) {
            add_token(SYMBOL, line, at, at + strlen(symbols[i]), column);
            return at + strlen(symbols[i]);
        }
    }
    problem(line, "'%c' is no symbol of the language", *at);
}

static const char *take_token(const char *at, int line, int column)
{
    const char *end = at;
    if (strncmp(at, "WF_", 3) == 0 || strncmp(at, "SF_", 3) == 0) {
        return take_symbol(at, line, column);
    }
    if (isalpha((unsigned char)*at)) {
        while (isalnum((unsigned char)*end) || *end == '_') {
            end++;
        }
        add_token(NAME, line, at, end, column);
    } else if (isdigit((unsigned char)*at)) {
        while (isdigit((unsigned char)*end)) {
            end++;
        }
        add_token(NUMBER, line, at, end, column);
    } else if (*at == '"') {
        end = strpbrk(at + 1, "\"\n");
        if (end == NULL || *end == '\n') {
            problem(line, "a string that does not end");
        }
        add_token(STRING, line, at + 1, end, column);
        end++;
    } else {
        return take_symbol(at, line, column);
    }
    return end;
}

static const char *skip_line(const char *at)
{
    return at + strcspn(at, "\n");
}

/* Checks the head and the end, and splits what is between. */
static void take_tokens(const char *module)
{
    char head[WORD_MAX];
    int line = 1;
    const char *at = text + strspn(text, "-");
    snprintf(head, sizeof head, " MODULE %s ----", module);
    if (at - text < 4 || strncmp(at, head, strlen(head)) != 0) {
        problem(1, "the head is not that of MODULE %s", module);
    }
    at = skip_line(at);
    for (const char *line_begins = text; strncmp(at, "====", 4) != 0;) {
        if (*at == '\0') {
            problem(line, "the module does not end");
        } else if (*at == '\n') {
            line++;
            line_begins = ++at;
        } else if (*at == ' ') {
            at++;
        } else if (at[0] == '\\' && at[1] == '*') {
            at = skip_line(at);
        } else if (at[0] == '(' && at[1] == '*') {
            at = skip_comment(at, &line);
        } else if (strncmp(at, "----", 4) == 0) {
            at += strspn(at, "-");
        } else {
            at = take_token(at, line, (int)(at - line_begins));
        }
    }
    if (*skip_line(at) == '\0' || skip_line(at)[1] != '\0') {
        problem(line, "something after the end of the module");
    }
}

static bool is(int i, const char *word)
{
    return i >= 0 && i < token_count && tokens[i].kind != STRING && strcmp(tokens[i].word, word) == 0;
}

/* ---- Brackets -------------------------------------------------------------------------------------------------- */

/* What opens, what may come between, and what closes. A CASE and an IF are closed by whatever closes around them. */
static void check_brackets(void)
{
    static const char *const pairs[][2] = {{"(", ")"},    {"[", "]"},     {"{", "}"},      {"<<", ">>"},
                                           {"LET", "IN"}, {"IF", "THEN"}, {"THEN", "ELSE"}};
    int open[DEPTH_MAX];
    int depth = 0;
    for (int i = 0; i < token_count; i++) {
        for (size_t pair = 0; pair < sizeof pairs / sizeof pairs[0]; pair++) {
            if (is(i, pairs[pair][1])) {
                if (depth == 0 || !is(open[depth - 1], pairs[pair][0])) {
                    problem(tokens[i].line, "'%s' without its '%s'", tokens[i].word, pairs[pair][0]);
                }
                depth--;
            }
        }
        for (size_t pair = 0; pair < sizeof pairs / sizeof pairs[0]; pair++) {
            if (is(i, pairs[pair][0])) {
                if (depth == DEPTH_MAX) {
                    problem(tokens[i].line, "too deep");
                }
                open[depth++] = i;
            }
        }
    }
    if (depth != 0) {
        problem(tokens[open[depth - 1]].line, "'%s' is not closed", tokens[open[depth - 1]].word);
    }
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static bool is_reserved(const char *word)
{
    static const char *const words[] = {"IF",        "THEN",      "ELSE",    "CASE", "OTHER",   "LET",       "IN",
                                        "EXCEPT",    "DOMAIN",    "EXTENDS", "TRUE", "FALSE",   "UNCHANGED", "BOOLEAN",
                                        "CONSTANTS", "VARIABLES", "ASSUME",  "Nat",  "Naturals"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static struct name *find(struct name *names, int count, const char *word)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i].word, word) == 0) {
            return &names[i];
        }
    }
    return NULL;
}

static struct name *known(const char *word)
{
    struct name *local = find(local_names, local_count, word);
    return local != NULL ? local : find(module_names, module_count, word);
}

static void declare(struct name *names, int *count, int i, int parameters)
{
    const struct token *token = &tokens[i];
    if (token->kind != NAME || is_reserved(token->word)) {
        problem(token->line, "'%s' is no name", token->word);
    }
    if (find(module_names, module_count, token->word) != NULL ||
        (names == module_names && find(names, *count, token->word))) {
        problem(token->line, "'%s' is declared twice", token->word);
    }
    if (*count == NAMES_MAX) {
        problem(token->line, "too many names");
    }
    names[*count] = (struct name){.parameters = parameters};
    memcpy(names[(*count)++].word, token->word, sizeof token->word);
}

/* Returns the place of the bracket that closes the one at `i`. */
static int closing(int i)
{
    int depth = 0;
    do {
        depth += is(i, "(") || is(i, "[") || is(i, "{") || is(i, "<<");
        depth -= is(i, ")") || is(i, "]") || is(i, "}") || is(i, ">>");
        i++;
    } while (depth > 0 && i < token_count);
    return i - 1;
}

/* Counts what is between the parentheses at `i`, separated by commas. */
static int count_arguments(int i)
{
    const int end = closing(i);
    int count = 1;
    for (int at = i + 1; at < end; at++) {
        at = is(at, "(") || is(at, "[") || is(at, "{") || is(at, "<<") ? closing(at) : at;
        count += is(at, ",");
    }
    return count;
}

/* Returns where the body of a definition at `i` begins; 0 if there is no definition. */
static int body_of(int i)
{
    const int after = is(i + 1, "(") ? closing(i + 1) + 1 : i + 1;
    return tokens[i].kind == NAME && is(after, "==") ? after + 1 : 0;
}

static bool begins_unit(int i)
{
    return i == token_count || (tokens[i].column == 0 && tokens[i].kind == NAME);
}

static void declare_parameters(int i)
{
    for (int at = i + 2; is(i + 1, "(") && at < closing(i + 1); at += 2) {
        declare(local_names, &local_count, at, 0);
    }
}

/* Declares what a part of the module binds: parameters, bound names, and definitions within LET. */
static void declare_locals(int begin, int end)
{
    for (int i = begin; i < end; i++) {
        const bool bound = tokens[i].kind == NAME && is(i + 1, "\\in") &&
                           (is(i - 1, "\\A") || is(i - 1, "\\E") || is(i - 1, "{") || is(i - 1, ":") || is(i - 1, "["));
        if (bound) {
            declare(local_names, &local_count, i, 0);
        } else if (i != begin && body_of(i) != 0) {
            declare(local_names, &local_count, i, is(i + 1, "(") ? count_arguments(i + 1) : 0);
            declare_parameters(i);
        }
    }
}

static bool is_field(int i)
{
    return is(i - 1, ".") || is(i + 1, "|->") || (is(i + 1, ":") && (is(i - 1, "[") || is(i - 1, ",")));
}

/* Checks the uses of names in a part of the module. */
static void check_uses(int begin, int end)
{
    for (int i = begin; i < end; i++) {
        if (is(i, "'") && (known(tokens[i - 1].word) == NULL || !known(tokens[i - 1].word)->variable)) {
            problem(tokens[i].line, "a prime after '%s', which is no variable", tokens[i - 1].word);
        }
        if (tokens[i].kind != NAME || is_reserved(tokens[i].word) || is_field(i)) {
            continue;
        }
        const struct name *name = known(tokens[i].word);
        if (name == NULL) {
            problem(tokens[i].line, "'%s' is not declared here", tokens[i].word);
        }
        const bool subscript = is(i - 1, "WF_") || is(i - 1, "SF_");
        const int given = is(i + 1, "(") && !subscript ? count_arguments(i + 1) : 0;
        if (given != name->parameters) {
            problem(tokens[i].line, "'%s' has %d arguments, not %d", tokens[i].word, name->parameters, given);
        }
    }
}

/* ---- Units ----------------------------------------------------------------------------------------------------- */

static int variables_begin;
static int variables_end;

static void check_list(int begin, int end, bool variable)
{
    for (int i = begin; i < end; i += 2) {
        declare(module_names, &module_count, i, 0);
        module_names[module_count - 1].variable = variable;
        if (i + 1 < end && !is(i + 1, ",")) {
            problem(tokens[i + 1].line, "no comma before '%s'", tokens[i + 1].word);
        }
    }
}

static void check_vars(int begin, int end)
{
    bool same = end - begin == variables_end - variables_begin + 2;
    for (int i = 0; same && i < variables_end - variables_begin; i++) {
        same = is(begin + 1 + i, tokens[variables_begin + i].word);
    }
    if (!same) {
        problem(tokens[begin].line, "vars is not the list of the variables");
    }
}

static void check_unit(int begin, int end)
{
    const int body = body_of(begin);
    local_count = 0;
    if (is(begin, "CONSTANTS") || is(begin, "VARIABLES")) {
        check_list(begin + 1, end, is(begin, "VARIABLES"));
        variables_begin = begin + 1;
        variables_end = end;
    } else if (is(begin, "EXTENDS")) {
        if (end != begin + 2 || !is(begin + 1, "Naturals")) {
            problem(tokens[begin].line, "another module than Naturals is extended");
        }
    } else if (is(begin, "ASSUME")) {
        check_uses(begin + 1, end);
    } else if (body != 0) {
        declare_parameters(begin);
        declare_locals(begin, end);
        check_uses(body, end);
        declare(module_names, &module_count, begin, is(begin + 1, "(") ? count_arguments(begin + 1) : 0);
        if (is(begin, "vars")) {
            check_vars(body, end);
        }
        if (body == end) {
            problem(tokens[begin].line, "'%s' is empty", tokens[begin].word);
        }
    } else {
        problem(tokens[begin].line, "'%s' begins no definition", tokens[begin].word);
    }
}

/* ---- Fields and strings ---------------------------------------------------------------------------------------- */

static void check_fields(void)
{
    for (int i = 0; i < token_count; i++) {
        if (tokens[i].kind == NAME && is(i - 1, ".")) {
            bool found = false;
            for (int at = 0; at < token_count && !found; at++) {
                found = is(at, tokens[i].word) && is(at + 1, "|->");
            }
            if (!found) {
                problem(tokens[i].line, "no record has a field '%s'", tokens[i].word);
            }
        }
    }
}

static bool is_member(const char *word)
{
    static const char *const sets[] = {"States", "Events", "Statuses"};
    for (int i = 0; i < token_count; i++) {
        for (size_t set = 0; set < sizeof sets / sizeof sets[0]; set++) {
            if (tokens[i].column == 0 && is(i, sets[set])) {
                for (int at = i + 2; at < closing(i + 2); at++) {
                    if (tokens[at].kind == STRING && strcmp(tokens[at].word, word) == 0) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

static void check_strings(void)
{
    for (int i = 0; i < token_count; i++) {
        if (tokens[i].kind == STRING && isupper((unsigned char)tokens[i].word[0]) && !is_member(tokens[i].word)) {
            problem(tokens[i].line, "\"%s\" is no state, event or status", tokens[i].word);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 || fread(text, 1, TEXT_MAX, stdin) == TEXT_MAX) {
        fprintf(stderr, "usage: tla_rules MODULE <module, of less than %d bytes\n", TEXT_MAX);
        return 2;
    }
    check_characters();
    take_tokens(argv[1]);
    check_brackets();
    if (token_count == 0 || !begins_unit(0)) {
        problem(1, "the module does not begin with a definition");
    }
    for (int begin = 0, end = 1; begin < token_count; begin = end++) {
        while (!begins_unit(end)) {
            end++;
        }
        check_unit(begin, end);
    }
    check_fields();
    check_strings();
    printf("%d tokens, %d names\n", token_count, module_count);
    return 0;
}
