/*
 * The operation as a machine: what it asks, and how each answer resumes it. Operations of every kind are driven through
 * every answer, from every record, until no new value of an operation turns up; an arrow is what was seen to happen.
 * Only where each step is put, and what an answer is called, is decided here.
 */
#include <stdio.h>
#include <string.h>

#include "docs/pictures/diagram.h"
#include "docs/pictures/pictures.h"
#include "support/jobs.h"
#include "tjob/operation.h"

/* ---- Steps ----------------------------------------------------------------------------------------------------- */

/* Where an operation can be: the asks, those that come again after a lost answer, and its ends. */
enum place {
    AT_AUTHORIZE,
    AT_ADMIT,
    AT_LOAD,
    AT_SWAP,
    AT_LOAD_AFTER_LOSS,
    AT_SWAP_AFTER_LOSS,
    AT_OK,
    AT_REFUSED,
    AT_FAILED,
    AT_UNRESOLVED,
    BY_CLIENT,
    BY_HOST,
    PLACES
};

static const struct box boxes[PLACES] = {
    [BY_CLIENT] = {"a client's", "", {{16, 16}, {92, 84}}, BORDER_DASHED, TONE_PLAIN},
    [BY_HOST] = {"the host's", "", {{490, 16}, {394, 84}}, BORDER_DASHED, TONE_PLAIN},
    [AT_AUTHORIZE] = {"AUTHORIZE", "", {{16, 200}, {130, 70}}, BORDER_SINGLE, TONE_PLAIN},
    [AT_ADMIT] = {"ADMIT", "", {{218, 200}, {84, 70}}, BORDER_SINGLE, TONE_PLAIN},
    [AT_LOAD] = {"LOAD", "", {{386, 150}, {126, 146}}, BORDER_SINGLE, TONE_PLAIN},
    [AT_SWAP] = {"SWAP", "", {{626, 200}, {112, 210}}, BORDER_SINGLE, TONE_PLAIN},
    [AT_LOAD_AFTER_LOSS] = {"LOAD again", "after a lost answer", {{626, 466}, {112, 64}}, BORDER_SINGLE, TONE_LOST},
    [AT_SWAP_AFTER_LOSS] = {"SWAP again", "after a lost answer", {{626, 600}, {112, 64}}, BORDER_SINGLE, TONE_LOST},
    [AT_OK] = {"200", "", {{824, 150}, {60, 514}}, BORDER_DOUBLE, TONE_PLAIN},
    [AT_REFUSED] = {"refused (400)", "", {{128, 16}, {310, 84}}, BORDER_DOUBLE, TONE_PLAIN},
    [AT_FAILED] = {"failed (500)", "", {{16, 350}, {496, 60}}, BORDER_DOUBLE, TONE_PLAIN},
    [AT_UNRESOLVED] = {"unknown (500)", "", {{346, 466}, {150, 198}}, BORDER_DOUBLE, TONE_LOST},
};

static enum place place_of_end(tjob_status status)
{
    return status == TJOB_UNRESOLVED        ? AT_UNRESOLVED
           : tjob_status_is_failure(status) ? AT_FAILED
           : tjob_status_is_refusal(status) ? AT_REFUSED
                                            : AT_OK;
}

