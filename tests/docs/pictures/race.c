/* A race as a sequence diagram: who acts, what is asked, what is answered and what the record becomes are the model
 * checker's. */
#include <stdio.h>
#include <string.h>

#include "docs/pictures/pictures.h"
#include "docs/pictures/race_trace.h"
#include "docs/pictures/svg.h"

enum {
    WIDTH = 800,
    HEAD_WIDTH = 150,
    HEAD_HEIGHT = 36,
    RECORD_WIDTH = 236,
    RECORD_HEIGHT = 32,
    END_WIDTH = 150,
    MARGIN = 16,
    GAP = 14,
    LABEL_GAP = 7,
    CROSS_GAP = 4, /* more above a line that ends in a cross */
    LABEL_CHARACTERS = 34,
    TEXT_BYTES_MAX = 192
};

/* Where they stand: who acts first, the store, and the other one. */
enum lane { FIRST, STORE, OTHER, LANES };

static const int lane_x[LANES] = {[FIRST] = 91, [STORE] = 400, [OTHER] = 709};

/* ---- The description of a step --------------------------------------------------------------------------------- */

/* A step, as it is drawn from above to below. */
struct row {
    enum lane actor;
    struct lines action;
    char record[TEXT_BYTES_MAX]; /* what the record has become; empty: it is what it was */
    struct lines answer;
    char end[TEXT_BYTES_MAX]; /* how the operation ends; empty: it goes on */
    bool is_lost;
};

/* A record without its tokens and times: up to the second comma. */
static void shorten(char text[TEXT_BYTES_MAX], const char *record)
{
    const char *comma = strchr(record, ',');
    const char *end = comma != NULL ? strchr(comma + 1, ',') : NULL;
    snprintf(text, TEXT_BYTES_MAX, "%.*s", end != NULL ? (int)(end - record) : (int)strlen(record), record);
}

static struct row row_of(const struct race *race, const struct race_step *step)
{
    static const char ends[] = "; answer: ";
    const tjob_step_description *description = &step->description;
    const bool is_first = strcmp(description->actor, race->steps[0].description.actor) == 0;
    struct row row = {.actor = is_first ? FIRST : OTHER, .is_lost = step->is_lost};
    row.action = lines_of(description->action, LABEL_CHARACTERS);
    if (strcmp(description->before, description->after) != 0) {
        shorten(row.record, description->after);
    }
    char answer[sizeof description->answer];
    memcpy(answer, description->answer, sizeof answer);
    char *end = strstr(answer, ends);
    if (end != NULL) {
        snprintf(row.end, sizeof row.end, "%s", end + strlen(ends));
        *end = '\0';
    }
    char text[TEXT_BYTES_MAX];
    if (strcmp(answer, description->before) == 0) {
        shorten(text, answer);
    } else {
        snprintf(text, sizeof text, "%s", answer);
    }
    row.answer = lines_of(text, LABEL_CHARACTERS);
    return row;
}

static int height_of(const struct row *row)
{
    return (row->action.count + row->answer.count) * TEXT_LINE + 3 * GAP +
           (row->record[0] != '\0' ? RECORD_HEIGHT + GAP : 0) + (row->end[0] != '\0' ? RECORD_HEIGHT + GAP : 0);
}

/* ---- Drawing --------------------------------------------------------------------------------------------------- */

static void draw_box(int x, int y, int width, enum border border, enum tone tone, const char *text)
{
    const struct rect rect = {{x - width / 2, y}, {width, RECORD_HEIGHT}};
    svg_rect(&rect, border, tone);
    svg_text(x, y + RECORD_HEIGHT / 2 + 5, ANCHOR_MIDDLE, FACE_NAME, text);
}

