/* Shared by the commands: a service over the store of --store, and printing of jobs and errors. */
#ifndef TJOB_CLI_SESSION_H
#define TJOB_CLI_SESSION_H

#include "cli/arguments.h"
#include "cli/engine.h"
#include "tjob/tjob.h"

struct session {
    const struct arguments *arguments;
    const char *location;              /* the path or the URL of the store */
    const struct engine_calls *engine; /* NULL: the store is a file */
    void *engine_store;
    tjob_file_store store; /* if it is a file */
    tjob_store_list list;
    tjob_service service;
    bool json;
};

/* Opens the store of --store. Returns EXIT_DONE, or the exit code after printing the error. */
int session_open(struct session *session, const struct arguments *arguments);

/*
 * Checks the system's clock, for a command that raises versions by it. Returns EXIT_DONE; or, if the time is above
 * TJOB_FILE_STORE_NOW_MS_MAX, the exit code after printing the error.
 */
int session_check_clock(const struct arguments *arguments);

/* Prints that a command works on files only, and returns the exit code. */
int session_needs_a_file(const struct arguments *arguments);

/* The latest problem of the store, for people and programs. */
struct engine_problem session_problem(struct session *session);

/* Print the latest problem of the store, or of a part of it that a list has skipped, and return the exit code. */
int session_store_failed(struct session *session);
int session_part_failed(struct session *session, const tjob_list_cursor *cursor);

/*
 * The same for a command that only reads, and for any store. If the caller may not write to the file, or if it is a
 * backup, it is opened read-only.
 */
int session_open_to_read(struct session *session, const struct arguments *arguments);
tjob_file_problem session_open_file_to_read(tjob_file_store *store, const char *path,
                                            const struct arguments *arguments);

/* Opens a store: as `open` does if it is a file, else by its engine. Returns EXIT_DONE, or the exit code after
 * printing. */
typedef tjob_file_problem session_open_file_as(tjob_file_store *store, const char *path,
                                               const struct arguments *arguments);
int session_open_location(struct session *session, const char *location, const struct arguments *arguments,
                          session_open_file_as *open);

void session_close(struct session *session);

/* Limits how long all calls on a store wait in total to what --wait-ms leaves after the store was opened. */
void session_limit_waiting(tjob_file_store *store, const struct arguments *arguments, uint64_t began_ms);
uint64_t session_monotonic_ms(void);

/* Print the problem of a file, or of one bucket of it, and return the exit code. */
int session_path_failed(const struct arguments *arguments, const char *path, tjob_file_problem problem);
int session_file_failed(const struct arguments *arguments, tjob_file_problem problem);
/* The same for a growth: prints the name under which it grows, if it cannot remove the file that stands there. */
int session_growth_failed(const struct arguments *arguments, tjob_file_problem problem);
int session_bucket_failed(const struct arguments *arguments, uint32_t bucket, tjob_file_problem problem);

/* The same for an operation on one job that the service failed. */
int session_job_failed(struct session *session, tjob_text arn, tjob_status status);

/* Applies an event to the job of the first operand, prints the outcome and returns the exit code. */
int session_perform(struct session *session, const tjob_event *event);

/* Prints the outcome of an event that was not refused. */
void session_print_outcome(const struct session *session, tjob_text arn, const tjob_event *event,
                           const tjob_outcome *outcome);

/* Print untrusted text on standard output: see output_quoted and output_plain. */
void session_print_quoted(tjob_text text);
void session_print_plain(tjob_text text);

/* Prints a record of a store as a line of JSON. */
void session_print_record(const tjob_listed_job *record);

/* Print a job as JSON, or as lines. */
void session_print_job_json(const tjob_job *job);
void session_print_job(const tjob_job *job);

/* Returns a random number, never 0. */
uint64_t session_random(void);

tjob_text session_text(const char *string);

/* Returns the directory of temporary files: TMPDIR, or /tmp if that is not set or empty. */
const char *session_temporary_folder(void);

#endif
