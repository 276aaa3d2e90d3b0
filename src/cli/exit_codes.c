#include "cli/exit_codes.h"

static const char *const summaries[] = {
    [EXIT_DONE] = "done; of check, history check and simulate: everything holds",
    [EXIT_SERVICE] =
        "the service's error: the request was refused and has changed nothing; its name is printed; of check, "
        "history check and simulate: something is violated",
    [EXIT_USAGE] = "usage: the command line is not valid",
    [EXIT_STORAGE] =
        "storage: the store, or a file, could not be used, or nobody can tell whether the request was applied; "
        "of check, history check and simulate: it could not be told",
    [EXIT_DAMAGED] = "damaged: the store has lost what it held, or part of its file is missing",
    [EXIT_BUSY] = "busy: others held what was needed for longer than --wait-ms: try again",
    [EXIT_NO_SPACE] = "no space: the disk, or the store, is full",
    [EXIT_OUTPUT] = "output: what was to be done is done, but standard output is closed or full",
};

int exit_code_of_problem(tjob_file_problem problem)
{
    static const struct {
        tjob_file_problem problem;
        int code;
    } codes[] = {
        {TJOB_FILE_OK, EXIT_DONE},   {TJOB_FILE_DAMAGED, EXIT_DAMAGED},   {TJOB_FILE_TRUNCATED, EXIT_DAMAGED},
        {TJOB_FILE_BUSY, EXIT_BUSY}, {TJOB_FILE_NO_SPACE, EXIT_NO_SPACE}, {TJOB_FILE_FULL, EXIT_NO_SPACE},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].problem == problem) {
            return codes[i].code;
        }
    }
    return EXIT_STORAGE;
}

int exit_code_of_failure(tjob_status status, tjob_file_problem problem)
{
    if (status == TJOB_CONTENDED) {
        return EXIT_BUSY;
    }
    /* Of another failure it is what led to it; of one that leaves open what was done, that is what counts. */
    return status == TJOB_UNAVAILABLE || status == TJOB_FULL ? exit_code_of_problem(problem) : EXIT_STORAGE;
}

void exit_codes_print(FILE *out)
{
    for (size_t code = 0; code < sizeof summaries / sizeof summaries[0]; code++) {
        fprintf(out, "  %zu  %s\n", code, summaries[code]);
    }
}
