#include "verify/text/text.h"

void tjob__text_put(struct line *line, const char *text)
{
    for (; *text != '\0' && line->left > 1; text++, line->left--) {
        *line->at++ = *text;
    }
    *line->at = '\0';
}

void tjob__text_put_bytes(struct line *line, tjob_text text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        tjob__text_put(line, (char[]){text.data[i], '\0'});
    }
}

void tjob__text_put_number(struct line *line, uint64_t number)
{
    char digits[21];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    tjob__text_put(line, first);
}

void tjob__text_put_named(struct line *line, const char *name, uint64_t number)
{
    if (number != 0) {
        tjob__text_put(line, name);
        tjob__text_put_number(line, number);
    }
}

void tjob__text_put_record(struct line *line, const tjob_job *job, uint64_t version)
{
    tjob__text_put(line, job != NULL ? tjob_state_name((tjob_state)job->state) : "absent");
    tjob__text_put(line, ", version ");
    tjob__text_put_number(line, version);
    if (job != NULL) {
        tjob__text_put_named(line, ", incarnation ", job->incarnation);
        tjob__text_put_named(line, ", trainer ", job->trainer_token);
        tjob__text_put_named(line, ", submitted at ", job->submitted_ms);
        tjob__text_put_named(line, ", started at ", job->training_started_ms);
        tjob__text_put_named(line, ", stop requested at ", job->stop_requested_ms);
        tjob__text_put_named(line, ", ended at ", job->ended_ms);
    }
}

void tjob__text_put_event(struct line *line, tjob_event_kind kind, uint64_t trainer_token, uint64_t incarnation)
{
    tjob__text_put(line, tjob_event_kind_name(kind));
    tjob__text_put_named(line, " by trainer ", trainer_token);
    tjob__text_put_named(line, " of incarnation ", incarnation);
}

void tjob__text_put_load(struct line *line, const tjob_operation *operation, bool conflict, uint64_t now_ms)
{
    tjob__text_put(line, conflict ? ": reload after a conflict" : operation->lost ? ": reload" : ": load");
    tjob__text_put_named(line, ", at ", now_ms);
}

void tjob__text_put_swap(struct line *line, const tjob_operation *operation)
{
    const tjob_job *next = tjob_operation_next(operation);
    tjob__text_put(line, ": swap version ");
    tjob__text_put_number(line, operation->version);
    tjob__text_put(line, " for ");
    tjob__text_put(line, next != NULL ? tjob_state_name((tjob_state)next->state) : "absence");
}

void tjob__text_put_loaded(struct line *line, tjob_load_status status, const char *record)
{
    tjob__text_put(line, status == TJOB_LOAD_UNAVAILABLE ? "unavailable" : record);
}

void tjob__text_put_swapped(struct line *line, tjob_swap_status status)
{
    static const char names[][16] = {[TJOB_SWAP_OK] = "ok",
                                     [TJOB_SWAP_CONFLICT] = "conflict",
                                     [TJOB_SWAP_FULL] = "full",
                                     [TJOB_SWAP_UNAVAILABLE] = "unavailable",
                                     [TJOB_SWAP_UNKNOWN] = "answer lost"};
    tjob__text_put(line, names[status]);
}

void tjob__text_put_end(struct line *line, tjob_status status, tjob_changed changed)
{
    static const char changes[][20] = {
        [TJOB_CHANGED_NO] = "", [TJOB_CHANGED_YES] = ", changed", [TJOB_CHANGED_UNKNOWN] = ", possibly changed"};
    tjob__text_put(line, "; answer: ");
    tjob__text_put(line, tjob_status_name(status));
    tjob__text_put(line, status == TJOB_OK && changed == TJOB_CHANGED_NO ? ", unchanged" : changes[changed]);
}
