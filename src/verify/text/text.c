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
