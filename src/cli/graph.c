#include <stdio.h>
#include <string.h>

#include "cli/check.h"
#include "cli/commands.h"
#include "cli/formal.h"

/* The text of a cell; for a change it follows an arrow and the next state. */
static const char *const transition_words[] = {
    [TJOB_TRANSITION_NOT_FOUND] = "not found",
    [TJOB_TRANSITION_REFUSED] = "refused",
    [TJOB_TRANSITION_IN_USE] = "in use",
    [TJOB_TRANSITION_UNCHANGED] = "unchanged",
    [TJOB_TRANSITION_CHANGE] = "",
    [TJOB_TRANSITION_SAME_TOKEN] = "unchanged if the same token, else in use",
    [TJOB_TRANSITION_SAME_TRAINER] = "unchanged if the same trainer, else refused",
    [TJOB_TRANSITION_STOP_SUBMITTED] = " (or unchanged or refused, by policy)",
    [TJOB_TRANSITION_STOP_FINISHED] = "unchanged (or refused, by policy)",
    [TJOB_TRANSITION_AFTER_TIMEOUT] = " once the stop has timed out",
};

static bool moves(tjob_event_kind event, tjob_state from, tjob_state to)
{
    const tjob_transition transition = tjob_transition_of(event, from);
    return transition.next != from && transition.next == to;
}

/* Prints a Markdown table: a row for each event, a column for each state. */
static void print_table(void)
{
    printf("| event |");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        printf(" %s |", tjob_state_name((tjob_state)state));
    }
    printf("\n| --- |");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        printf(" --- |");
    }
    printf("\n");
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        printf("| %s |", tjob_event_kind_name((tjob_event_kind)event));
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            const tjob_transition transition = tjob_transition_of((tjob_event_kind)event, (tjob_state)state);
            const bool changes = transition.next != (tjob_state)state;
            printf(" %s%s%s |", changes ? "-> " : "", changes ? tjob_state_name(transition.next) : "",
                   transition_words[transition.kind]);
        }
        printf("\n");
    }
}

/* ---- Edges ----------------------------------------------------------------------------------------------------- */

enum { LABEL_BYTES_MAX = 512 };

static void graph_append(char label[LABEL_BYTES_MAX], const char *separator, const char *text)
{
    const size_t length = strlen(label);
    snprintf(label + length, LABEL_BYTES_MAX - length, "%s%s", length != 0 ? separator : "", text);
}

/* Lists the events that move a job from one state to the other, by the table. */
static void label_by_table(tjob_state from, tjob_state to, char label[LABEL_BYTES_MAX])
{
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        if (moves((tjob_event_kind)event, from, to)) {
            graph_append(label, ", ", tjob_event_kind_name((tjob_event_kind)event));
        }
    }
}

/* An output format: an edge for each pair of states with a label. */
struct graph_format {
    void (*begin)(void);
    void (*edge)(tjob_state from, tjob_state to, const char *label);
    void (*end)(void);
};

static void print_edges(const struct graph_format *format,
                        void (*label_of)(tjob_state, tjob_state, char[LABEL_BYTES_MAX]))
{
    format->begin();
    for (int from = 0; from < TJOB_STATE_COUNT; from++) {
        for (int to = 0; to < TJOB_STATE_COUNT; to++) {
            char label[LABEL_BYTES_MAX] = "";
            label_of((tjob_state)from, (tjob_state)to, label);
            if (label[0] != '\0') {
                format->edge((tjob_state)from, (tjob_state)to, label);
            }
        }
    }
    format->end();
}

static void begin_list(void)
{
    printf("| from | to | by |\n| --- | --- | --- |\n");
}

static void print_list_edge(tjob_state from, tjob_state to, const char *label)
{
    printf("| %s | %s | %s |\n", tjob_state_name(from), tjob_state_name(to), label);
}

static void end_nothing(void)
{
}

static void begin_dot(void)
{
    printf("digraph lifecycle {\n");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        const char *shape = tjob_state_is_terminal((tjob_state)state) ? "doubleoctagon" : "box";
        printf("    %s [shape=%s];\n", tjob_state_name((tjob_state)state), shape);
    }
}

