#include "page/situation.h"

const struct page_parameter tjob__situation_parameters[SITUATION_PARAMETER_COUNT] = {
    [SITUATION_CLIENTS] = {"clients", 0, SITUATION_ACTORS_MAX, 2, NULL},
    [SITUATION_TRAINERS] = {"trainers", 0, SITUATION_ACTORS_MAX, 2, NULL},
    [SITUATION_SUPERVISORS] = {"supervisors", 0, SITUATION_ACTORS_MAX, 1, NULL},
    [SITUATION_HOSTS] = {"hosts", 0, SITUATION_ACTORS_MAX, 1, NULL},
    [SITUATION_STOP_SUBMITTED] = {"stop-submitted", 0, 0, 0, tjob__page_stop_submitted_word},
    [SITUATION_STOP_FINISHED] = {"stop-finished", 0, 0, 0, tjob__page_stop_finished_word},
    [SITUATION_STOP_TIMEOUT] = {"stop-timeout-ms", 1, UINT64_MAX, TJOB_STOP_TIMEOUT_MS_DEFAULT, NULL},
    [SITUATION_MAX_ATTEMPTS] = {"max-attempts", 1, UINT32_MAX, TJOB_MAX_ATTEMPTS_DEFAULT, NULL},
    [SITUATION_BUG] = {"bug", 0, 0, 0, tjob__page_bug_word},
    [SITUATION_CLOCK] = {"clock", 0, UINT64_MAX, 1000, NULL},
};

const struct situation_answer_kind tjob__situation_answers[ANSWER_COUNT] = {
    [ANSWER_ALLOWED] = {"allowed", TJOB_ASK_AUTHORIZE, false, "allowed"},
    [ANSWER_DENIED] = {"denied", TJOB_ASK_AUTHORIZE, false, "denied"},
    [ANSWER_AUTHORIZER_UNAVAILABLE] = {"authorizer-unavailable", TJOB_ASK_AUTHORIZE, true, "authorizer unavailable"},
    [ANSWER_ADMITTED] = {"admitted", TJOB_ASK_ADMIT, false, "admitted"},
    [ANSWER_THROTTLED] = {"throttled", TJOB_ASK_ADMIT, false, "throttled"},
    [ANSWER_LOADED] = {"loaded", TJOB_ASK_LOAD, false, "loaded"},
    [ANSWER_LOAD_UNAVAILABLE] = {"load-unavailable", TJOB_ASK_LOAD, true, "unavailable"},
    [ANSWER_SWAPPED] = {"swapped", TJOB_ASK_SWAP, false, "ok"},
    [ANSWER_CONFLICT] = {"conflict", TJOB_ASK_SWAP, true, "conflict without a reason"},
    [ANSWER_FULL] = {"full", TJOB_ASK_SWAP, true, "full"},
    [ANSWER_UNAVAILABLE] = {"unavailable", TJOB_ASK_SWAP, true, "unavailable"},
    [ANSWER_LOST] = {"lost", TJOB_ASK_SWAP, true, "answer lost, not applied"},
    [ANSWER_LOST_APPLIED] = {"lost-applied", TJOB_ASK_SWAP, true, "answer lost, applied"},
    [ANSWER_LOST_LATE] = {"lost-late", TJOB_ASK_SWAP, true, "answer lost, still in flight"},
    [ANSWER_TWICE] = {"twice", TJOB_ASK_SWAP, true, "ok, and in flight once more"},
    [ANSWER_CRASH] = {"crash", TJOB_ASK_NOTHING, true, "crashes"},
};

const struct situation_event tjob__situation_events[SITUATION_EVENT_COUNT] = {
    {TJOB_ACTOR_CLIENT, TJOB_STOP},
    {TJOB_ACTOR_CLIENT, TJOB_DESCRIBE},
    {TJOB_ACTOR_CLIENT, TJOB_DELETE},
    {TJOB_ACTOR_TRAINER, TJOB_START},
    {TJOB_ACTOR_TRAINER, TJOB_HALTED},
    {TJOB_ACTOR_TRAINER, TJOB_COMPLETED},
    {TJOB_ACTOR_TRAINER, TJOB_COMPLETED_WITH_WARNING},
    {TJOB_ACTOR_TRAINER, TJOB_FAILED},
    {TJOB_ACTOR_TRAINER, TJOB_DESCRIBE},
    {TJOB_ACTOR_SUPERVISOR, TJOB_TRAINER_LOST},
    {TJOB_ACTOR_SUPERVISOR, TJOB_STOP_EXPIRED},
    {TJOB_ACTOR_HOST, TJOB_SUBMIT},
    {TJOB_ACTOR_HOST, TJOB_FAILED},
    {TJOB_ACTOR_HOST, TJOB_DELETE},
    {TJOB_ACTOR_HOST, TJOB_REMOVED},
    {TJOB_ACTOR_HOST, TJOB_DESCRIBE},
};