static enum place place_of(const tjob_operation *operation)
{
    static const enum place asking[][2] = {
        [TJOB_ASK_AUTHORIZE] = {AT_AUTHORIZE, AT_AUTHORIZE},
        [TJOB_ASK_ADMIT] = {AT_ADMIT, AT_ADMIT},
        [TJOB_ASK_LOAD] = {AT_LOAD, AT_LOAD_AFTER_LOSS},
        [TJOB_ASK_SWAP] = {AT_SWAP, AT_SWAP_AFTER_LOSS},
    };
    return operation->ask == TJOB_ASK_NOTHING ? place_of_end(tjob_operation_outcome(operation).status)
                                              : asking[operation->ask][operation->lost];
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

/* The answers by their names; those of a load by what they lead to under the rule. */
enum word {
    BEGINS,
    ALLOWED,
    DENIED,
    CANNOT_TELL,
    ADMITTED,
    THROTTLED,
    LOAD_UNAVAILABLE,
    TO_BE_CHANGED,
    NOTHING_TO_CHANGE,
    REFUSED_BY_RULE,
    VERSION_STANDS,
    NO_ATTEMPT_LEFT,
    SWAP_OK,
    CONFLICT,
    FULL,
    SWAP_UNAVAILABLE,
    UNKNOWN,
    WORDS
};

static const char *const words[WORDS] = {
    [BEGINS] = "begins",
    [ALLOWED] = "allowed",
    [DENIED] = "denied",
    [CANNOT_TELL] = "unavailable",
    [ADMITTED] = "admitted",
    [THROTTLED] = "throttled",
    [LOAD_UNAVAILABLE] = "unavailable",
    [TO_BE_CHANGED] = "to be changed",
    [NOTHING_TO_CHANGE] = "nothing to change",
    [REFUSED_BY_RULE] = "refused",
    [VERSION_STANDS] = "the same version",
    [NO_ATTEMPT_LEFT] = "no attempt left",
    [SWAP_OK] = "OK",
    [CONFLICT] = "conflict",
    [FULL] = "full",
    [SWAP_UNAVAILABLE] = "unavailable",
    [UNKNOWN] = "answer lost",
};

/* What a load finds: a record, or none, of a version. */
struct found {
    tjob_load_status status;
    tjob_job job;
    uint64_t version;
};

static enum word word_of_load(const tjob_operation *operation, const tjob_policy *policy, const struct found *found)
{
    if (found->status == TJOB_LOAD_UNAVAILABLE) {
        return LOAD_UNAVAILABLE;
    }
    const bool stands = operation->lost && found->version == operation->version;
    tjob_job next;
    const tjob_transition_result result = tjob_job_apply(&found->job, &operation->event, SAMPLE_NOW_MS, policy, &next);
    if (stands || result.changed) {
        return operation->attempts == policy->max_attempts ? NO_ATTEMPT_LEFT : stands ? VERSION_STANDS : TO_BE_CHANGED;
    }
    return result.status == TJOB_OK ? NOTHING_TO_CHANGE : REFUSED_BY_RULE;
}

/* ---- What was seen --------------------------------------------------------------------------------------------- */

enum { OPERATIONS_MAX = 4096, ATTEMPTS = 2 };

static struct {
    unsigned words[PLACES][PLACES]; /* a bit for each answer that led from one place to the other */
    unsigned kinds[PLACES];         /* of events, that begin there */
    unsigned statuses[PLACES];      /* with which operations end there */
    bool good[PLACES][PLACES];      /* by a stop of a job in training to which nothing happens */
    bool is_good;                   /* such a stop is under way */
} seen;

/* All that one operation can become under one policy. */
static struct {
    tjob_operation operations[OPERATIONS_MAX];
    int count;
    const tjob_policy *policy;
} driven;

static void meet(const tjob_operation *operation)
{
    for (int i = 0; i < driven.count; i++) {
        if (memcmp(&driven.operations[i], operation, sizeof *operation) == 0) {
            return;
        }
    }
    if (driven.count < OPERATIONS_MAX) {
        driven.operations[driven.count] = *operation;
    }
    driven.count++;
}

static void see(enum place from, enum word word, const tjob_operation *after)
{
    const enum place to = place_of(after);
    seen.words[from][to] |= 1u << word;
    seen.good[from][to] |= seen.is_good;
    if (after->ask == TJOB_ASK_NOTHING) {
        seen.statuses[to] |= 1u << tjob_operation_outcome(after).status;
    }
    meet(after);
}

/* ---- Driving --------------------------------------------------------------------------------------------------- */

/* The answers that stand for themselves; of each ask the good one first. */
static const struct {
    tjob_ask ask;
    int answer;
    enum word word;
} answers[] = {
    {TJOB_ASK_AUTHORIZE, TJOB_AUTHORIZATION_ALLOWED, ALLOWED},
    {TJOB_ASK_AUTHORIZE, TJOB_AUTHORIZATION_DENIED, DENIED},
    {TJOB_ASK_AUTHORIZE, TJOB_AUTHORIZATION_UNAVAILABLE, CANNOT_TELL},
    {TJOB_ASK_ADMIT, TJOB_ADMISSION_ADMITTED, ADMITTED},
    {TJOB_ASK_ADMIT, TJOB_ADMISSION_THROTTLED, THROTTLED},
    {TJOB_ASK_SWAP, TJOB_SWAP_OK, SWAP_OK},
    {TJOB_ASK_SWAP, TJOB_SWAP_CONFLICT, CONFLICT},
    {TJOB_ASK_SWAP, TJOB_SWAP_FULL, FULL},
    {TJOB_ASK_SWAP, TJOB_SWAP_UNAVAILABLE, SWAP_UNAVAILABLE},
    {TJOB_ASK_SWAP, TJOB_SWAP_UNKNOWN, UNKNOWN},
};

/* Each answer resumes an operation that asks for it, and no other. */
static void resume(tjob_operation *operation, int answer)
{
    if (operation->ask == TJOB_ASK_AUTHORIZE) {
        tjob_operation_authorized(operation, (tjob_authorization)answer);
    } else if (operation->ask == TJOB_ASK_ADMIT) {
        tjob_operation_admitted(operation, (tjob_admission)answer);
    } else {
        tjob_operation_swapped(operation, (tjob_swap_status)answer);
    }
}

static void answer(const tjob_operation *operation)
{
    bool is_first = true;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].ask == operation->ask && (is_first || !seen.is_good)) {
            tjob_operation after = *operation;
            resume(&after, answers[i].answer);
            see(place_of(operation), answers[i].word, &after);
            is_first = false;
        }
    }
}

