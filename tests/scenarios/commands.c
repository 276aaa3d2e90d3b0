#include "scenarios/commands.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/post.h"

static void print(struct output *output, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int bytes = vsnprintf(output->text + output->bytes, OUTPUT_BYTES_MAX - output->bytes, format, arguments);
    va_end(arguments);
    output->bytes += (size_t)bytes;
    if (output->bytes >= OUTPUT_BYTES_MAX) {
        abort();
    }
}

static bool fail(struct output *output, const char *why, const char *word)
{
    output->bytes = 0;
    print(output, "%s: '%s'\n", why, word);
    return false;
}

/* ---- Words ----------------------------------------------------------------------------------------------------- */

struct words {
    char text[512];
    char *word[WORDS_MAX];
    unsigned count;
};

static void split(struct words *words, const char *line)
{
    words->count = 0;
    snprintf(words->text, sizeof words->text, "%s", line);
    for (char *word = strtok(words->text, " "); word != NULL && words->count < WORDS_MAX; word = strtok(NULL, " ")) {
        words->word[words->count++] = word;
    }
}

static bool number_of(const char *word, uint64_t *number)
{
    char *end;
    *number = strtoull(word, &end, 10);
    return *word >= '0' && *word <= '9' && *end == '\0';
}

/* The number behind "name=". */
static bool field(const char *word, const char *name, uint64_t *number)
{
    const size_t length = strlen(name);
    return strncmp(word, name, length) == 0 && word[length] == '=' && number_of(word + length + 1, number);
}

/* The place of a word in a list, or -1. */
static int place_of(const char *word, const char *const *list, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* ---- Events ---------------------------------------------------------------------------------------------------- */

/* The name of an event as one word. */
static bool event_of(const char *word, uint32_t *kind)
{
    for (uint32_t i = 0; i < TJOB_EVENT_KIND_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s", tjob_event_kind_name((tjob_event_kind)i));
        for (char *space = strchr(name, ' '); space != NULL; space = strchr(name, ' ')) {
            *space = '-';
        }
        if (strcmp(name, word) == 0) {
            *kind = i;
            return true;
        }
    }
    return false;
}

/* EVENT NAME [incarnation=N] [trainer=N] [token=N] [code=N] */
static bool read_event(const struct words *words, unsigned first, tjob_event *event, char arn[TJOB_ARN_BYTES_MAX + 1],
                       struct output *output)
{
    *event = (tjob_event){.kind = 0};
    if (words->count < first + 2) {
        return fail(output, "an event needs a name", words->word[0]);
    }
    if (!event_of(words->word[first], &event->kind)) {
        return fail(output, "no such command", words->word[first]);
    }
    expand_name(words->word[first + 1], arn);
    for (unsigned i = first + 2; i < words->count; i++) {
        uint64_t code = 0;
        const bool known = field(words->word[i], "incarnation", &event->incarnation) ||
                           field(words->word[i], "trainer", &event->trainer_token) ||
                           field(words->word[i], "token", &event->token) || field(words->word[i], "code", &code);
        if (!known) {
            return fail(output, "no such field", words->word[i]);
        }
        event->host_code = code != 0 ? (uint32_t)code : event->host_code;
    }
    return true;
}

static void print_outcome(struct output *output, const tjob_outcome *outcome)
{
    print(output, "%s", tjob_status_name(outcome->status));
    if (outcome->status == TJOB_OK && outcome->before != outcome->after) {
        print(output, ": %s -> %s", tjob_state_name(outcome->before), tjob_state_name(outcome->after));
    } else if (outcome->status == TJOB_OK) {
        print(output, ": still %s", tjob_state_name(outcome->after));
    }
    print(output, "%s\n", outcome->changed == TJOB_CHANGED_UNKNOWN ? ", changed unknown" : "");
}

static bool do_event(struct world *world, const struct words *words, struct output *output)
{
    tjob_event event;
    tjob_outcome outcome;
    char arn[TJOB_ARN_BYTES_MAX + 1];
    if (!read_event(words, 0, &event, arn, output)) {
        return false;
    }
    (void)tjob_perform(&world->service, NULL, (tjob_text){arn, strlen(arn)}, &event, &outcome);
    print_outcome(output, &outcome);
    return true;
}

/* job NAME: what is stored, past all faults. */
static bool do_job(struct world *world, const struct words *words, struct output *output)
{
    char arn[TJOB_ARN_BYTES_MAX + 1];
    tjob_job job;
    uint64_t version;
    if (words->count != 2) {
        return fail(output, "needs one name", words->word[0]);
    }
    expand_name(words->word[1], arn);
    if (world->store.load(world->store.context, NULL, (tjob_text){arn, strlen(arn)}, &job, &version) != TJOB_LOAD_OK) {
        print(output, "ABSENT version=%" PRIu64 "\n", version);
        return true;
    }
    const struct {
        const char *name;
        uint64_t value;
    } fields[] = {
        {"token", job.submit_token},     {"incarnation", job.incarnation}, {"trainer", job.trainer_token},
        {"code", job.host_code},         {"submitted", job.submitted_ms},  {"started", job.training_started_ms},
        {"stop", job.stop_requested_ms}, {"ended", job.ended_ms},
    };
    print(output, "%s version=%" PRIu64, tjob_state_name((tjob_state)job.state), version);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const uint64_t value = i < 4 ? fields[i].value : fields[i].value - WORLD_BEGIN_MS;
        if (fields[i].value != 0) {
            print(output, " %s=%s%" PRIu64 "%s", fields[i].name, i < 4 ? "" : "+", value, i < 4 ? "" : "ms");
        }
    }
    print(output, "\n");
    return true;
}

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

