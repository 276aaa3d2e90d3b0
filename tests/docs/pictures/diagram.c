#include "docs/pictures/diagram.h"

#include <stdio.h>
#include <string.h>

/* What is kept free beside a box that an arrow passes, and beside a line that is labelled. */
enum { CLEARANCE = 8, LABEL_GAP = 6, LABEL_MARGIN = 10, VERTICAL_LABEL_CHARACTERS = 18, LEGEND_LINE = 28 };

void add_words(char words[WORDS_BYTES_MAX], const char *more)
{
    const size_t length = strlen(words);
    snprintf(words + length, WORDS_BYTES_MAX - length, "%s%s", length != 0 ? ", " : "", more);
}

bool diagram_add(struct diagram *diagram, const struct arrow *arrow)
{
    if (diagram->arrow_count == ARROWS_MAX) {
        fprintf(stderr, "more than %d arrows\n", ARROWS_MAX);
        return false;
    }
    diagram->arrows[diagram->arrow_count++] = *arrow;
    return true;
}

/* ---- Where an arrow goes --------------------------------------------------------------------------------------- */

/* What lies between two numbers. */
struct span {
    int low;
    int high;
};

static struct span span_of(const struct rect *rect, enum axis axis)
{
    return (struct span){rect->at[axis], rect->at[axis] + rect->size[axis]};
}

static struct span common(struct span one, struct span other)
{
    return (struct span){one.low > other.low ? one.low : other.low, one.high < other.high ? one.high : other.high};
}

static bool is_empty(struct span span)
{
    return span.low >= span.high;
}

/* What is between two spans: empty where they touch. */
static struct span between(struct span one, struct span other)
{
    return one.high <= other.low ? (struct span){one.high, other.low} : (struct span){other.high, one.low};
}

static bool holds(const struct rect *outer, const struct rect *inner)
{
    for (int axis = X; axis < AXES; axis++) {
        const struct span out = span_of(outer, (enum axis)axis);
        const struct span in = span_of(inner, (enum axis)axis);
        if (in.low < out.low || in.high > out.high) {
            return false;
        }
    }
    return true;
}

/* Whether a box stands in the way of an arrow along an axis. Boxes do not stand in the way of what is in them. */
static bool is_obstacle(const struct diagram *diagram, int box, const struct arrow *arrow, enum axis along)
{
    const struct rect *place = &diagram->boxes[box].place;
    const struct rect *from = &diagram->boxes[arrow->from].place;
    const struct rect *to = &diagram->boxes[arrow->to].place;
    const struct span trace = between(span_of(from, along), span_of(to, along));
    return !holds(place, from) && !holds(place, to) && !is_empty(common(trace, span_of(place, along)));
}

/* The first stretch of what two boxes have in common across an arrow in which nothing stands in its way. */
static struct span free_stretch(const struct diagram *diagram, const struct arrow *arrow, enum axis along)
{
    const enum axis across = along == X ? Y : X;
    struct span free =
        common(span_of(&diagram->boxes[arrow->from].place, across), span_of(&diagram->boxes[arrow->to].place, across));
    for (int round = 0; round < diagram->box_count; round++) {
        for (int i = 0; i < diagram->box_count; i++) {
            const struct span other = span_of(&diagram->boxes[i].place, across);
            if (is_obstacle(diagram, i, arrow, along) && other.low - CLEARANCE <= free.low &&
                free.low < other.high + CLEARANCE) {
                free.low = other.high + CLEARANCE;
            }
        }
    }
    for (int i = 0; i < diagram->box_count; i++) {
        const struct span other = span_of(&diagram->boxes[i].place, across);
        if (is_obstacle(diagram, i, arrow, along) && other.low > free.low && other.low - CLEARANCE < free.high) {
            free.high = other.low - CLEARANCE;
        }
    }
    return free;
}

/* 0: no arrow goes back; else which of the two this is, the first one 1. */
static int side_of(const struct diagram *diagram, const struct arrow *arrow)
{
    for (int i = 0; i < diagram->arrow_count; i++) {
        const struct arrow *other = &diagram->arrows[i];
        if (other->from == arrow->to && other->to == arrow->from) {
            return other > arrow ? 1 : 2;
        }
    }
    return 0;
}

/* The line of an arrow along an axis. False if there is none. */
static bool route(const struct diagram *diagram, const struct arrow *arrow, enum axis along, struct line *line)
{
    const enum axis across = along == X ? Y : X;
    const struct span from = span_of(&diagram->boxes[arrow->from].place, along);
    const struct span to = span_of(&diagram->boxes[arrow->to].place, along);
    const struct span free = free_stretch(diagram, arrow, along);
    if (is_empty(free) || is_empty(between(from, to))) {
        return false;
    }
    const int side = side_of(diagram, arrow);
    const int length = free.high - free.low;
    const int at = free.low + (side != 0 ? length * side / 3 : length / 2);
    const bool forward = from.high <= to.low;
    *line = (struct line){.tone = arrow->tone, .end = END_ARROW};
    line->from[across] = at;
    line->to[across] = at;
    line->from[along] = forward ? from.high : from.low;
    line->to[along] = forward ? to.low : to.high;
    return true;
}

