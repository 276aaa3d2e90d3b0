/* The command that makes a store from lines of JSON, one a job. */
#define _POSIX_C_SOURCE 200809L /* NOLINT: for getc_unlocked */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "cli/output.h"
#include "cli/commands.h"
#include "host/file_store/posix_disk.h"

/* Prints what is wrong with the present line, and returns an exit code. */
static int import_refuse(const struct import *import, const char *text, const char *member, tjob_file_problem problem)
{
    if (import->arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"problem\":\"%s\",\"line\":\"%" PRIu64 "\",\"text\":\"%s%s%s\"}\n", tjob_file_problem_name(problem),
               import->line, member != NULL ? member : "", member != NULL ? ": " : "", text);
        return exit_code_of_problem(problem);
    }
    fprintf(stderr, "tjob %s: ", import->arguments->command->name);
    if (import->line != 0) {
        fprintf(stderr, "line %" PRIu64 ": ", import->line);
    }
    fprintf(stderr, "%s%s%s\n", member != NULL ? member : "", member != NULL ? ": " : "", text);
    return exit_code_of_problem(problem);
}

/* Returns the time at which a version is raised: of the next millisecond, because the store from which it comes may
 * have begun in this one. Lines may have waited for that store, so each has a time of its own. */
static uint64_t import_now_ms(void)
{
    const tjob_clock clock = tjob_system_clock();
    const uint64_t now_ms = clock.now_ms(clock.context, NULL);
    return now_ms < TJOB_FILE_STORE_NOW_MS_MAX ? now_ms + 1 : TJOB_FILE_STORE_NOW_MS_MAX;
}

static void import_raise_base(struct import *import, uint64_t least)
{
    uint64_t *base = &import->new.header.base;
    *base = least > *base ? least : *base;
}

int import_put(struct import *import, const tjob_listed_job *found)
{
    const uint64_t highest = found->version > found->job.incarnation ? found->version : found->job.incarnation;
    const struct file_record record = {.arn = {found->arn, found->arn_bytes},
                                       .version = tjob__file_header_raise(highest, import_now_ms()),
                                       .job = found->job};
    if (record.version >= FILE_SEQUENCE_CHANGE_MAX) {
        return import_refuse(import, "no version is left above those of this job", NULL, TJOB_FILE_INVALID_ARGUMENT);
    }
    import_raise_base(import, record.version);
    const tjob_file_problem problem = tjob__file_fill_insert(&import->new, &record);
    if (problem == TJOB_FILE_EXISTS) {
        return import_refuse(import, "duplicate ARN", NULL, problem);
    }
    if (problem == TJOB_FILE_FULL) {
        return import_refuse(import, "the store is full: give it a larger --capacity", NULL, problem);
    }
    import->jobs++;
    return problem != TJOB_FILE_OK ? session_path_failed(import->arguments, import->path, problem) : EXIT_DONE;
}

int import_last(struct import *import, const struct job_json_end *last)
{
    const uint64_t base = tjob__file_header_raise(last->base, import_now_ms());
    import->ended = true;
    if (last->jobs != import->jobs) {
        return import_refuse(import, "differs from the number of jobs before this line", "jobs",
                             TJOB_FILE_INVALID_ARGUMENT);
    }
    if (base >= FILE_SEQUENCE_CHANGE_MAX) {
        return import_refuse(import, "no version is left above it", "base", TJOB_FILE_INVALID_ARGUMENT);
    }
    import_raise_base(import, base);
    return EXIT_DONE;
}

static int import_line(struct import *import, tjob_text line)
{
    struct job_json_problem problem = {NULL, NULL};
    tjob_listed_job record;
    struct job_json_end last;
    import->line++;
    if (import->ended) {
        return import_refuse(import, "unexpected line after the last one", NULL, TJOB_FILE_INVALID_ARGUMENT);
    }
    switch (job_json_read(line, &record, &last, &problem)) {
    case JOB_JSON_JOB:
        return import_put(import, &record);
    case JOB_JSON_END:
        return import_last(import, &last);
    default:
        return import_refuse(import, problem.text, problem.member, TJOB_FILE_INVALID_ARGUMENT);
    }
}