static void load(const tjob_operation *operation, const struct found *found)
{
    tjob_operation after = *operation;
    tjob_operation_loaded(&after, driven.policy, found->status, &found->job, found->version, SAMPLE_NOW_MS);
    see(place_of(operation), word_of_load(operation, driven.policy, found), &after);
}

/* Nothing; then every state, in two incarnations, by two versions each. */
static void answer_load(const tjob_operation *operation)
{
    if (seen.is_good) {
        load(operation, &(struct found){TJOB_LOAD_OK, sample_job(TJOB_TRAINING), SAMPLE_INCARNATION});
        return;
    }
    load(operation, &(struct found){.status = TJOB_LOAD_UNAVAILABLE});
    for (int i = 0; i < TJOB_STATE_COUNT * 4; i++) {
        struct found found = {TJOB_LOAD_OK, sample_job((tjob_state)(i / 4)),
                              (uint64_t)(SAMPLE_INCARNATION + i / 2 % 2)};
        found.job.incarnation += (uint64_t)(i % 2);
        if (found.job.state == TJOB_ABSENT) {
            found.status = TJOB_LOAD_NOT_FOUND;
            found.job.incarnation = found.version + 1;
        }
        load(operation, &found);
    }
}

/* Drives an operation through every answer, again and again. False if there is no end to it. */
static bool drive(const tjob_event *event, const tjob_policy *policy)
{
    tjob_operation first;
    tjob_operation_begin(&first, event);
    const enum place begin = tjob_operation_is_of_client((tjob_event_kind)event->kind) ? BY_CLIENT : BY_HOST;
    seen.kinds[begin] |= 1u << event->kind;
    driven.count = 0;
    driven.policy = policy;
    see(begin, BEGINS, &first);
    for (int done = 0; done < driven.count && driven.count <= OPERATIONS_MAX; done++) {
        const tjob_operation operation = driven.operations[done];
        if (operation.ask == TJOB_ASK_LOAD) {
            answer_load(&operation);
        } else {
            answer(&operation);
        }
    }
    return driven.count <= OPERATIONS_MAX;
}

