/* The lifecycle from the library's own table, and what a stop answers in each state under each policy. */
#include "page/page.h"

#include "page/situation.h"
#include "tjob/seeded_bug.h"
#include "tjob/response.h"

/* ---- The table ------------------------------------------------------------------------------------------------- */

/* The kinds of cells: the name, what fits in a cell, and its description. */
static const struct {
    const char *name;
    const char *brief;
    const char *description;
} read_kinds[] = {
    [TJOB_TRANSITION_NOT_FOUND] = {"not found", "not found", "There is no job of this name."},
    [TJOB_TRANSITION_REFUSED] = {"refused", "refused", "The event is not possible in this state. Nothing changes."},
    [TJOB_TRANSITION_IN_USE] = {"in use", "in use", "The job is active, and can be deleted only after it has ended."},
    [TJOB_TRANSITION_UNCHANGED] = {"unchanged", "unchanged", "The event is accepted and changes nothing."},
    [TJOB_TRANSITION_CHANGE] = {"change", "moves", "The event moves the job."},
    [TJOB_TRANSITION_SAME_TOKEN] =
        {"same token", "by token",
         "With the token of the submit that created the job it is a repeat, and changes nothing. With another one the "
         "name is in use."},
    [TJOB_TRANSITION_SAME_TRAINER] =
        {"same trainer", "by trainer",
         "From the trainer that started the job it is a repeat, and changes nothing. From another one it is refused."},
    [TJOB_TRANSITION_STOP_SUBMITTED] =
        {"stop submitted", "by policy",
         "Nothing runs yet. The policy stop-submitted decides: the job is stopped at once, the stop is accepted and "
         "changes nothing, or it is refused."},
    [TJOB_TRANSITION_STOP_FINISHED] =
        {"stop finished", "by policy",
         "The job has ended. The policy stop-finished decides: the stop is accepted and changes nothing, or it is "
         "refused. A job that has a stop time accepts it under every policy."},
    [TJOB_TRANSITION_AFTER_TIMEOUT] =
        {"after timeout", "by time",
         "Once the time-out has passed since the stop was requested, the job is stopped. Before, nothing changes."},
};

static void read_cell_json(struct page_json *json, tjob_event_kind event, tjob_state state)
{
    const tjob_transition transition = tjob_transition_of(event, state);
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "event", tjob_event_kind_name(event));
    tjob__page_member_string(json, "state", tjob_state_name(state));
    tjob__page_member_string(json, "kind", read_kinds[transition.kind].name);
    tjob__page_member_string(json, "next", tjob_state_name(transition.next));
    tjob__page_member_string(json, "short", read_kinds[transition.kind].brief);
    tjob__page_member_string(json, "description", read_kinds[transition.kind].description);
    tjob__page_close(json, '}');
}

static void read_move_json(struct page_json *json, tjob_event_kind event, tjob_state state)
{
    const tjob_transition transition = tjob_transition_of(event, state);
    if (transition.next != state) {
        tjob__page_open(json, '{');
        tjob__page_member_string(json, "from", tjob_state_name(state));
        tjob__page_member_string(json, "to", tjob_state_name(transition.next));
        tjob__page_member_string(json, "event", tjob_event_kind_name(event));
        tjob__page_close(json, '}');
    }
}

/* The states in the order of the lifecycle: the absent one, which is the first of the enum, comes last. */
static tjob_state read_state_at(unsigned number)
{
    return (tjob_state)((number + 1) % TJOB_STATE_COUNT);
}

static void read_each_cell(struct page_json *json, const char *name,
                           void (*write)(struct page_json *, tjob_event_kind, tjob_state))
{
    tjob__page_name(json, name);
    tjob__page_open(json, '[');
    for (unsigned event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        for (unsigned state = 0; state < TJOB_STATE_COUNT; state++) {
            write(json, (tjob_event_kind)event, read_state_at(state));
        }
    }
    tjob__page_close(json, ']');
}

/* ---- Stops ----------------------------------------------------------------------------------------------------- */

enum { EVENTS_MAX = 4, TRAINER = 1 };

