#include "cli/html.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "page/convert_replay.h"
#include "verify/simulator/shrink.h"

/* The page, made of src/page by CMake. */
extern const unsigned char tjob__page_html[];
extern const size_t tjob__page_html_bytes;

enum {
    SITUATION_BYTES = SITUATION_PARAMETERS_BYTES_MAX + SITUATION_STEPS_MAX * SITUATION_STEP_BYTES_MAX,
    OPENED_BYTES = SITUATION_BYTES + 4096, /* and the other members */
    COMMAND_BYTES = 512
};

/* Where the page keeps what is opened in it. */
static const char opened_mark[] = "id=\"opened\">";

bool html_is_possible(const struct arguments *arguments)
{
    (void)arguments;
    return true;
}

/* ---- The file -------------------------------------------------------------------------------------------------- */

/* Returns where in the page the mark ends, which is there once. */
static size_t place_of_opened(void)
{
    size_t at = 0;
    while (memcmp(tjob__page_html + at, opened_mark, sizeof opened_mark - 1) != 0) {
        at++;
    }
    return at + sizeof opened_mark - 1;
}

/* Writes what is opened, without a byte that could end the element around it. */
static void put_opened(FILE *file, tjob_text opened)
{
    for (size_t i = 0; i < opened.bytes; i++) {
        if (opened.data[i] == '<') {
            fputs("\\u003c", file);
        } else {
            fputc(opened.data[i], file);
        }
    }
}

static bool write_page(const struct arguments *arguments, tjob_text opened)
{
    const char *path = arguments->texts[OPTION_HTML];
    const size_t at = place_of_opened();
    FILE *file = fopen(path, "wb");
    bool written = file != NULL;
    if (written) {
        (void)fwrite(tjob__page_html, 1, at, file);
        put_opened(file, opened);
        (void)fwrite(tjob__page_html + at, 1, tjob__page_html_bytes - at, file);
        const bool failed = ferror(file) != 0;
        written = fclose(file) == 0 && !failed;
    }
    if (!written) {
        const int error = errno;
        fprintf(stderr, "tjob %s: cannot write ", arguments->command->name);
        output_plain_string(stderr, path);
        fprintf(stderr, ": %s\n", strerror(error));
    }
    return written;
}

/* ---- What is opened -------------------------------------------------------------------------------------------- */

/* What the page opens, and room for it. */
struct opened {
    const char *command;
    const char *violated;
    const char *sentence;
    const char *trace; /* which trace it is */
    struct play *play;
    char *situation; /* of SITUATION_BYTES */
    char *text;      /* of OPENED_BYTES */
};

static void free_opened(struct opened *opened)
{
    free(opened->play);
    free(opened->situation);
    free(opened->text);
}

static bool take_opened(struct opened *opened, const struct arguments *arguments)
{
    opened->play = malloc(sizeof *opened->play);
    opened->situation = malloc(SITUATION_BYTES);
    opened->text = malloc(OPENED_BYTES);
    if (opened->play == NULL || opened->situation == NULL || opened->text == NULL) {
        fprintf(stderr, "tjob %s: out of memory\n", arguments->command->name);
        free_opened(opened);
        return false;
    }
    return true;
}

static void complain_of_page(const struct arguments *arguments, const char *why)
{
    fprintf(stderr, "tjob %s: %s: no page is written\n", arguments->command->name, why);
}

/* Writes the page with a situation, if there is one that it can show. */
static bool write_situation(const struct arguments *arguments, struct opened *opened, bool shown,
                            const json_writer *situation)
{
    if (!shown || situation->bytes > situation->capacity) {
        complain_of_page(arguments, "the page cannot show this violation");
        return true;
    }
    struct page_json json = {.writer = {.out = opened->text, .capacity = OPENED_BYTES}};
    tjob__page_open(&json, '{');
    tjob__page_member_string(&json, "command", opened->command);
    tjob__page_member_string(&json, "violated", opened->violated);
    tjob__page_member_string(&json, "sentence", opened->sentence);
    tjob__page_member_string(&json, "trace", opened->trace);
    tjob__page_name(&json, "situation");
    tjob__page_text(&json, (tjob_text){situation->out, situation->bytes});
    tjob__page_close(&json, '}');
    if (json.writer.bytes > json.writer.capacity) {
        complain_of_page(arguments, "the description of this violation is too long");
        return true;
    }
    return write_page(arguments, (tjob_text){json.writer.out, json.writer.bytes});
}

bool html_write_check(const struct arguments *arguments, const tjob_lifecycle_model *model, tjob_explorer *explorer,
                      const tjob_property *property, uint32_t number)
{
    if (arguments->texts[OPTION_HTML] == NULL) {
        return true;
    }
    if (property == NULL) {
        complain_of_page(arguments, "there is no violation with a trace");
        return true;
    }
    char command[COMMAND_BYTES];
    arguments_write(arguments, command, sizeof command);
    struct opened opened = {
        .command = command, .violated = property->name, .sentence = property->sentence, .trace = "a shortest trace"};
    if (!take_opened(&opened, arguments)) {
        return false;
    }
    json_writer situation = {.out = opened.situation, .capacity = SITUATION_BYTES};
    const bool shown = tjob__convert_trace(model, explorer, number, opened.play, &situation);
    const bool written = write_situation(arguments, &opened, shown, &situation);
    free_opened(&opened);
    return written;
}

bool html_write_simulation(const struct arguments *arguments, const tjob_simulator_config *config, void *memory,
                           const tjob_shrunk *shrunk, const char *command)
{
    if (arguments->texts[OPTION_HTML] == NULL) {
        return true;
    }
    if (!shrunk->reproduced) {
        complain_of_page(arguments, "there is no shrunk violation");
        return true;
    }
    struct opened opened = {.command = command,
                            .violated = tjob_invariant_name(shrunk->invariant),
                            .sentence = tjob_invariant_sentence(shrunk->invariant),
                            .trace = "a short trace"};
    if (!take_opened(&opened, arguments)) {
        return false;
    }
    json_writer situation = {.out = opened.situation, .capacity = SITUATION_BYTES};
    const bool shown =
        tjob__convert_replay(tjob__shrunk_replay(memory), tjob__shrunk_run(memory, config), opened.play, &situation);
    const bool written = write_situation(arguments, &opened, shown, &situation);
    free_opened(&opened);
    return written;
}