tjob_policy tjob__situation_policy(const uint64_t values[SITUATION_PARAMETER_COUNT])
{
    return (tjob_policy){.stop_timeout_ms = values[SITUATION_STOP_TIMEOUT],
                         .stop_submitted = (uint32_t)values[SITUATION_STOP_SUBMITTED],
                         .stop_finished = (uint32_t)values[SITUATION_STOP_FINISHED],
                         .max_attempts = (uint32_t)values[SITUATION_MAX_ATTEMPTS]};
}

/* ---- Reading --------------------------------------------------------------------------------------------------- */

/* Removes the text up to the first byte of two, and that byte, from the rest. Sets *end to the byte; 0 at the end. */
static tjob_text situation_cut(tjob_text *rest, char byte, char other, char *end)
{
    tjob_text text = {rest->data, 0};
    while (text.bytes < rest->bytes && text.data[text.bytes] != byte && text.data[text.bytes] != other) {
        text.bytes++;
    }
    *end = (char)(text.bytes < rest->bytes ? text.data[text.bytes] : '\0');
    const size_t used = text.bytes + (*end != '\0' ? 1 : 0);
    *rest = (tjob_text){rest->data + used, rest->bytes - used};
    return text;
}

tjob_text tjob__situation_next(tjob_text *rest)
{
    char end;
    return situation_cut(rest, '/', '/', &end);
}

/* Reads "client1": the name of an actor and its number. */
static bool situation_actor_read(tjob_text text, struct situation_step *step)
{
    size_t letters = 0;
    uint64_t number;
    while (letters < text.bytes && text.data[letters] >= 'a' && text.data[letters] <= 'z') {
        letters++;
    }
    const tjob_text name = {text.data, letters};
    const tjob_text digits = {text.data + letters, text.bytes - letters};
    unsigned actor = 0;
    while (actor < TJOB_ACTOR_STORE && !tjob__page_is_word(name, tjob_actor_name((tjob_actor)actor))) {
        actor++;
    }
    if (actor == TJOB_ACTOR_STORE || !tjob__page_number_read(digits, &number) || number == 0 ||
        number > SITUATION_ACTORS_MAX) {
        return false;
    }
    step->actor = (tjob_actor)actor;
    step->number = (uint32_t)number;
    return true;
}

/* Reads the arguments of an event, with the closing parenthesis. */
static bool situation_arguments_read(tjob_text text, size_t at, struct situation_step *step, struct page_error *error)
{
    static const char *const names[] = {"incarnation", "trainer-token", "token", "host-code"};
    char end = ',';
    while (end == ',') {
        const char *begin = text.data;
        tjob_text argument = situation_cut(&text, ',', ')', &end);
        const tjob_text whole = argument;
        const tjob_text name = situation_cut(&argument, '=', '=', &(char){0});
        uint64_t number;
        unsigned i = 0;
        while (i < sizeof names / sizeof names[0] && !tjob__page_is_word(name, names[i])) {
            i++;
        }
        const bool known = i < sizeof names / sizeof names[0] && (step->given >> i & 1) == 0;
        if (!known || !tjob__page_number_read(argument, &number) ||
            (UINT32_C(1) << i == GIVEN_HOST_CODE && number > UINT32_MAX)) {
            tjob__page_error_set(error, at, known ? "invalid number in an argument" : "unknown or repeated argument",
                                 whole);
            return false;
        }
        uint64_t *const wide[] = {&step->event.incarnation, &step->event.trainer_token, &step->event.token};
        if (i < sizeof wide / sizeof wide[0]) {
            *wide[i] = number;
        } else {
            step->event.host_code = (uint32_t)number;
        }
        step->given |= UINT32_C(1) << i;
        at += (size_t)(text.data - begin);
    }
    if (end != ')' || text.bytes != 0) {
        tjob__page_error_set(error, at, "a step ends with ')'", text);
        return false;
    }
    return true;
}

