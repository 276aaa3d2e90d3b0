/* A check: the exploration of the lifecycle model in one thread, with its progress and its result. */
#include <stddef.h>

#include "core/assert.h"
#include "page/convert.h"
#include "page/page.h"
#include "tjob/trace_printer.h"
#include "verify/explorer/conclusion.h"

enum check_parameter {
    CHECK_CLIENTS,
    CHECK_TRAINERS,
    CHECK_RETRIES,
    CHECK_FAULTS,
    CHECK_INCARNATIONS,
    CHECK_STOP_SUBMITTED,
    CHECK_STOP_FINISHED,
    CHECK_BUG,
    CHECK_REDUCTION,
    CHECK_MEMORY
};

enum { MEBIBYTE = 1 << 20, CHECK_MEBIBYTES_MAX = 2048, CHECK_MEBIBYTES_DEFAULT = 256, NEXT_BETWEEN_REPORTS = 1 << 15 };

static const char *check_reduction_word(unsigned number)
{
    static const char *const words[] = {"yes", "no", NULL};
    return words[number];
}

const struct page_parameter tjob__check_parameters[CHECK_PARAMETER_COUNT] = {
    [CHECK_CLIENTS] = {"clients", 1, TJOB_MODEL_CLIENTS_MAX, 2, NULL},
    [CHECK_TRAINERS] = {"trainers", 1, TJOB_MODEL_TRAINERS_MAX, 2, NULL},
    [CHECK_RETRIES] = {"retries", 0, TJOB_MODEL_RETRIES_MAX, 1, NULL},
    [CHECK_FAULTS] = {"faults", 0, TJOB_MODEL_FAULTS_MAX, 1, NULL},
    [CHECK_INCARNATIONS] = {"incarnations", 1, TJOB_MODEL_INCARNATIONS_MAX, 2, NULL},
    [CHECK_STOP_SUBMITTED] = {"stop-submitted", 0, 0, 0, tjob__page_stop_submitted_word},
    [CHECK_STOP_FINISHED] = {"stop-finished", 0, 0, 0, tjob__page_stop_finished_word},
    [CHECK_BUG] = {"bug", 0, 0, 0, tjob__page_bug_word},
    [CHECK_REDUCTION] = {"reduction", 0, 0, 0, check_reduction_word},
    [CHECK_MEMORY] = {"memory", 1, CHECK_MEBIBYTES_MAX, CHECK_MEBIBYTES_DEFAULT, NULL},
};

static tjob_lifecycle_config check_config_of(const uint64_t *values)
{
    return (tjob_lifecycle_config){.clients = (uint32_t)values[CHECK_CLIENTS],
                                   .trainers = (uint32_t)values[CHECK_TRAINERS],
                                   .retries = (uint32_t)values[CHECK_RETRIES],
                                   .faults = (uint32_t)values[CHECK_FAULTS],
                                   .incarnations = (uint32_t)values[CHECK_INCARNATIONS],
                                   .policy = {.stop_submitted = (uint32_t)values[CHECK_STOP_SUBMITTED],
                                              .stop_finished = (uint32_t)values[CHECK_STOP_FINISHED]},
                                   .bug = (tjob_seeded_bug)values[CHECK_BUG],
                                   .no_symmetry = values[CHECK_REDUCTION] != 0,
                                   .no_reduction = values[CHECK_REDUCTION] != 0};
}

/* ---- Progress -------------------------------------------------------------------------------------------------- */

/* A model whose steps are counted. The lifecycle model, which is the context of its functions, comes last. */
struct watched {
    tjob_model model;
    void (*next)(void *context, const unsigned char *state, tjob_successors *successors);
    tjob_explorer *explorer;
    struct page_space *space;
    struct page_json *json;
    uint32_t calls;
    _Alignas(64) unsigned char lifecycle[];
};

static void check_counts_json(struct page_json *json, const tjob_explorer *explorer)
{
    tjob_exploration_counts counts;
    tjob_explorer_counts(explorer, &counts);
    tjob__page_member_decimal(json, "states", counts.states);
    tjob__page_member_decimal(json, "transitions", counts.transitions);
    tjob__page_member_decimal(json, "depth", counts.depth);
    tjob__page_member_decimal(json, "waiting", counts.waiting);
    tjob__page_member_decimal(json, "live", counts.live);
    tjob__page_member_decimal(json, "capacity", counts.capacity);
}

static void check_report(struct watched *watched)
{
    struct page_json *json = watched->json;
    tjob__page_open(json, '{');
    check_counts_json(json, watched->explorer);
    tjob__page_close(json, '}');
    watched->space->progress(watched->space, json);
    json->writer.bytes = 0;
    json->follows = false;
}

