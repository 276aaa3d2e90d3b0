#include "cli/exit_codes.h"

static const char *const summaries[] = {
    [EXIT_DONE] = "success; of check, history check and simulate: no violation",
    [EXIT_SERVICE] =
        "the service refused the request, which changed nothing; the name of the error is printed; of check, "
        "history check and simulate: violation",
    [EXIT_USAGE] = "usage: invalid command line",
    [EXIT_STORAGE] =
        "storage: cannot use the store or a file, or it is unknown whether the request was applied; of check, "
        "history check and simulate: inconclusive",
    [EXIT_DAMAGED] = "damaged: the store has lost data or a protection of it, or its file is truncated",
    [EXIT_BUSY] = "busy: timed out after --wait-ms, or too many conflicts; try again",
    [EXIT_NO_SPACE] = "no space: the disk or the store is full",
    [EXIT_OUTPUT] = "output: the work is done, but standard output is closed or full",
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

int exit_code_of_failure(tjob_status status, int cause)
{
    if (status == TJOB_CONTENDED) {
        return EXIT_BUSY;
    }
    /* An unresolved operation is EXIT_STORAGE whatever caused it; unavailable and full exit with their cause. */
    return status == TJOB_UNAVAILABLE || status == TJOB_FULL ? cause : EXIT_STORAGE;
}

void exit_codes_print(FILE *out)
{
    for (size_t code = 0; code < sizeof summaries / sizeof summaries[0]; code++) {
        fprintf(out, "  %zu  %s\n", code, summaries[code]);
    }
}