/* An arrow from one lane to another with its label above it. Returns where what comes next begins. */
static int draw_arrow(int y, enum lane from, enum lane to, const struct line *kind, const struct lines *label)
{
    const int middle = (lane_x[from] + lane_x[to]) / 2;
    struct line line = *kind;
    y += label->count * TEXT_LINE + GAP;
    line.from[X] = lane_x[from];
    line.from[Y] = y;
    line.to[X] = line.end == END_CROSS ? middle : lane_x[to];
    line.to[Y] = y;
    svg_line(&line);
    const int gap = LABEL_GAP + (line.end == END_CROSS ? CROSS_GAP : 0);
    svg_lines(middle, y - gap, ANCHOR_MIDDLE, FACE_LABEL, label);
    return y;
}

static int draw_row(int y, const struct row *row)
{
    static const struct line request = {.tone = TONE_PLAIN, .end = END_ARROW};
    static const struct line answer = {.tone = TONE_PLAIN, .end = END_ARROW, .dashed = true};
    static const struct line lost = {.tone = TONE_LOST, .end = END_CROSS, .dashed = true};
    y = draw_arrow(y, row->actor, STORE, &request, &row->action);
    if (row->record[0] != '\0') {
        draw_box(lane_x[STORE], y + GAP, RECORD_WIDTH, BORDER_SINGLE, TONE_PLAIN, row->record);
        y += GAP + RECORD_HEIGHT;
    }
    y = draw_arrow(y, STORE, row->actor, row->is_lost ? &lost : &answer, &row->answer);
    if (row->end[0] != '\0') {
        draw_box(lane_x[row->actor], y + GAP, END_WIDTH, BORDER_DOUBLE, TONE_MAIN, row->end);
        y += GAP + RECORD_HEIGHT;
    }
    return y + GAP;
}

static void draw_lanes(const struct race *race, const char *other, int bottom)
{
    const char *const names[LANES] = {race->steps[0].description.actor, race->steps[0].description.partner, other};
    for (int lane = 0; lane < LANES; lane++) {
        svg_line(&(struct line){.from = {lane_x[lane], MARGIN + HEAD_HEIGHT},
                                .to = {lane_x[lane], bottom},
                                .tone = TONE_PLAIN,
                                .end = END_NOTHING});
        draw_box(lane_x[lane], MARGIN, HEAD_WIDTH, BORDER_SINGLE, TONE_PLAIN, names[lane]);
    }
}

/* The steps in words, for those who do not see them. */
static void describe(const struct race *race)
{
    for (int i = 0; i < race->count; i++) {
        const tjob_step_description *description = &race->steps[i].description;
        const char *const pieces[] = {description->actor, ": ", description->action, ": ", description->answer, ".\n"};
        for (size_t piece = 0; piece < sizeof pieces / sizeof pieces[0]; piece++) {
            svg_describe(pieces[piece]);
        }
    }
    svg_described();
}

bool picture_race(void)
{
    static struct race race;
    static struct row rows[RACE_STEPS_MAX];
    if (!race_find(&race)) {
        return false;
    }
    const int top = MARGIN + HEAD_HEIGHT + GAP + RECORD_HEIGHT;
    const char *other = "";
    int bottom = top;
    for (int i = 0; i < race.count; i++) {
        rows[i] = row_of(&race, &race.steps[i]);
        bottom += height_of(&rows[i]);
        other = rows[i].actor == OTHER ? race.steps[i].description.actor : other;
    }
    svg_begin(WIDTH, bottom + MARGIN, "A stop and a completion race",
              "A shortest trace in which a stop loses its answer and a completion wins, step by step.");
    describe(&race);
    draw_lanes(&race, other, bottom);
    char record[TEXT_BYTES_MAX];
    shorten(record, race.steps[0].description.before);
    draw_box(lane_x[STORE], top - RECORD_HEIGHT, RECORD_WIDTH, BORDER_SINGLE, TONE_PLAIN, record);
    int y = top;
    for (int i = 0; i < race.count; i++) {
        y = draw_row(y, &rows[i]);
    }
    svg_end();
    return true;
}