static void watched_next(void *context, const unsigned char *state, tjob_successors *successors)
{
    struct watched *watched =
        (struct watched *)(void *)((unsigned char *)context - offsetof(struct watched, lifecycle));
    if (++watched->calls % NEXT_BETWEEN_REPORTS == 0) {
        check_report(watched);
    }
    watched->next(context, state, successors);
}

/* ---- The result ------------------------------------------------------------------------------------------------ */

static void check_write_trace(void *context, const char *text, size_t bytes)
{
    struct page_json *json = context;
    tjob__json_write_text(&json->writer, (tjob_text){text, bytes});
}

/* Writes the counterexample of the first violated property that has one. */
static void check_counterexample_json(struct page_json *json, tjob_explorer *explorer, const tjob_model *model,
                                      const tjob_lifecycle_model *lifecycle, struct play *play)
{
    const uint32_t property = tjob__conclusion_violated(explorer);
    if (property == model->property_count) {
        return;
    }
    tjob_trace_printer printer = {.format = TJOB_TRACE_JSON, .write = check_write_trace, .context = json};
    tjob__page_member_string(json, "violated", model->properties[property].name);
    tjob__page_name(json, "trace");
    (void)tjob_trace_print(&printer, explorer, model, property);
    json->follows = true;
    tjob__page_name(json, "situation");
    tjob__page_string(json, "");
    json->writer.bytes--; /* the text goes on before its closing quote */
    const bool shown = tjob__convert_trace(lifecycle, explorer, property, play, &json->writer);
    TJOB_ASSERT(shown); /* each run of the model opens */
    (void)shown;
    tjob__json_write_byte(&json->writer, '"');
}

static void check_result_json(struct page_json *json, tjob_explorer *explorer, const tjob_model *model,
                              const tjob_lifecycle_model *lifecycle, struct play *play, uint64_t memory_bytes)
{
    tjob__page_open(json, '{');
    tjob__page_member_string(json, "verdict", tjob__conclusion_name(tjob__conclusion_of(explorer)));
    tjob__page_member_string(json, "search", tjob_exploration_name(tjob_explorer_end(explorer)));
    check_counts_json(json, explorer);
    tjob__page_member_decimal(json, "memory_bytes", memory_bytes);
    tjob__page_name(json, "properties");
    tjob__page_open(json, '[');
    for (uint32_t i = 0; i < model->property_count; i++) {
        tjob__page_open(json, '{');
        tjob__page_member_string(json, "name", model->properties[i].name);
        tjob__page_member_string(json, "verdict", tjob_verdict_name(tjob_explorer_verdict(explorer, i)));
        tjob__page_member_decimal(json, "exercised", tjob_explorer_exercised(explorer, i));
        tjob__page_member_string(json, "says", model->properties[i].sentence);
        tjob__page_close(json, '}');
    }
    tjob__page_close(json, ']');
    check_counterexample_json(json, explorer, model, lifecycle, play);
    tjob__page_close(json, '}');
}

/* ---- The check ------------------------------------------------------------------------------------------------- */

void tjob__page_check(struct page_space *space, tjob_text input, struct page_json *json)
{
    uint64_t values[CHECK_PARAMETER_COUNT];
    struct page_error error;
    if (!tjob__page_parameters_read(input, 0, tjob__check_parameters, CHECK_PARAMETER_COUNT, values, &error)) {
        tjob__page_error_write(json, &error);
        return;
    }
    const tjob_lifecycle_config config = check_config_of(values);
    const uint64_t model_bytes = tjob_lifecycle_model_bytes(&config);
    const uint64_t search_bytes = values[CHECK_MEMORY] * MEBIBYTE;
    const uint64_t memory_bytes = sizeof(struct watched) + sizeof(struct play) + model_bytes + search_bytes;
    struct play *play = tjob__page_take(space, sizeof *play, json);
    struct watched *watched = play != NULL ? tjob__page_take(space, sizeof *watched + model_bytes, json) : NULL;
    void *search = watched != NULL ? tjob__page_take(space, search_bytes, json) : NULL;
    if (search == NULL) {
        return;
    }
    const tjob_lifecycle_model *lifecycle = tjob_lifecycle_model_init(&config, watched->lifecycle, (size_t)model_bytes);
    TJOB_ASSERT(lifecycle != NULL); /* the parameters are in the bounds of the model */
    *watched = (struct watched){.model = *tjob_lifecycle_model_of(lifecycle), .space = space, .json = json};
    watched->next = watched->model.next;
    watched->model.next = watched_next;
    watched->explorer = tjob_explorer_init(&watched->model, search, (size_t)search_bytes, 1, NULL);
    TJOB_ASSERT(watched->explorer != NULL); /* the least memory is enough for any of these models */
    (void)tjob_explorer_run(watched->explorer, 0);
    watched->model.next = watched->next; /* a trace is no progress */
    check_result_json(json, watched->explorer, &watched->model, lifecycle, play, memory_bytes);
}
