/* What the verbs share: a service over a file store, and how jobs and failures are printed. */
#ifndef TJOB_CLI_SESSION_H
#define TJOB_CLI_SESSION_H

#include "cli/arguments.h"
#include "tjob/tjob.h"

struct session {
    const struct arguments *arguments;
    tjob_file_store store;
    tjob_service service;
    bool json;
};

/* Opens the store that is named. EXIT_DONE; or EXIT_STORAGE after it has said why not. */
int session_open(struct session *session, const struct arguments *arguments);
void session_close(struct session *session);

/* Says what is wrong with a file, and returns EXIT_STORAGE. */
int session_file_failed(const struct arguments *arguments, tjob_file_problem problem);

/* Carries an event to the job that the first operand names, prints what became of it, and returns the exit code. */
int session_perform(struct session *session, const tjob_event *event);

/* Prints the error of an outcome that is not TJOB_OK, and returns the exit code. */
int session_failed(struct session *session, tjob_event_kind kind, const tjob_outcome *outcome);

/* Prints text that others chose: in JSON with its quotes; else with what a terminal would obey made visible. */
void session_print_quoted(tjob_text text);
void session_print_plain(tjob_text text);

/* Prints a job as JSON, or as lines. */
void session_print_job_json(const tjob_job *job);
void session_print_job(const tjob_job *job);

/* A random number, never 0. */
uint64_t session_random(void);

tjob_text session_text(const char *string);

#endif