static struct actor *find_actor(struct world *world, const char *name)
{
    for (unsigned i = 0; i < world->actor_count; i++) {
        if (strcmp(world->actors[i].name, name) == 0) {
            return &world->actors[i];
        }
    }
    return NULL;
}

/* begin ACTOR EVENT NAME ...: an operation that goes on only where `step` and `finish` say so. */
static bool do_begin(struct world *world, const struct words *words, struct output *output)
{
    tjob_event event;
    char arn[TJOB_ARN_BYTES_MAX + 1];
    if (words->count < 2 || world->actor_count == WORLD_ACTORS_MAX || find_actor(world, words->word[1]) != NULL) {
        return fail(output, "needs an actor who has not begun", words->word[0]);
    }
    if (!read_event(words, 2, &event, arn, output)) {
        return false;
    }
    struct actor *actor = &world->actors[world->actor_count++];
    snprintf(actor->name, sizeof actor->name, "%s", words->word[1]);
    actor->arn_bytes = strlen(arn);
    memcpy(actor->arn, arn, actor->arn_bytes);
    tjob_operation_begin(&actor->operation, &event);
    tjob_operation_authorized(&actor->operation, TJOB_AUTHORIZATION_ALLOWED);
    tjob_operation_admitted(&actor->operation, TJOB_ADMISSION_ADMITTED);
    return true;
}

static void step(struct world *world, struct actor *actor, struct output *output)
{
    static const char *const loads[] = {"ok", "not found", "unavailable"};
    static const char *const swaps[] = {"ok", "conflict", "full", "unavailable", "unknown"};
    const tjob_text arn = {actor->arn, actor->arn_bytes};
    const tjob_store *store = &world->service.store;
    tjob_operation *operation = &actor->operation;
    if (operation->ask == TJOB_ASK_LOAD) {
        tjob_job job;
        uint64_t version = 0;
        const tjob_load_status loaded = store->load(store->context, NULL, arn, &job, &version);
        print(output, "load: %s\n", loads[loaded]);
        tjob_operation_loaded(operation, &world->service.policy, loaded, &job, version, world->now_ms);
    } else {
        const tjob_job *next = tjob_operation_next(operation);
        const tjob_swap_status swapped = store->swap(store->context, NULL, arn, operation->version, next);
        print(output, "swap: %s\n", swaps[swapped]);
        tjob_operation_swapped(operation, swapped);
    }
}

/* step ACTOR: one callback. finish ACTOR: all that are left. */
static bool do_step(struct world *world, const struct words *words, struct output *output)
{
    struct actor *actor = words->count == 2 ? find_actor(world, words->word[1]) : NULL;
    if (actor == NULL || actor->operation.ask == TJOB_ASK_NOTHING) {
        return fail(output, "needs an actor who has something to do", words->word[0]);
    }
    const bool all = strcmp(words->word[0], "finish") == 0;
    do {
        step(world, actor, output);
    } while (all && actor->operation.ask != TJOB_ASK_NOTHING);
    if (actor->operation.ask == TJOB_ASK_NOTHING) {
        const tjob_outcome outcome = tjob_operation_outcome(&actor->operation);
        print_outcome(output, &outcome);
    }
    return true;
}

/* ---- The world ------------------------------------------------------------------------------------------------- */

/* next load|swap FAULT [times] */
static bool do_next(struct world *world, const struct words *words, struct output *output)
{
    static const char *const names[] = {"",         "unavailable", "conflict", "full", "lost-applied", "lost-dropped",
                                        "lost-late"};
    uint64_t times = 1;
    if (words->count < 3 || words->count > 4 || (words->count == 4 && !number_of(words->word[3], &times))) {
        return fail(output, "needs load or swap, a fault, and perhaps a number", words->word[0]);
    }
    const bool of_load = strcmp(words->word[1], "load") == 0;
    const int fault = place_of(words->word[2], names, of_load ? 2 : 7);
    if (fault < 1 || (!of_load && strcmp(words->word[1], "swap") != 0)) {
        return fail(output, "no such fault", words->word[2]);
    }
    struct faults *faults = of_load ? &world->loads : &world->swaps;
    for (; times != 0 && faults->count < WORLD_FAULTS_MAX; times--) {
        faults->next[faults->count++] = (enum fault)fault;
    }
    return true;
}

