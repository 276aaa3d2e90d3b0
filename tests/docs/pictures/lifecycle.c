/* The lifecycle: states and arrows are those of the table, tjob_transition_of; where a state is put is decided here. */
#include <string.h>

#include "docs/pictures/diagram.h"
#include "docs/pictures/pictures.h"
#include "tjob/job.h"

enum { TERMINAL = TJOB_STATE_COUNT, BOX_COUNT, GROUP_PADDING = 12, GROUP_TITLE = 14 };

static const struct rect places[TJOB_STATE_COUNT] = {
    [TJOB_ABSENT] = {{16, 574}, {110, 44}},
    [TJOB_SUBMITTED] = {{16, 32}, {110, 472}},
    [TJOB_TRAINING] = {{190, 32}, {106, 312}},
    [TJOB_STOP_REQUESTED] = {{734, 32}, {150, 472}},
    [TJOB_STOPPED] = {{420, 436}, {200, 68}},
    [TJOB_TRAINED] = {{420, 144}, {200, 60}},
    [TJOB_TRAINED_WITH_WARNING] = {{420, 220}, {200, 60}},
    [TJOB_IN_ERROR] = {{420, 296}, {200, 124}},
    [TJOB_DELETING] = {{420, 574}, {200, 44}},
};

/* The events that move a job from one state to another. */
static struct arrow arrow_between(tjob_state from, tjob_state to)
{
    struct arrow arrow = {.from = (int)from, .to = (int)to};
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        const tjob_transition rule = tjob_transition_of((tjob_event_kind)event, from);
        if (rule.next == to && rule.next != from) {
            add_words(arrow.label, tjob_event_kind_name((tjob_event_kind)event));
        }
    }
    arrow.tone = to == TJOB_STOP_REQUESTED || to == TJOB_STOPPED ? TONE_MAIN : TONE_PLAIN;
    return arrow;
}

/* Around all terminal states. */
static struct rect place_of_group(void)
{
    const struct rect *first = &places[TJOB_TRAINED];
    const struct rect *last = &places[TJOB_STOPPED];
    return (struct rect){{first->at[X] - GROUP_PADDING, first->at[Y] - GROUP_PADDING - GROUP_TITLE},
                         {first->size[X] + 2 * GROUP_PADDING,
                          last->at[Y] + last->size[Y] - first->at[Y] + 2 * GROUP_PADDING + GROUP_TITLE}};
}

static void add_boxes(struct diagram *diagram)
{
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        diagram->boxes[state] = (struct box){
            .name = tjob_state_name((tjob_state)state),
            .place = places[state],
            .border = state == TJOB_ABSENT                        ? BORDER_DASHED
                      : tjob_state_is_terminal((tjob_state)state) ? BORDER_DOUBLE
                                                                  : BORDER_SINGLE,
            .tone = state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED ? TONE_MAIN : TONE_PLAIN,
        };
    }
    diagram->boxes[TERMINAL] =
        (struct box){.name = "terminal", .place = place_of_group(), .border = BORDER_GROUP, .tone = TONE_PLAIN};
    diagram->box_count = BOX_COUNT;
}

/* Whether every terminal state moves to a state by the same events: they are then drawn once, from around them all. */
static bool moves_from_all(tjob_state to)
{
    const struct arrow first = arrow_between(TJOB_STOPPED, to);
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        const struct arrow arrow = arrow_between((tjob_state)state, to);
        if (tjob_state_is_terminal((tjob_state)state) && strcmp(arrow.label, first.label) != 0) {
            return false;
        }
    }
    return first.label[0] != '\0';
}

static bool add_arrows_to(struct diagram *diagram, tjob_state to)
{
    const bool once = moves_from_all(to);
    bool done = true;
    for (int from = 0; from < TJOB_STATE_COUNT; from++) {
        const struct arrow arrow = arrow_between((tjob_state)from, to);
        const bool is_of_group = once && tjob_state_is_terminal((tjob_state)from);
        if (arrow.label[0] != '\0' && !is_of_group) {
            done = diagram_add(diagram, &arrow) && done;
        }
    }
    if (once) {
        struct arrow arrow = arrow_between(TJOB_STOPPED, to);
        arrow.from = TERMINAL;
        done = diagram_add(diagram, &arrow) && done;
    }
    return done;
}

bool picture_lifecycle(void)
{
    static struct diagram diagram = {
        .title = "The lifecycle of a job",
        .description = "States and the events that move a job from one to another.",
        .size = {900, 634},
        .legend = {{TONE_MAIN, "the path of a stop"}},
        .legend_at = {734, 596},
    };
    add_boxes(&diagram);
    bool done = true;
    for (int to = 0; to < TJOB_STATE_COUNT; to++) {
        done = add_arrows_to(&diagram, (tjob_state)to) && done;
    }
    return diagram_print(&diagram) && done;
}
