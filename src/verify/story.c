#include "tjob/story.h"

#include <stdbool.h>
#include <string.h>

#include "verify/line.h"

static void put(const tjob_story *story, const char *text)
{
    size_t bytes = 0;
    while (text[bytes] != '\0') {
        bytes++;
    }
    story->write(story->context, text, bytes);
}

/* Whether a step has changed what is of interest. */
static bool changes(const tjob_telling *telling)
{
    size_t at = 0;
    while (telling->before[at] != '\0' && telling->before[at] == telling->after[at]) {
        at++;
    }
    return telling->before[at] != telling->after[at];
}

static void put_number(const tjob_story *story, uint64_t number)
{
    char digits[21];
    tjob__line_put_number(&LINE(digits), number);
    put(story, digits);
}

/* ---- Characters that mean something else where they stand ------------------------------------------------------ */

struct replacement {
    char character;
    const char *by;
};

static const struct replacement in_json[] = {{'"', "\\\""}, {'\\', "\\\\"}};

/* To Mermaid a semicolon ends a line, and a number sign begins the number of a character. */
static const struct replacement in_mermaid[] = {{';', "#59;"}, {'#', "#35;"}};

static void put_replaced(const tjob_story *story, const char *text, const struct replacement replacements[2])
{
    for (; *text != '\0'; text++) {
        const bool first = *text == replacements[0].character;
        if (first || *text == replacements[1].character) {
            put(story, replacements[first ? 0 : 1].by);
        } else {
            story->write(story->context, (unsigned char)*text < ' ' ? " " : text, 1);
        }
    }
}

/* ---- Text ------------------------------------------------------------------------------------------------------ */

static void tell_text(const tjob_story *story, const tjob_telling *telling)
{
    put_number(story, story->steps);
    put(story, ". ");
    put(story, telling->actor);
    put(story, telling->partner[0] != '\0' ? " -> " : "");
    put(story, telling->partner);
    put(story, ": ");
    put(story, telling->action);
    put(story, "\n");
    if (telling->answer[0] != '\0') {
        put(story, "     ");
        put(story, telling->answer);
        put(story, "\n");
    }
    if (changes(telling)) {
        put(story, "     before: ");
        put(story, telling->before);
        put(story, "\n     after:  ");
        put(story, telling->after);
        put(story, "\n");
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static void tell_json(const tjob_story *story, const tjob_telling *telling)
{
    const struct {
        const char *name;
        const char *value;
    } members[] = {{"{\"actor\":\"", telling->actor},     {"\",\"partner\":\"", telling->partner},
                   {"\",\"action\":\"", telling->action}, {"\",\"answer\":\"", telling->answer},
                   {"\",\"before\":\"", telling->before}, {"\",\"after\":\"", telling->after}};
    put(story, story->steps > 1 ? "," : "");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        put(story, members[i].name);
        put_replaced(story, members[i].value, in_json);
    }
    put(story, "\"}");
}

/* ---- Mermaid --------------------------------------------------------------------------------------------------- */

static void put_arrow(const tjob_story *story, const char *from, const char *arrow, const char *to, const char *text)
{
    put(story, "    ");
    put(story, from);
    put(story, arrow);
    put(story, to);
    put(story, ": ");
    put_replaced(story, text, in_mermaid);
    put(story, "\n");
}

static void tell_mermaid(const tjob_story *story, const tjob_telling *telling)
{
    const char *partner = telling->partner[0] != '\0' ? telling->partner : telling->actor;
    put_arrow(story, telling->actor, "->>", partner, telling->action);
    if (telling->answer[0] != '\0') {
        put_arrow(story, partner, "-->>", telling->actor, telling->answer);
    }
    if (changes(telling)) {
        put_arrow(story, "Note over ", "", partner, telling->after);
    }
}

/* ---- The whole ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *first;
    void (*tell)(const tjob_story *story, const tjob_telling *telling);
    const char *last;
} formats[] = {
    [TJOB_STORY_TEXT] = {"", tell_text, ""},
    [TJOB_STORY_JSON] = {"[", tell_json, "]"},
    [TJOB_STORY_MERMAID] = {"sequenceDiagram\n", tell_mermaid, ""},
};

void tjob_story_begin(tjob_story *story)
{
    story->steps = 0;
    put(story, formats[story->format].first);
}

void tjob_story_step(tjob_story *story, const tjob_telling *telling)
{
    story->steps++;
    formats[story->format].tell(story, telling);
}

void tjob_story_end(tjob_story *story)
{
    put(story, formats[story->format].last);
}

/* ---- The way of a property ------------------------------------------------------------------------------------- */

struct way {
    tjob_story *story;
    const tjob_model *model;
};

/* What the model says of a step; its label, if the model has no function for it. What it does not fill is empty. */
static void describe_step(const tjob_model *model, const tjob_way_step *step, tjob_telling *telling)
{
    memset(telling, 0, sizeof *telling);
    if (model->tell == NULL) {
        struct line action = LINE(telling->action);
        tjob__line_put(&LINE(telling->actor), "model");
        tjob__line_put(&action, "step ");
        tjob__line_put_number(&action, step->label);
        return;
    }
    model->tell(model->context, step->before, step->label, step->after, telling);
    telling->actor[sizeof telling->actor - 1] = '\0';
    telling->partner[sizeof telling->partner - 1] = '\0';
    telling->action[sizeof telling->action - 1] = '\0';
    telling->answer[sizeof telling->answer - 1] = '\0';
    telling->before[sizeof telling->before - 1] = '\0';
    telling->after[sizeof telling->after - 1] = '\0';
}

static void tell_step(void *context, const tjob_way_step *step)
{
    const struct way *way = context;
    tjob_telling telling;
    describe_step(way->model, step, &telling);
    tjob_story_step(way->story, &telling);
}

uint64_t tjob_story_of(tjob_story *story, tjob_explorer *explorer, const tjob_model *model, uint32_t property)
{
    struct way way = {story, model};
    tjob_story_begin(story);
    const uint64_t steps = tjob_explorer_way(explorer, property, tell_step, &way);
    tjob_story_end(story);
    return steps;
}