static bool do_land(struct world *world, const struct words *words, struct output *output)
{
    if (!world->late) {
        return fail(output, "nothing is on its way", words->word[0]);
    }
    print(output, world_apply_late(world) ? "applied\n" : "not applied: the version has moved\n");
    return true;
}

/* clock +N | -N: in milliseconds */
static bool do_clock(struct world *world, const struct words *words, struct output *output)
{
    uint64_t step_ms;
    if (words->count != 2 || strchr("+-", words->word[1][0]) == NULL || !number_of(words->word[1] + 1, &step_ms)) {
        return fail(output, "needs + or - and milliseconds", words->word[0]);
    }
    world->now_ms = words->word[1][0] == '+' ? world->now_ms + step_ms : world->now_ms - step_ms;
    return true;
}

/* policy stop_submitted=N stop_finished=N stop_timeout_ms=N max_attempts=N: as in tjob_policy */
static bool do_policy(struct world *world, const struct words *words, struct output *output)
{
    tjob_policy *policy = &world->service.policy;
    for (unsigned i = 1; i < words->count; i++) {
        static const char *const submitted[] = {"stop_submitted=stops", "stop_submitted=ignored",
                                                "stop_submitted=refused"};
        static const char *const finished[] = {"stop_finished=accepted", "stop_finished=refused"};
        const int of_submitted = place_of(words->word[i], submitted, 3);
        const int of_finished = place_of(words->word[i], finished, 2);
        uint64_t number = 0;
        if (of_submitted >= 0) {
            policy->stop_submitted = (uint32_t)of_submitted;
        } else if (of_finished >= 0) {
            policy->stop_finished = (uint32_t)of_finished;
        } else if (field(words->word[i], "stop_timeout_ms", &number)) {
            policy->stop_timeout_ms = number;
        } else if (field(words->word[i], "max_attempts", &number)) {
            policy->max_attempts = (uint32_t)number;
        } else {
            return fail(output, "no such policy", words->word[i]);
        }
    }
    return true;
}

/* limit REQUESTS MILLISECONDS BURST */
static bool do_limit(struct world *world, const struct words *words, struct output *output)
{
    uint64_t numbers[3] = {0};
    for (unsigned i = 0; i < 3; i++) {
        if (words->count != 4 || !number_of(words->word[i + 1], &numbers[i])) {
            return fail(output, "needs requests, milliseconds and burst", words->word[0]);
        }
    }
    if (!tjob_limiter_set(&world->bucket.limiter, (uint32_t)numbers[0], (uint32_t)numbers[1], (uint32_t)numbers[2])) {
        return fail(output, "no rate", words->word[0]);
    }
    return true;
}

/* deny | allow: what the authorizer says from here on */
static bool do_authorize(struct world *world, const struct words *words, struct output *output)
{
    if (words->count != 1) {
        return fail(output, "takes no arguments", words->word[0]);
    }
    world->denied = strcmp(words->word[0], "deny") == 0;
    return true;
}

static bool do_grammar(struct world *world, const struct words *words, struct output *output)
{
    static const char *const names[] = {"reference", "current"};
    const int grammar = words->count == 2 ? place_of(words->word[1], names, 2) : -1;
    if (grammar < 0) {
        return fail(output, "needs reference or current", words->word[0]);
    }
    world->service.grammar = (tjob_arn_grammar)grammar;
    return true;
}

/* ---- The command ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool (*run)(struct world *world, const struct words *words, struct output *output);
} commands[] = {
    {"job", do_job},     {"begin", do_begin},    {"step", do_step},       {"finish", do_step},
    {"next", do_next},   {"land", do_land},      {"clock", do_clock},     {"policy", do_policy},
    {"limit", do_limit}, {"deny", do_authorize}, {"allow", do_authorize}, {"grammar", do_grammar},
};

bool carry_out(struct world *world, const char *line, struct output *output)
{
    struct words words;
    output->bytes = 0;
    output->text[0] = '\0';
    split(&words, line);
    if (words.count == 0) {
        return fail(output, "no command", line);
    }
    if (is_post_command(words.word[0])) {
        return carry_out_post(world, line, output->text, &output->bytes, OUTPUT_BYTES_MAX) ||
               fail(output, "cannot be", line);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(words.word[0], commands[i].name) == 0) {
            return commands[i].run(world, &words, output);
        }
    }
    return do_event(world, &words, output);
}

unsigned unmet_errors(struct output *output)
{
    output->bytes = 0;
    return list_unmet(output->text, &output->bytes, OUTPUT_BYTES_MAX);
}