static void print_dot_edge(tjob_state from, tjob_state to, const char *label)
{
    printf("    %s -> %s [label=\"%s\"];\n", tjob_state_name(from), tjob_state_name(to), label);
}

static void end_dot(void)
{
    printf("}\n");
}

static void begin_mermaid(void)
{
    printf("stateDiagram-v2\n");
}

/* In Mermaid state diagrams [*] is the initial and final state: here ABSENT. */
static const char *mermaid_name(tjob_state state)
{
    return state == TJOB_ABSENT ? "[*]" : tjob_state_name(state);
}

static void print_mermaid_edge(tjob_state from, tjob_state to, const char *label)
{
    printf("    %s --> %s: %s\n", mermaid_name(from), mermaid_name(to), label);
}

/* In the order of the words of --format. */
enum { FORMAT_TABLE, FORMAT_DOT, FORMAT_MERMAID, FORMAT_PROMELA, FORMAT_TLA };
static const struct graph_format graph_formats[] = {
    [FORMAT_TABLE] = {begin_list, print_list_edge, end_nothing},
    [FORMAT_DOT] = {begin_dot, print_dot_edge, end_dot},
    [FORMAT_MERMAID] = {begin_mermaid, print_mermaid_edge, end_nothing},
};

/* ---- Reachable transitions ------------------------------------------------------------------------------------- */

enum { REACHABLE_BYTES = 1 << 24 };

/* The actors that move a job from one state to another by an event: one bit for each actor. */
static struct {
    const tjob_lifecycle_model *model;
    unsigned by[TJOB_STATE_COUNT][TJOB_STATE_COUNT][TJOB_EVENT_KIND_COUNT];
} reached;

static void note_step(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    (void)context;
    const tjob_lifecycle_step what = tjob_lifecycle_model_step(reached.model, step->label);
    const uint32_t from = tjob_lifecycle_model_job(reached.model, before).state;
    const uint32_t to = tjob_lifecycle_model_job(reached.model, after).state;
    reached.by[from][to][what.event] |= from != to ? 1u << what.actor : 0;
}

/* Lists the events that moved a job from one state to the other in the model, each with its actors. */
static void label_as_reached(tjob_state from, tjob_state to, char label[LABEL_BYTES_MAX])
{
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        const char *separator = " by ";
        if (reached.by[from][to][event] != 0) {
            graph_append(label, ", ", tjob_event_kind_name((tjob_event_kind)event));
        }
        for (int actor = 0; actor < TJOB_ACTOR_COUNT; actor++) {
            if ((reached.by[from][to][event] >> actor & 1) != 0) {
                graph_append(label, separator, tjob_actor_name((tjob_actor)actor));
                separator = " or ";
            }
        }
    }
}

/* A small system that reaches every transition. */
static const tjob_lifecycle_config reachable_config = {.clients = 2, .trainers = 1, .faults = 1};

static int print_reachable(const struct arguments *arguments, const struct graph_format *format)
{
    struct check check;
    int code = EXIT_INCONCLUSIVE;
    if (check_set_up(&check, &reachable_config, REACHABLE_BYTES, check_threads(arguments)) && check_run(&check)) {
        reached.model = check.model;
        tjob_explorer_steps(check.explorer, note_step, NULL);
        print_edges(format, label_as_reached);
        code = EXIT_DONE;
    } else {
        fprintf(stderr, "tjob graph: cannot explore the whole model\n");
    }
    check_tear_down(&check);
    return code;
}

int command_graph(const struct arguments *arguments)
{
    const unsigned format = arguments->choices[OPTION_FORMAT];
    if (arguments->texts[OPTION_REACHABLE] != NULL) {
        if (format >= FORMAT_PROMELA) {
            return arguments_complain(arguments, "--reachable is not for --format", arguments->texts[OPTION_FORMAT]);
        }
        return print_reachable(arguments, &graph_formats[format]);
    }
    switch (format) {
    case FORMAT_TABLE:
        print_table();
        break;
    case FORMAT_PROMELA:
        promela_print();
        break;
    case FORMAT_TLA:
        tla_print();
        break;
    default:
        print_edges(&graph_formats[format], label_by_table);
        break;
    }
    return EXIT_DONE;
}
