#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/formal.h"
#include "cli/promela_text.h"
#include "cli/semantics.h"

static void print_promela_state(tjob_state state)
{
    formal_print_constant("TJOB_", tjob_state_name(state));
}

static void print_event(tjob_event_kind event)
{
    formal_print_constant("TJOB_", tjob_event_kind_name(event));
}

/* ---- Names ----------------------------------------------------------------------------------------------------- */

static void print_names(const char *type, int count, const char *(*name_of)(int))
{
    printf("/* tjob_%s */\nmtype = {", type);
    for (int i = 0; i < count; i++) {
        printf("%s\n    ", i != 0 ? "," : "");
        formal_print_constant("TJOB_", name_of(i));
    }
    printf("\n};\n");
}

static const char *promela_state(int i)
{
    return tjob_state_name((tjob_state)i);
}

static const char *promela_event(int i)
{
    return tjob_event_kind_name((tjob_event_kind)i);
}

static const char *promela_status(int i)
{
    return tjob_status_name((tjob_status)i);
}

static void print_all_names(void)
{
    print_names("state", TJOB_STATE_COUNT, promela_state);
    print_names("event", TJOB_EVENT_KIND_COUNT, promela_event);
    print_names("status", TJOB_STATUS_COUNT, promela_status);
}

/* ---- Tables ---------------------------------------------------------------------------------------------------- */

static void print_cell(tjob_state state, tjob_transition cell)
{
    printf("        :: TJOB_SELF.job.state == ");
    print_promela_state(state);
    printf(" -> tjob_%s(", formal_kind_name(cell.kind));
    if (formal_kind_moves(cell.kind)) {
        print_promela_state(cell.next);
    }
    printf(")\n");
}

static void print_transitions(const char *name, tjob_transition (*cell_of)(tjob_event_kind, tjob_state))
{
    printf("inline tjob_%s()\n{\n    if\n", name);
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        printf("    :: TJOB_SELF.event == ");
        print_event((tjob_event_kind)event);
        printf(" ->\n        if\n");
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            print_cell((tjob_state)state, cell_of((tjob_event_kind)event, (tjob_state)state));
        }
        printf("        fi\n");
    }
    printf("    fi\n}\n");
}

/* Prints the moves of the reference: a condition on an event, the state before and the state after. */
static void print_moves_of_reference(void)
{
    printf("#define TJOB_FOLLOWS_TABLE(event, from, to) \\\n    (false");
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            const tjob_transition cell = semantics_reference((tjob_event_kind)event, (tjob_state)state);
            if (formal_kind_moves(cell.kind)) {
                printf(" || \\\n     (event == ");
                print_event((tjob_event_kind)event);
                printf(" && from == ");
                print_promela_state((tjob_state)state);
                printf(" && to == ");
                print_promela_state(cell.next);
                printf(")");
            }
        }
    }
    printf(")\n");
}

static void print_reference(void)
{
    print_transitions("reference", semantics_reference);
    printf("\n");
    print_moves_of_reference();
}

static void print_own_table(void)
{
    print_transitions("table", tjob_transition_of);
}

/* ---- Sets of events and states --------------------------------------------------------------------------------- */

static void print_fence(const char *name, enum semantics_fence fence)
{
    const char *separator = "";
    printf("#define TJOB_%s(kind) \\\n    (", name);
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        if (semantics_stale(fence, (tjob_event_kind)event)) {
            printf("%skind == ", separator);
            print_event((tjob_event_kind)event);
            separator = " || \\\n     ";
        }
    }
    printf("%s)\n", separator[0] == '\0' ? "false" : "");
}

static void print_fencing(void)
{
    static const char *const names[SEMANTICS_FENCE_COUNT] = {
        [SEMANTICS_OF_OTHER_INCARNATION] = "STALE_OF_OTHER_INCARNATION",
        [SEMANTICS_WHEN_ABSENT] = "FENCED_WHEN_ABSENT",
        [SEMANTICS_WITHOUT_TRAINER] = "STALE_WITHOUT_TRAINER",
        [SEMANTICS_BEFORE_TRAINER] = "STALE_BEFORE_TRAINER",
        [SEMANTICS_OF_OTHER_TRAINER] = "STALE_OF_OTHER_TRAINER",
    };
    for (int fence = 0; fence < SEMANTICS_FENCE_COUNT; fence++) {
        print_fence(names[fence], (enum semantics_fence)fence);
    }
}

static void print_final_states(void)
{
    const char *separator = "";
    printf("#define TJOB_IS_FINAL(state) \\\n    (");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        if (tjob_state_is_final((tjob_state)state)) {
            printf("%sstate == ", separator);
            print_promela_state((tjob_state)state);
            separator = " || \\\n     ";
        }
    }
    printf(")\n");
}

/* ---- What a change sets ---------------------------------------------------------------------------------------- */

static void print_promela_set(tjob_state next, enum semantics_field field)
{
    static const char *const fields[SEMANTICS_FIELD_COUNT][2] = {
        [SEMANTICS_TOKEN] = {"token", "TJOB_SELF.token"},   [SEMANTICS_TRAINER] = {"trainer", "TJOB_SELF.of_trainer"},
        [SEMANTICS_SUBMITTED] = {"submitted", "tjob_time"}, [SEMANTICS_STARTED] = {"started", "tjob_time"},
        [SEMANTICS_REQUESTED] = {"requested", "tjob_time"}, [SEMANTICS_ENDED] = {"ended", "tjob_time"},
    };
    const enum semantics_set set = semantics_set_by(next, field);
    const char *name = fields[field][0];
    if (set == SEMANTICS_SET_ALWAYS) {
        printf("        TJOB_SELF.job.%s = %s;\n", name, fields[field][1]);
    } else if (set == SEMANTICS_SET_IF_UNSET) {
        printf("        TJOB_SELF.job.%s = (TJOB_SELF.job.%s == 0 -> %s : TJOB_SELF.job.%s);\n", name, name,
               fields[field][1], name);
    }
}

static void print_moves(void)
{
    printf("inline tjob_move()\n{\n    if\n");
    for (int state = 0; state < TJOB_STATE_COUNT; state++) {
        printf("    :: tjob_to == ");
        print_promela_state((tjob_state)state);
        printf(" ->\n");
        if (state == TJOB_ABSENT) {
            printf("        tjob_clear(TJOB_SELF.job);\n");
        }
        for (int field = 0; field < SEMANTICS_FIELD_COUNT; field++) {
            print_promela_set((tjob_state)state, (enum semantics_field)field);
        }
        printf("        TJOB_SELF.job.state = tjob_to\n");
    }
    printf("    fi\n}\n");
}

/* ---- The model ------------------------------------------------------------------------------------------------- */

static void print_max_attempts(void)
{
    printf("#define TJOB_MAX_ATTEMPTS %d\n", TJOB_MAX_ATTEMPTS_DEFAULT);
}

static void print_at(const char *mark)
{
    static const struct {
        const char *mark;
        void (*print)(void);
    } marks[] = {
        {"max_attempts", print_max_attempts}, {"names", print_all_names}, {"table", print_own_table},
        {"reference", print_reference},       {"fencing", print_fencing}, {"moves", print_moves},
        {"final", print_final_states},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].mark, mark) == 0) {
            marks[i].print();
        }
    }
}

void promela_print(void)
{
    static const struct formal_language promela = {promela_text, print_at, "/* ", " */"};
    formal_print(&promela);
}
