/* What the verbs share: a service over a file store, and how jobs and failures are printed. */
#ifndef TJOB_CLI_SESSION_H
#define TJOB_CLI_SESSION_H

#include "cli/arguments.h"
#include "tjob/tjob.h"

struct session {
    const struct arguments *arguments;
    tjob_file_store store;
    tjob_store callbacks; /* the store's own; the service's wait no longer than is left of the time */
    tjob_service service;
    uint64_t wait_end_ms;
    bool json;
};

/* Opens the store that is named. EXIT_DONE; or the exit code after it has said why not. */
int session_open(struct session *session, const struct arguments *arguments);
void session_close(struct session *session);

/* When a verb that begins now stops waiting for others; and how long the next call may wait so that it does. */
uint64_t session_wait_end_ms(const struct arguments *arguments);
void session_limit_wait(tjob_file_store *store, uint64_t wait_end_ms);

/* Says what is wrong with a file, or with one bucket of it, and returns the exit code. */
int session_file_failed(const struct arguments *arguments, tjob_file_problem problem);
int session_bucket_failed(const struct arguments *arguments, uint32_t bucket, tjob_file_problem problem);

/* Carries an event to the job that the first operand names, prints what became of it, and returns the exit code. */
int session_perform(struct session *session, const tjob_event *event);

/* Prints text that others chose on standard output: see output_quoted and output_plain. */
void session_print_quoted(tjob_text text);
void session_print_plain(tjob_text text);

/* Prints a job as JSON, or as lines. */
void session_print_job_json(const tjob_job *job);
void session_print_job(const tjob_job *job);

/* A random number, never 0. */
uint64_t session_random(void);

tjob_text session_text(const char *string);

#endif
