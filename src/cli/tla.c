#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/formal.h"
#include "cli/semantics.h"
#include "cli/tla_text.h"

static void print_string(const char *name)
{
    formal_print_constant("\"", name);
    printf("\"");
}

/* ---- Sets ------------------------------------------------------------------------------------------------------ */

static const char *name_of_state(int i)
{
    return tjob_state_name((tjob_state)i);
}

static const char *name_of_event(int i)
{
    return tjob_event_kind_name((tjob_event_kind)i);
}

static const char *name_of_status(int i)
{
    return tjob_status_name((tjob_status)i);
}

/* Prints the names of the values whose bits are set. */
static void print_tla_set(const char *name, int count, const char *(*name_of)(int), unsigned bits)
{
    const char *separator = "";
    printf("%s ==\n    {", name);
    for (int i = 0; i < count; i++) {
        if ((bits >> i & 1) != 0) {
            printf("%s", separator);
            print_string(name_of(i));
            separator = i % 4 == 3 ? ",\n     " : ", ";
        }
    }
    printf("}\n");
}

enum { ALL = -1 };

static void print_tla_names(void)
{
    print_tla_set("States", TJOB_STATE_COUNT, name_of_state, (unsigned)ALL);
    print_tla_set("Events", TJOB_EVENT_KIND_COUNT, name_of_event, (unsigned)ALL);
    print_tla_set("Statuses", TJOB_STATUS_COUNT, name_of_status, (unsigned)ALL);
}

static void print_tla_final(void)
{
    unsigned bits = 0;
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        bits |= tjob_state_is_final((tjob_state)state) ? 1u << state : 0;
    }
    print_tla_set("FinalStates", TJOB_STATE_COUNT, name_of_state, bits);
}

static void print_tla_fencing(void)
{
    static const char *const names[SEMANTICS_FENCE_COUNT] = {
        [SEMANTICS_OF_OTHER_INCARNATION] = "StaleOfOtherIncarnation", [SEMANTICS_WHEN_ABSENT] = "FencedWhenAbsent",
        [SEMANTICS_WITHOUT_TRAINER] = "StaleWithoutTrainer",          [SEMANTICS_BEFORE_TRAINER] = "StaleBeforeTrainer",
        [SEMANTICS_OF_OTHER_TRAINER] = "StaleOfOtherTrainer",
    };
    for (int fence = 0; fence < SEMANTICS_FENCE_COUNT; fence++) {
        unsigned bits = 0;
        for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
            bits |= semantics_stale((enum semantics_fence)fence, (tjob_event_kind)event) ? 1u << event : 0;
        }
        print_tla_set(names[fence], TJOB_EVENT_KIND_COUNT, name_of_event, bits);
    }
}

/* ---- Tables ---------------------------------------------------------------------------------------------------- */

static void print_tla_cell(tjob_transition cell)
{
    static const char *const operators[] = {
        [TJOB_TRANSITION_NOT_FOUND] = "NotFound",
        [TJOB_TRANSITION_REFUSED] = "Refused",
        [TJOB_TRANSITION_IN_USE] = "InUse",
        [TJOB_TRANSITION_UNCHANGED] = "Unchanged",
        [TJOB_TRANSITION_CHANGE] = "Moves",
        [TJOB_TRANSITION_SAME_TOKEN] = "SameToken",
        [TJOB_TRANSITION_SAME_TRAINER] = "SameTrainer",
        [TJOB_TRANSITION_STOP_SUBMITTED] = "StopOfSubmitted",
        [TJOB_TRANSITION_STOP_FINISHED] = "StopOfFinished",
        [TJOB_TRANSITION_AFTER_TIMEOUT] = "AfterTimeout",
    };
    printf("%s", operators[cell.kind]);
    if (formal_kind_moves(cell.kind)) {
        printf("(");
        print_string(tjob_state_name(cell.next));
        printf(")");
    }
}

static void print_tla_transitions(const char *name, tjob_transition (*cell_of)(tjob_event_kind, tjob_state))
{
    printf("%s ==\n    [", name);
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        printf("%s", event != 0 ? ",\n     " : "");
        formal_print_constant("", tjob_event_kind_name((tjob_event_kind)event));
        printf(" |->\n        [");
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            printf("%s%s |-> ", state != 0 ? ",\n         " : "", tjob_state_name((tjob_state)state));
            print_tla_cell(cell_of((tjob_event_kind)event, (tjob_state)state));
        }
        printf("]");
    }
    printf("]\n");
}

static void print_tla_table(void)
{
    print_tla_transitions("Table", tjob_transition_of);
}

static void print_tla_reference(void)
{
    print_tla_transitions("Reference", semantics_reference);
}

/* ---- What a change sets ---------------------------------------------------------------------------------------- */

static void print_tla_field(tjob_state next, enum semantics_field field)
{
    static const char *const fields[SEMANTICS_FIELD_COUNT][2] = {
        [SEMANTICS_TOKEN] = {"token", "event.token"},  [SEMANTICS_TRAINER] = {"trainer", "event.trainer"},
        [SEMANTICS_SUBMITTED] = {"submitted", "time"}, [SEMANTICS_STARTED] = {"started", "time"},
        [SEMANTICS_REQUESTED] = {"requested", "time"}, [SEMANTICS_ENDED] = {"ended", "time"},
    };
    switch (semantics_set_by(next, field)) {
    case SEMANTICS_SET_ALWAYS:
        printf(", !.%s = %s", fields[field][0], fields[field][1]);
        break;
    case SEMANTICS_SET_IF_UNSET:
        printf(", !.%s = IF @ = 0 THEN %s ELSE @", fields[field][0], fields[field][1]);
        break;
    case SEMANTICS_SET_NEVER:
        break;
    }
}

static void print_tla_moves(void)
{
    printf("Moved(job, event, next, time) ==\n    CASE next = \"ABSENT\" -> NoJob\n");
    for (int state = TJOB_ABSENT + 1; state < TJOB_STATE_COUNT; state++) {
        printf("      [] next = \"%s\" -> [job EXCEPT !.state = next", tjob_state_name((tjob_state)state));
        for (int field = 0; field < SEMANTICS_FIELD_COUNT; field++) {
            print_tla_field((tjob_state)state, (enum semantics_field)field);
        }
        printf("]\n");
    }
}

/* ---- The module ------------------------------------------------------------------------------------------------ */

static void print_tla_max_attempts(void)
{
    printf("    MaxAttempts,    \\* %d: how often an operation swaps\n", TJOB_MAX_ATTEMPTS_DEFAULT);
}

static void print_tla_at(const char *mark)
{
    static const struct {
        const char *mark;
        void (*print)(void);
    } marks[] = {
        {"max_attempts", print_tla_max_attempts},
        {"names", print_tla_names},
        {"table", print_tla_table},
        {"reference", print_tla_reference},
        {"fencing", print_tla_fencing},
        {"moves", print_tla_moves},
        {"final", print_tla_final},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].mark, mark) == 0) {
            marks[i].print();
        }
    }
}

void tla_print(void)
{
    static const struct formal_language tla = {tla_text, print_tla_at, "\\* ", ""};
    formal_print(&tla);
}