/* The events that lead to a record in each state: with a stop time, and without one where there is such a record. */
static const struct {
    tjob_event_kind events[EVENTS_MAX];
    unsigned count;
} read_records[] = {
    {{TJOB_SUBMIT}, 1},
    {{TJOB_SUBMIT, TJOB_START}, 2},
    {{TJOB_SUBMIT, TJOB_START, TJOB_STOP}, 3},
    {{TJOB_SUBMIT, TJOB_STOP}, 2},
    {{TJOB_SUBMIT, TJOB_START, TJOB_COMPLETED}, 3},
    {{TJOB_SUBMIT, TJOB_START, TJOB_STOP, TJOB_COMPLETED}, 4},
    {{TJOB_SUBMIT, TJOB_START, TJOB_COMPLETED_WITH_WARNING}, 3},
    {{TJOB_SUBMIT, TJOB_START, TJOB_STOP, TJOB_COMPLETED_WITH_WARNING}, 4},
    {{TJOB_SUBMIT, TJOB_START, TJOB_FAILED}, 3},
    {{TJOB_SUBMIT, TJOB_START, TJOB_STOP, TJOB_FAILED}, 4},
    {{TJOB_SUBMIT, TJOB_START, TJOB_COMPLETED, TJOB_DELETE}, 4},
    {{TJOB_SUBMIT, TJOB_STOP, TJOB_DELETE}, 3},
    {{TJOB_SUBMIT}, 0},
};

static tjob_job read_record(unsigned number)
{
    static const tjob_policy policy;
    tjob_job job = {.state = TJOB_ABSENT, .incarnation = 1};
    for (unsigned i = 0; i < read_records[number].count; i++) {
        const tjob_event_kind kind = read_records[number].events[i];
        const bool of_trainer = kind != TJOB_SUBMIT && !tjob_operation_is_of_client(kind);
        const tjob_event event = {.kind = (uint32_t)kind, .token = 1, .trainer_token = of_trainer ? TRAINER : 0};
        (void)tjob_job_apply(&job, &event, i + 1, &policy, &job);
    }
    return job;
}

/* Returns the outcome of a stop, over a store that holds this record. */
static tjob_outcome read_stop(const tjob_job *job, const tjob_policy *policy)
{
    static const tjob_event stop = {.kind = TJOB_STOP};
    const tjob_load_status found = job->state != TJOB_ABSENT ? TJOB_LOAD_OK : TJOB_LOAD_NOT_FOUND;
    tjob_operation operation;
    tjob_operation_begin(&operation, &stop);
    tjob_operation_authorized(&operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&operation, TJOB_ADMISSION_ADMITTED);
    tjob_operation_loaded(&operation, policy, found, job, 1, EVENTS_MAX + 1);
    tjob_operation_swapped(&operation, TJOB_SWAP_OK);
    return tjob_operation_outcome(&operation);
}

static void read_stop_json(struct page_json *json, const tjob_job *job, const tjob_policy *policy)
{
    const tjob_request request = {.operation = TJOB_STOP};
    const tjob_outcome outcome = read_stop(job, policy);
    char body[TJOB_RESPONSE_ERROR_BYTES_MAX];
    tjob_http_response response;
    (void)tjob_response_encode(&response, &request, (tjob_text){"", 0}, &outcome, (tjob_text){"", 0}, body,
                               sizeof body);
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "state", tjob_state_name((tjob_state)job->state));
    tjob__page_member_bool(json, "stop_requested", job->stop_requested_ms != 0);
    tjob__page_member_string(json, "stop-submitted", tjob__page_stop_submitted_word(policy->stop_submitted));
    tjob__page_member_string(json, "stop-finished", tjob__page_stop_finished_word(policy->stop_finished));
    tjob__page_member_count(json, "status", (uint32_t)response.status);
    tjob__page_name(json, "error");
    tjob__page_text(json, response.error_type);
    tjob__page_member_string(json, "answer", tjob_status_name(outcome.status));
    tjob__page_member_string(json, "after", tjob_state_name(outcome.after));
    tjob__page_close(json, '}');
}