/* Reads what an actor does: an event that it begins, with arguments, or the answer to its operation. */
static bool situation_act_read(tjob_text text, size_t at, struct situation_step *step, struct page_error *error)
{
    const char *begin = text.data;
    char end;
    const tjob_text word = situation_cut(&text, '(', '(', &end);
    for (unsigned i = 0; i < ANSWER_COUNT; i++) {
        if (end == '\0' && tjob__page_is_word(word, tjob__situation_answers[i].word)) {
            step->kind = STEP_ANSWER;
            step->answer = (enum situation_answer)i;
            return true;
        }
    }
    for (unsigned i = 0; i < SITUATION_EVENT_COUNT; i++) {
        const struct situation_event *event = &tjob__situation_events[i];
        if (event->actor == step->actor && tjob__page_is_word(word, tjob_event_kind_name(event->kind))) {
            step->kind = STEP_BEGIN;
            step->event.kind = (uint32_t)event->kind;
            return end == '\0' || situation_arguments_read(text, at + (size_t)(text.data - begin), step, error);
        }
    }
    tjob__page_error_set(error, at, "no event or answer of this actor", word);
    return false;
}

/* Reads a step without an actor: store.apply(N), store.crash, clock.set(N). */
static bool situation_world_read(tjob_text text, struct situation_step *step)
{
    char end;
    if (tjob__page_is_word(text, "store.crash")) {
        step->kind = STEP_STORE_CRASH;
        return true;
    }
    const tjob_text word = situation_cut(&text, '(', '(', &end);
    const bool applies = tjob__page_is_word(word, "store.apply");
    step->kind = applies ? STEP_APPLY : STEP_CLOCK;
    if (text.bytes == 0 || text.data[text.bytes - 1] != ')' || !(applies || tjob__page_is_word(word, "clock.set"))) {
        return false;
    }
    return tjob__page_number_read((tjob_text){text.data, text.bytes - 1}, &step->value);
}

bool tjob__situation_step_read(tjob_text text, size_t at, struct situation_step *step, struct page_error *error)
{
    const tjob_text whole = text;
    char end;
    *step = (struct situation_step){.kind = STEP_BEGIN};
    if (situation_world_read(text, step)) {
        return true;
    }
    const tjob_text actor = situation_cut(&text, '.', '.', &end);
    if (end == '\0' || !situation_actor_read(actor, step)) {
        tjob__page_error_set(error, at, whole.bytes == 0 ? "a step is empty" : "no step", whole);
        return false;
    }
    return situation_act_read(text, at + actor.bytes + 1, step, error);
}

/* ---- Writing --------------------------------------------------------------------------------------------------- */

void tjob__situation_actor_write(json_writer *writer, tjob_actor actor, uint32_t number)
{
    tjob__json_write_string(writer, tjob_actor_name(actor));
    tjob__json_write_number(writer, number, 1);
}

/* Writes a word, with "-" in place of blanks. */
static void situation_word_write(json_writer *writer, const char *word)
{
    for (; *word != '\0'; word++) {
        tjob__json_write_byte(writer, (char)(*word == ' ' ? '-' : *word));
    }
}

static void situation_arguments_write(json_writer *writer, const struct situation_step *step)
{
    const struct {
        const char *name;
        uint64_t value;
    } arguments[] = {{"incarnation=", step->event.incarnation},
                     {"trainer-token=", step->event.trainer_token},
                     {"token=", step->event.token},
                     {"host-code=", step->event.host_code}};
    char before = '(';
    for (unsigned i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        if ((step->given >> i & 1) != 0) {
            tjob__json_write_byte(writer, before);
            tjob__json_write_string(writer, arguments[i].name);
            tjob__json_write_number(writer, arguments[i].value, 1);
            before = ',';
        }
    }
    tjob__json_write_string(writer, before == ',' ? ")" : "");
}

void tjob__situation_step_write(json_writer *writer, const struct situation_step *step)
{
    if (step->kind == STEP_STORE_CRASH) {
        tjob__json_write_string(writer, "store.crash");
        return;
    }
    if (step->kind == STEP_APPLY || step->kind == STEP_CLOCK) {
        tjob__json_write_string(writer, step->kind == STEP_APPLY ? "store.apply(" : "clock.set(");
        tjob__json_write_number(writer, step->value, 1);
        tjob__json_write_byte(writer, ')');
        return;
    }
    tjob__situation_actor_write(writer, step->actor, step->number);
    tjob__json_write_byte(writer, '.');
    if (step->kind == STEP_ANSWER) {
        tjob__json_write_string(writer, tjob__situation_answers[step->answer].word);
    } else {
        situation_word_write(writer, tjob_event_kind_name((tjob_event_kind)step->event.kind));
        situation_arguments_write(writer, step);
    }
}
