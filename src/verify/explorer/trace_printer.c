#include "tjob/trace_printer.h"

#include <stdbool.h>
#include <string.h>

#include "verify/text/text.h"

static void printer_put(const tjob_trace_printer *printer, const char *text)
{
    size_t bytes = 0;
    while (text[bytes] != '\0') {
        bytes++;
    }
    printer->write(printer->context, text, bytes);
}

/* Returns whether the step changed the described state. */
static bool changes(const tjob_step_description *description)
{
    size_t at = 0;
    while (description->before[at] != '\0' && description->before[at] == description->after[at]) {
        at++;
    }
    return description->before[at] != description->after[at];
}

static void put_number(const tjob_trace_printer *printer, uint64_t number)
{
    char digits[21];
    tjob__text_put_number(&LINE(digits), number);
    printer_put(printer, digits);
}

/* ---- Characters with a special meaning in an output format ----------------------------------------------------- */

struct replacement {
    char character;
    const char *by;
};

static const struct replacement in_json[] = {{'"', "\\\""}, {'\\', "\\\\"}};

/* In Mermaid a semicolon ends a line, and a number sign begins a character code. */
static const struct replacement in_mermaid[] = {{';', "#59;"}, {'#', "#35;"}};

static void put_replaced(const tjob_trace_printer *printer, const char *text, const struct replacement replacements[2])
{
    for (; *text != '\0'; text++) {
        const bool first = *text == replacements[0].character;
        if (first || *text == replacements[1].character) {
            printer_put(printer, replacements[first ? 0 : 1].by);
        } else {
            printer->write(printer->context, (unsigned char)*text < ' ' ? " " : text, 1);
        }
    }
}

/* ---- Text ------------------------------------------------------------------------------------------------------ */

static void print_text(const tjob_trace_printer *printer, const tjob_step_description *description)
{
    put_number(printer, printer->steps);
    printer_put(printer, ". ");
    printer_put(printer, description->actor);
    printer_put(printer, description->partner[0] != '\0' ? " -> " : "");
    printer_put(printer, description->partner);
    printer_put(printer, ": ");
    printer_put(printer, description->action);
    printer_put(printer, "\n");
    if (description->answer[0] != '\0') {
        printer_put(printer, "     ");
        printer_put(printer, description->answer);
        printer_put(printer, "\n");
    }
    if (changes(description)) {
        printer_put(printer, "     before: ");
        printer_put(printer, description->before);
        printer_put(printer, "\n     after:  ");
        printer_put(printer, description->after);
        printer_put(printer, "\n");
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void print_json(const tjob_trace_printer *printer, const tjob_step_description *description)
{
    const struct {
        const char *name;
        const char *value;
    } members[] = {{"{\"actor\":\"", description->actor},     {"\",\"partner\":\"", description->partner},
                   {"\",\"action\":\"", description->action}, {"\",\"answer\":\"", description->answer},
                   {"\",\"before\":\"", description->before}, {"\",\"after\":\"", description->after}};
    printer_put(printer, printer->steps > 1 ? "," : "");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        printer_put(printer, members[i].name);
        put_replaced(printer, members[i].value, in_json);
    }
    printer_put(printer, "\"}");
}

/* ---- Mermaid --------------------------------------------------------------------------------------------------- */

static void put_arrow(const tjob_trace_printer *printer, const char *from, const char *arrow, const char *to,
                      const char *text)
{
    printer_put(printer, "    ");
    printer_put(printer, from);
    printer_put(printer, arrow);
    printer_put(printer, to);
    printer_put(printer, ": ");
    put_replaced(printer, text, in_mermaid);
    printer_put(printer, "\n");
}

static void print_mermaid(const tjob_trace_printer *printer, const tjob_step_description *description)
{
    const char *partner = description->partner[0] != '\0' ? description->partner : description->actor;
    put_arrow(printer, description->actor, "->>", partner, description->action);
    if (description->answer[0] != '\0') {
        put_arrow(printer, partner, "-->>", description->actor, description->answer);
    }
    if (changes(description)) {
        put_arrow(printer, "Note over ", "", partner, description->after);
    }
}

/* ---- All formats ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *first;
    void (*describe)(const tjob_trace_printer *printer, const tjob_step_description *description);
    const char *last;
} formats[] = {
    [TJOB_TRACE_TEXT] = {"", print_text, ""},
    [TJOB_TRACE_JSON] = {"[", print_json, "]"},
    [TJOB_TRACE_MERMAID] = {"sequenceDiagram\n", print_mermaid, ""},
};

void tjob_trace_printer_begin(tjob_trace_printer *printer)
{
    printer->steps = 0;
    printer_put(printer, formats[printer->format].first);
}

void tjob_trace_printer_step(tjob_trace_printer *printer, const tjob_step_description *description)
{
    printer->steps++;
    formats[printer->format].describe(printer, description);
}

void tjob_trace_printer_end(tjob_trace_printer *printer)
{
    printer_put(printer, formats[printer->format].last);
}

/* ---- The trace of a property ----------------------------------------------------------------------------------- */

struct printed_trace {
    tjob_trace_printer *printer;
    const tjob_model *model;
};

/* Fills in the model's description of a step, or the step's label if the model has no describe function. Fields that
 * the model does not fill are empty. */
static void describe_step(const tjob_model *model, const tjob_trace_step *step, tjob_step_description *description)
{
    memset(description, 0, sizeof *description);
    if (model->describe == NULL) {
        struct line action = LINE(description->action);
        tjob__text_put(&LINE(description->actor), "model");
        tjob__text_put(&action, "step ");
        tjob__text_put_number(&action, step->label);
        return;
    }
    model->describe(model->context, step->before, step->label, step->after, description);
    description->actor[sizeof description->actor - 1] = '\0';
    description->partner[sizeof description->partner - 1] = '\0';
    description->action[sizeof description->action - 1] = '\0';
    description->answer[sizeof description->answer - 1] = '\0';
    description->before[sizeof description->before - 1] = '\0';
    description->after[sizeof description->after - 1] = '\0';
}

static void print_step(void *context, const tjob_trace_step *step)
{
    const struct printed_trace *trace = context;
    tjob_step_description description;
    describe_step(trace->model, step, &description);
    tjob_trace_printer_step(trace->printer, &description);
}

uint64_t tjob_trace_print(tjob_trace_printer *printer, tjob_explorer *explorer, const tjob_model *model,
                          uint32_t property)
{
    struct printed_trace trace = {printer, model};
    tjob_trace_printer_begin(printer);
    const uint64_t steps = tjob_explorer_trace(explorer, property, print_step, &trace);
    tjob_trace_printer_end(printer);
    return steps;
}