/* ---- Printing -------------------------------------------------------------------------------------------------- */

/* Where a box begins for who comes from another: at the border of the group that it is in. */
static const struct rect *outer_place(const struct diagram *diagram, int box, int other)
{
    const struct rect *place = &diagram->boxes[box].place;
    for (int i = 0; i < diagram->box_count; i++) {
        const struct rect *group = &diagram->boxes[i].place;
        if (holds(group, place) && !holds(group, &diagram->boxes[other].place)) {
            place = group;
        }
    }
    return place;
}

/* Above a line across the page. */
static void print_label_above(const struct diagram *diagram, const struct arrow *arrow, int y)
{
    const struct span room = between(span_of(outer_place(diagram, arrow->from, arrow->to), X),
                                     span_of(outer_place(diagram, arrow->to, arrow->from), X));
    const struct lines lines = lines_of(arrow->label, (room.high - room.low) / TEXT_CHARACTER);
    svg_lines((room.low + room.high) / 2, y - LABEL_GAP, ANCHOR_MIDDLE, FACE_LABEL, &lines);
}

/* Beside a line down the page; of two, on the outer side. */
static void print_label_beside(const struct arrow *arrow, const struct line *line, int side)
{
    const struct lines lines = lines_of(arrow->label, VERTICAL_LABEL_CHARACTERS);
    const int y = (line->from[Y] + line->to[Y] + (lines.count - 1) * TEXT_LINE) / 2 + 4;
    const int gap = side == 1 ? -LABEL_MARGIN : LABEL_MARGIN;
    svg_lines(line->from[X] + gap, y, side == 1 ? ANCHOR_END : ANCHOR_START, FACE_LABEL, &lines);
}

static bool print_arrow(const struct diagram *diagram, const struct arrow *arrow)
{
    struct line line;
    if (!route(diagram, arrow, X, &line) && !route(diagram, arrow, Y, &line)) {
        fprintf(stderr, "there is no place for an arrow from %s to %s: %s\n", diagram->boxes[arrow->from].name,
                diagram->boxes[arrow->to].name, arrow->label);
        return false;
    }
    svg_line(&line);
    if (line.from[Y] == line.to[Y]) {
        print_label_above(diagram, arrow, line.from[Y]);
    } else {
        print_label_beside(arrow, &line, side_of(diagram, arrow));
    }
    return true;
}

static void print_box(const struct box *box)
{
    const struct rect *place = &box->place;
    svg_rect(place, box->border, box->tone);
    if (box->border == BORDER_GROUP) {
        svg_text(place->at[X] + LABEL_MARGIN, place->at[Y] + TEXT_LINE + 2, ANCHOR_START, FACE_NOTE, box->name);
        return;
    }
    const struct lines note = lines_of(box->note, (place->size[X] - LABEL_MARGIN) / (TEXT_CHARACTER - 1));
    const int x = place->at[X] + place->size[X] / 2;
    const int y = place->at[Y] + (place->size[Y] - note.count * TEXT_LINE) / 2 + 5;
    svg_text(x, y, ANCHOR_MIDDLE, FACE_NAME, box->name);
    svg_lines(x, y + note.count * TEXT_LINE, ANCHOR_MIDDLE, FACE_NOTE, &note);
}

static void print_legend(const struct diagram *diagram)
{
    const int x = diagram->legend_at[X];
    int y = diagram->legend_at[Y];
    for (int i = 0; i < LEGEND_MAX && diagram->legend[i].text != NULL; i++, y += TEXT_LINE + CLEARANCE) {
        const struct legend *legend = &diagram->legend[i];
        svg_line(&(struct line){{x, y}, {x + LEGEND_LINE, y}, legend->tone, END_ARROW, false});
        svg_text(x + LEGEND_LINE + LABEL_MARGIN, y + 4, ANCHOR_START, FACE_NOTE, legend->text);
    }
}

/* What the arrows say, for those who do not see them. */
static void describe(const struct diagram *diagram)
{
    for (int i = 0; i < diagram->arrow_count; i++) {
        const struct arrow *arrow = &diagram->arrows[i];
        const char *const pieces[] = {
            diagram->boxes[arrow->from].name, " to ", diagram->boxes[arrow->to].name, ": ", arrow->label, ".\n"};
        for (size_t piece = 0; piece < sizeof pieces / sizeof pieces[0]; piece++) {
            svg_describe(pieces[piece]);
        }
    }
    svg_described();
}

/* Groups first: what they hold is drawn upon them. */
bool diagram_print(const struct diagram *diagram)
{
    svg_begin(diagram->size[X], diagram->size[Y], diagram->title, diagram->description);
    describe(diagram);
    bool done = true;
    for (int is_group = 1; is_group >= 0; is_group--) {
        for (int i = 0; i < diagram->box_count; i++) {
            if ((diagram->boxes[i].border == BORDER_GROUP) == (is_group == 1)) {
                print_box(&diagram->boxes[i]);
            }
        }
    }
    for (int i = 0; i < diagram->arrow_count; i++) {
        done = print_arrow(diagram, &diagram->arrows[i]) && done;
    }
    print_legend(diagram);
    svg_end();
    return done;
}
