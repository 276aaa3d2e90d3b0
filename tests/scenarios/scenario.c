/*
 * Runs scenarios: text in which a line that begins with "> " is a command, and the lines below it, up to an empty line
 * or the next command, are what it prints, to the letter. Any other line is prose. In a file that ends in .md only what
 * stands in blocks marked ```scenario counts, and each block is a world of its own.
 *
 *     scenario [--rewrite] [--require-all] FILE...
 *
 * --rewrite puts what is printed in place of what is expected. --require-all fails unless every problem of a request,
 * every problem of an ARN and every error has been met.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/commands.h"

enum { LINE_BYTES_MAX = 4096 };

struct run {
    const char *path;
    FILE *in;
    FILE *out; /* NULL unless rewriting */
    char line[LINE_BYTES_MAX];
    bool more; /* `line` holds one */
    unsigned number;
    struct world world;
    unsigned commands;
    unsigned failures;
};

static void next_line(struct run *run)
{
    run->more = fgets(run->line, sizeof run->line, run->in) != NULL;
    run->number += run->more;
    run->line[strcspn(run->line, "\n")] = '\0';
}

static void copy_out(struct run *run, const char *line)
{
    if (run->out != NULL) {
        fprintf(run->out, "%s\n", line);
    }
}

/* What is expected below a command: up to an empty line, a command, or the end of a block. */
static void read_expected(struct run *run, char expected[OUTPUT_BYTES_MAX])
{
    size_t bytes = 0;
    expected[0] = '\0';
    for (next_line(run);
         run->more && run->line[0] != '\0' && strncmp(run->line, "> ", 2) != 0 && strncmp(run->line, "```", 3) != 0;
         next_line(run)) {
        bytes += (size_t)snprintf(expected + bytes, OUTPUT_BYTES_MAX - bytes, "%s\n", run->line);
        if (bytes >= OUTPUT_BYTES_MAX) {
            abort();
        }
    }
}

static void run_command(struct run *run)
{
    struct output output;
    char expected[OUTPUT_BYTES_MAX];
    char command[LINE_BYTES_MAX];
    const unsigned number = run->number;
    snprintf(command, sizeof command, "%s", run->line + 2);
    copy_out(run, run->line);
    const bool known = carry_out(&run->world, command, &output);
    run->commands++;
    read_expected(run, expected);
    if (!known || (run->out == NULL && strcmp(expected, output.text) != 0)) {
        printf("%s:%u: %s\n  expected:\n%s  printed:\n%s", run->path, number, command, expected, output.text);
        run->failures++;
    }
    if (run->out != NULL) {
        fputs(output.text, run->out);
    }
}

/* Runs a file whose every line counts, or those of its blocks. */
static void run_lines(struct run *run, bool only_blocks)
{
    bool counts = !only_blocks;
    next_line(run);
    while (run->more) {
        if (only_blocks && strncmp(run->line, "```", 3) == 0) {
            counts = strcmp(run->line, "```scenario") == 0;
            world_init(&run->world);
        }
        if (counts && strncmp(run->line, "> ", 2) == 0) {
            run_command(run);
        } else {
            copy_out(run, run->line);
            next_line(run);
        }
    }
}

static bool run_file(const char *path, bool rewrite)
{
    static struct run run;
    char rewritten[1024];
    memset(&run, 0, sizeof run);
    snprintf(rewritten, sizeof rewritten, "%s.new", path);
    run.path = path;
    run.in = fopen(path, "r");
    run.out = rewrite ? fopen(rewritten, "w") : NULL;
    if (run.in == NULL || (rewrite && run.out == NULL)) {
        printf("%s: cannot be opened\n", path);
        return false;
    }
    world_init(&run.world);
    run_lines(&run, strlen(path) > 3 && strcmp(path + strlen(path) - 3, ".md") == 0);
    fclose(run.in);
    if (rewrite && (fclose(run.out) != 0 || rename(rewritten, path) != 0)) {
        printf("%s: cannot be rewritten\n", path);
        return false;
    }
    if (run.commands == 0) {
        printf("%s: no command\n", path);
    }
    printf("%s: %u commands, %u failures\n", path, run.commands, run.failures);
    return run.commands != 0 && run.failures == 0;
}

int main(int argc, char **argv)
{
    bool rewrite = false;
    bool require_all = false;
    bool passed = argc > 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--rewrite") == 0) {
            rewrite = true;
        } else if (strcmp(argv[i], "--require-all") == 0) {
            require_all = true;
        } else {
            passed = run_file(argv[i], rewrite) && passed;
        }
    }
    struct output unmet;
    if (require_all && unmet_errors(&unmet) != 0) {
        printf("no request met these:\n%s", unmet.text);
        passed = false;
    }
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