/* Reads a line with its line feed, or as much of it as there is room for. Returns its size; 0 at the end. */
static size_t import_read_line(char line[JOB_JSON_LINE_BYTES_MAX])
{
    size_t bytes = 0;
    for (int byte; bytes < JOB_JSON_LINE_BYTES_MAX && (byte = getc_unlocked(stdin)) != EOF;) {
        line[bytes++] = (char)byte;
        if (byte == '\n') {
            break;
        }
    }
    return bytes;
}

static int import_lines(struct import *import)
{
    char line[JOB_JSON_LINE_BYTES_MAX];
    int code = EXIT_DONE;
    for (size_t bytes; code == EXIT_DONE && (bytes = import_read_line(line)) != 0 && ferror(stdin) == 0;) {
        const bool ends = line[bytes - 1] == '\n';
        if (!ends && bytes == sizeof line) {
            import->line++;
            return import_refuse(import, "the line is too long", NULL, TJOB_FILE_INVALID_ARGUMENT);
        }
        code = import_line(import, (tjob_text){line, bytes - (ends ? 1 : 0)});
    }
    if (code == EXIT_DONE && ferror(stdin) != 0) {
        return import_refuse(import, strerror(errno), "cannot read standard input", TJOB_FILE_IO);
    }
    if (code == EXIT_DONE && !import->ended) {
        return import_refuse(import, "unexpected end of input: the last line, with the number of jobs, is missing",
                             NULL, TJOB_FILE_INVALID_ARGUMENT);
    }
    return code;
}

int import_end(struct import *import)
{
    const struct file_header *header = &import->new.header;
    tjob_file_problem problem = tjob__file_fill_end(&import->new);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_sync(&import->new);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_end(&import->new);
    } else {
        tjob__file_creation_abandon(&import->new);
    }
    if (problem != TJOB_FILE_OK) {
        return session_path_failed(import->arguments, import->path, problem);
    }
    if (import->arguments->texts[OPTION_JSON] != NULL) {
        printf("{\"capacity\":\"%" PRIu64 "\",\"jobs\":\"%" PRIu64 "\"}\n", header->capacity, import->jobs);
    } else {
        output_plain_string(stdout, import->path);
        printf(": a store for %" PRIu64 " jobs, with %" PRIu64 "\n", header->capacity, import->jobs);
    }
    return EXIT_DONE;
}

int import_begin(struct import *import, const struct arguments *arguments, const char *path)
{
    const struct tjob_disk *disk = &tjob__posix_disk;
    const uint64_t capacity = arguments_number(arguments, OPTION_CAPACITY, TJOB_FILE_STORE_JOBS_DEFAULT);
    *import = (struct import){.arguments = arguments, .path = path, .new = {.disk = disk}};
    tjob_file_problem problem =
        tjob__file_store_keep_path(disk, path, sizeof FILE_GROWING_SUFFIX - 1, import->new.path);
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_plan(disk, capacity, &import->new.header);
    }
    if (problem == TJOB_FILE_OK) {
        problem = tjob__file_creation_begin(&import->new, DISK_CREATE);
    }
    return problem != TJOB_FILE_OK ? session_path_failed(arguments, path, problem) : EXIT_DONE;
}

int command_store_import(const struct arguments *arguments)
{
    struct import import;
    if (engine_of(arguments->operands[0]) != NULL) {
        return session_needs_a_file(arguments);
    }
    int code = session_check_clock(arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    code = import_begin(&import, arguments, arguments->operands[0]);
    if (code != EXIT_DONE) {
        return code;
    }
    code = import_lines(&import);
    if (code != EXIT_DONE) {
        tjob__file_creation_abandon(&import.new);
        return code;
    }
    return import_end(&import);
}
