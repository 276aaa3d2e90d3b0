/*
 * What the library's own model checker says of the system that `tjob graph --format promela` exports, for spin.sh:
 *
 *   counterpart promela             the exported model
 *   counterpart cells some|all      changes of the table: EVENT STATE KIND NEXT; one of each cell, or all
 *   counterpart states CONFIG       the number of its states, without reductions
 *   counterpart changes CONFIG      each change of the record, as the exported model prints it
 *   counterpart violated CONFIG     the properties that are violated
 *
 * CONFIG: clients trainers retries faults incarnations stop_submitted stop_finished, as numbers. The table may have
 * changed cells: seeded_lifecycle.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/formal.h"
#include "support/lifecycle_run.h"

enum { STATES_MAX = 1 << 21 };

static void print_upper(const char *name)
{
    formal_print_constant("TJOB_", name);
}

static void print_job(const tjob_job *job)
{
    print_upper(tjob_state_name((tjob_state)job->state));
    printf(" %d %d %d %d %d %d %d", (int)job->submit_token, (int)job->incarnation, (int)job->trainer_token,
           (int)job->submitted_ms, (int)job->training_started_ms, (int)job->stop_requested_ms, (int)job->ended_ms);
}

static void print_change(void *context, const unsigned char *before, const tjob_step *step, const unsigned char *after)
{
    const tjob_lifecycle_model *model = context;
    tjob_job jobs[2] = {tjob_lifecycle_model_job(model, before), tjob_lifecycle_model_job(model, after)};
    if (memcmp(&jobs[0], &jobs[1], sizeof jobs[0]) == 0) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        jobs[i].incarnation = jobs[i].state != TJOB_ABSENT ? jobs[i].incarnation : 0;
    }
    printf("tjob ");
    print_upper(tjob_event_kind_name(tjob_lifecycle_model_step(model, step->label).event));
    printf(": ");
    print_job(&jobs[0]);
    printf(" -> ");
    print_job(&jobs[1]);
    printf("\n");
}

static void print_violated(const struct lifecycle_run *run)
{
    for (uint32_t i = 0; i < run->system->property_count; i++) {
        if (tjob_explorer_verdict(run->explored.explorer, i) == TJOB_VERDICT_VIOLATED) {
            printf("%s\n", run->system->properties[i].name);
        }
    }
}

static int ask_checker(const char *question, char **config)
{
    const bool of_all_states = strcmp(question, "states") == 0;
    struct lifecycle_run run =
        lifecycle_explore(&(tjob_lifecycle_config){.clients = (uint32_t)atoi(config[0]),
                                                   .trainers = (uint32_t)atoi(config[1]),
                                                   .retries = (uint32_t)atoi(config[2]),
                                                   .faults = (uint32_t)atoi(config[3]),
                                                   .incarnations = (uint32_t)atoi(config[4]),
                                                   .policy = {.stop_submitted = (uint32_t)atoi(config[5]),
                                                              .stop_finished = (uint32_t)atoi(config[6])},
                                                   .no_symmetry = of_all_states,
                                                   .no_reduction = of_all_states},
                          1, STATES_MAX);
    const bool ended = run.explored.end == TJOB_EXPLORATION_COMPLETE || run.explored.end == TJOB_EXPLORATION_VIOLATED;
    if (of_all_states) {
        printf("%" PRIu64 "\n", run.explored.counts.states);
    } else if (strcmp(question, "changes") == 0) {
        tjob_explorer_steps(run.explored.explorer, print_change, run.model);
    } else {
        print_violated(&run);
    }
    lifecycle_end(&run);
    return ended ? 0 : 1;
}

/* ---- Changes of the table -------------------------------------------------------------------------------------- */

static void print_cell(int event, int state, tjob_transition cell)
{
    printf("%d %d %d %d\n", event, state, (int)cell.kind, (int)cell.next);
}

/* Lists the cells that a cell can be changed to. Those that cannot name a state other than STOPPED do not. */
static int other_cells(tjob_transition cell, int state, tjob_transition others[])
{
    int count = 0;
    for (int kind = 0; kind <= TJOB_TRANSITION_AFTER_TIMEOUT; kind++) {
        for (int next = 0; next < TJOB_STATE_COUNT; next++) {
            const bool may_be = kind == TJOB_TRANSITION_CHANGE                  ? true
                                : formal_kind_moves((tjob_transition_kind)kind) ? next == TJOB_STOPPED
                                                                                : next == state;
            if (may_be && (kind != (int)cell.kind || next != (int)cell.next)) {
                others[count++] = (tjob_transition){(tjob_transition_kind)kind, (tjob_state)next};
            }
        }
    }
    return count;
}

static void print_cells(bool all)
{
    tjob_transition others[TJOB_STATE_COUNT * (TJOB_TRANSITION_AFTER_TIMEOUT + 1)];
    for (int event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (int state = 0; state < TJOB_STATE_COUNT; state++) {
            const int count = other_cells(tjob_transition_of((tjob_event_kind)event, (tjob_state)state), state, others);
            for (int i = 0; i < count; i++) {
                if (all || i == (event * TJOB_STATE_COUNT + state) * 7 % count) {
                    print_cell(event, state, others[i]);
                }
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "promela") == 0) {
        promela_print();
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "cells") == 0) {
        print_cells(strcmp(argv[2], "all") == 0);
        return 0;
    }
    return argc == 9 ? ask_checker(argv[1], argv + 2) : 2;
}