/* Every kind of event, with the sample's tokens and with others, under policies that accept and that refuse. */
static bool drive_all(void)
{
    static const tjob_policy policies[] = {
        {.max_attempts = ATTEMPTS},
        {.max_attempts = ATTEMPTS,
         .stop_submitted = TJOB_STOP_SUBMITTED_REFUSED,
         .stop_finished = TJOB_STOP_FINISHED_REFUSED},
    };
    bool ended = true;
    for (unsigned i = 0; i < TJOB_EVENT_KIND_COUNT * 4; i++) {
        const tjob_event event = {
            .kind = i / 4, .token = SAMPLE_TOKEN + i % 2, .trainer_token = SAMPLE_TRAINER + i / 2 % 2};
        ended = drive(&event, &policies[0]) && drive(&event, &policies[1]) && ended;
    }
    seen.is_good = true;
    ended = drive(&(tjob_event){.kind = TJOB_STOP}, &policies[0]) && ended;
    return ended;
}

/* ---- The picture ----------------------------------------------------------------------------------------------- */

/* The names of the bits that are set. */
static void name_all(char text[WORDS_BYTES_MAX], unsigned bits, int count, const char *(*name)(int bit))
{
    for (int bit = 0; bit < count; bit++) {
        if ((bits >> bit & 1) != 0) {
            add_words(text, name(bit));
        }
    }
}

static const char *name_of_word(int word)
{
    return words[word];
}

static const char *name_of_kind(int kind)
{
    return tjob_event_kind_name((tjob_event_kind)kind);
}

static const char *name_of_status(int status)
{
    return tjob_status_name((tjob_status)status);
}

static void add_boxes(struct diagram *diagram)
{
    diagram->box_count = PLACES;
    for (int place = 0; place < PLACES; place++) {
        struct box *box = &diagram->boxes[place];
        *box = boxes[place];
        name_all(box->note, seen.kinds[place], TJOB_EVENT_KIND_COUNT, name_of_kind);
        name_all(box->note, seen.statuses[place], TJOB_STATUS_COUNT, name_of_status);
        for (int other = 0; other < PLACES; other++) {
            box->tone = seen.good[place][other] || seen.good[other][place] ? TONE_MAIN : box->tone;
        }
    }
}

static bool is_after_loss(int place)
{
    return boxes[place].tone == TONE_LOST;
}

static bool add_arrows(struct diagram *diagram)
{
    bool done = true;
    for (int from = 0; from < PLACES; from++) {
        for (int to = 0; to < PLACES; to++) {
            struct arrow arrow = {.from = from, .to = to};
            name_all(arrow.label, seen.words[from][to], WORDS, name_of_word);
            arrow.tone = seen.good[from][to]                        ? TONE_MAIN
                         : is_after_loss(from) || is_after_loss(to) ? TONE_LOST
                                                                    : TONE_PLAIN;
            done = (seen.words[from][to] == 0 || diagram_add(diagram, &arrow)) && done;
        }
    }
    return done;
}

bool picture_operation(void)
{
    static struct diagram diagram = {
        .title = "The operation",
        .description = "What an operation asks its driver for, and where each answer takes it.",
        .size = {900, 680},
        .legend = {{TONE_MAIN, "a stop that meets no trouble"}, {TONE_LOST, "after an answer was lost"}},
        .legend_at = {16, 640},
    };
    if (!drive_all()) {
        fprintf(stderr, "an operation can become more than %d values\n", OPERATIONS_MAX);
        return false;
    }
    add_boxes(&diagram);
    return add_arrows(&diagram) && diagram_print(&diagram);
}
