#include <stdio.h>
#include <string.h>

#include "cli/verbs.h"
#include "tjob/job.h"

/* The words of a cell; where the rule moves the job, behind an arrow and its next state. */
static const char *const rule_words[] = {
    [TJOB_RULE_NOT_FOUND] = "not found",
    [TJOB_RULE_REFUSED] = "refused",
    [TJOB_RULE_IN_USE] = "in use",
    [TJOB_RULE_UNCHANGED] = "unchanged",
    [TJOB_RULE_CHANGE] = "",
    [TJOB_RULE_SAME_TOKEN] = "unchanged if the same token, else in use",
    [TJOB_RULE_SAME_WORKER] = "unchanged if the same worker, else refused",
    [TJOB_RULE_STOP_SUBMITTED] = " (or unchanged or refused, by policy)",
    [TJOB_RULE_STOP_FINISHED] = "unchanged (or refused, by policy)",
    [TJOB_RULE_AFTER_TIMEOUT] = " once the stop has timed out",
};

static bool moves(tjob_event_kind event, tjob_state from, tjob_state to)
{
    const tjob_rule rule = tjob_rule_of(event, from);
    return rule.next != from && rule.next == to;
}

/* A Markdown table: a row an event, a column a state. */
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
            const tjob_rule rule = tjob_rule_of((tjob_event_kind)event, (tjob_state)state);
            const bool changes = rule.next != (tjob_state)state;
            printf(" %s%s%s |", changes ? "-> " : "", changes ? tjob_state_name(rule.next) : "", rule_words[rule.kind]);
        }
        printf("\n");
    }
}

/* Prints an edge for each pair of states between which some event moves a job, the events joined in its label. */
static void print_edges(void (*print_edge)(tjob_state from, tjob_state to, const char *label))
{
    for (int from = 0; from < TJOB_STATE_COUNT; from++) {
        for (int to = 0; to < TJOB_STATE_COUNT; to++) {
            char label[256] = "";
            for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
                if (moves((tjob_event_kind)event, (tjob_state)from, (tjob_state)to)) {
                    const size_t length = strlen(label);
                    snprintf(label + length, sizeof label - length, "%s%s", length != 0 ? ", " : "",
                             tjob_event_kind_name((tjob_event_kind)event));
                }
            }
            if (label[0] != '\0') {
                print_edge((tjob_state)from, (tjob_state)to, label);
            }
        }
    }
}

static void print_dot_edge(tjob_state from, tjob_state to, const char *label)
{
    printf("    %s -> %s [label=\"%s\"];\n", tjob_state_name(from), tjob_state_name(to), label);
}

static void print_dot(void)
{
    printf("digraph lifecycle {\n");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        const char *shape = tjob_state_is_terminal((tjob_state)state) ? "doubleoctagon" : "box";
        printf("    %s [shape=%s];\n", tjob_state_name((tjob_state)state), shape);
    }
    print_edges(print_dot_edge);
    printf("}\n");
}

/* In Mermaid's state diagrams [*] is where a machine begins and ends: here, absence. */
static const char *mermaid_name(tjob_state state)
{
    return state == TJOB_ABSENT ? "[*]" : tjob_state_name(state);
}

static void print_mermaid_edge(tjob_state from, tjob_state to, const char *label)
{
    printf("    %s --> %s: %s\n", mermaid_name(from), mermaid_name(to), label);
}

static void print_mermaid(void)
{
    printf("stateDiagram-v2\n");
    print_edges(print_mermaid_edge);
}

int verb_graph(const struct arguments *arguments)
{
    /* In the order of the words of the option. */
    static void (*const formats[])(void) = {print_table, print_dot, print_mermaid};
    formats[arguments->choices[OPTION_FORMAT]]();
    return EXIT_DONE;
}