static void read_stops_json(struct page_json *json)
{
    tjob__page_name(json, "stops");
    tjob__page_open(json, '[');
    for (unsigned number = 0; number < sizeof read_records / sizeof read_records[0]; number++) {
        const tjob_job job = read_record(number);
        for (uint32_t submitted = 0; submitted <= TJOB_STOP_SUBMITTED_REFUSED; submitted++) {
            for (uint32_t finished = 0; finished <= TJOB_STOP_FINISHED_REFUSED; finished++) {
                read_stop_json(json, &job, &(tjob_policy){.stop_submitted = submitted, .stop_finished = finished});
            }
        }
    }
    tjob__page_close(json, ']');
}

/* ---- Parameters ------------------------------------------------------------------------------------------------ */

static void read_parameter_json(struct page_json *json, const struct page_parameter *parameter)
{
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "name", parameter->name);
    tjob__page_member_string(json, "kind", parameter->word != NULL ? "word" : "number");
    if (parameter->word != NULL) {
        tjob__page_member_string(json, "otherwise", parameter->word((unsigned)parameter->otherwise));
        tjob__page_name(json, "words");
        tjob__page_open(json, '[');
        for (unsigned i = 0; parameter->word(i) != NULL; i++) {
            tjob__page_string(json, parameter->word(i));
        }
        tjob__page_close(json, ']');
    } else {
        tjob__page_member_decimal(json, "otherwise", parameter->otherwise);
        tjob__page_member_decimal(json, "least", parameter->least);
        tjob__page_member_decimal(json, "most", parameter->most);
    }
    tjob__page_close(json, '}');
}

static void read_parameters_json(struct page_json *json)
{
    static const struct {
        const char *name;
        const struct page_parameter *table;
        size_t count;
    } functions[] = {{"play", tjob__situation_parameters, SITUATION_PARAMETER_COUNT},
                     {"check", tjob__check_parameters, CHECK_PARAMETER_COUNT},
                     {"history", tjob__history_parameters, HISTORY_PARAMETER_COUNT}};
    tjob__page_name(json, "parameters");
    tjob__page_open(json, '{');
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        tjob__page_name(json, functions[i].name);
        tjob__page_open(json, '[');
        for (size_t k = 0; k < functions[i].count; k++) {
            read_parameter_json(json, &functions[i].table[k]);
        }
        tjob__page_close(json, ']');
    }
    tjob__page_close(json, '}');
    tjob__page_name(json, "bugs");
    tjob__page_open(json, '{');
    for (unsigned bug = 0; bug < TJOB_SEEDED_BUG_COUNT; bug++) {
        tjob__page_member_string(json, tjob_seeded_bug_name((tjob_seeded_bug)bug),
                                 tjob_seeded_bug_sentence((tjob_seeded_bug)bug));
    }
    tjob__page_close(json, '}');
}

static void read_states_json(struct page_json *json, const char *name, bool terminal_ones_alone)
{
    tjob__page_name(json, name);
    tjob__page_open(json, '[');
    for (unsigned number = 0; number < TJOB_STATE_COUNT; number++) {
        const tjob_state state = read_state_at(number);
        if (!terminal_ones_alone || tjob_state_is_terminal(state)) {
            tjob__page_string(json, tjob_state_name(state));
        }
    }
    tjob__page_close(json, ']');
}

void tjob__page_read(struct page_space *space, tjob_text input, struct page_json *json)
{
    (void)space, (void)input;
    tjob__page_open(json, '{');
    read_states_json(json, "states", false);
    read_states_json(json, "terminal", true);
    tjob__page_name(json, "events");
    tjob__page_open(json, '[');
    for (unsigned event = 0; event < TJOB_EVENT_KIND_COUNT; event++) {
        tjob__page_string(json, tjob_event_kind_name((tjob_event_kind)event));
    }
    tjob__page_close(json, ']');
    read_each_cell(json, "cells", read_cell_json);
    read_each_cell(json, "moves", read_move_json);
    read_stops_json(json);
    read_parameters_json(json);
    tjob__page_member_count(json, "input_bytes_max", PAGE_INPUT_BYTES_MAX);
    tjob__page_close(json, '}');
}
