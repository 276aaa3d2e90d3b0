#include <stdio.h>
#include <string.h>

#include "cli/verbs.h"
#include "tjob/version.h"

static int verb_help(int argc, char **argv);
static int verb_version(int argc, char **argv);

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *arguments;
    const char *summary;
} verbs[] = {
    {"demo", verb_demo, "", "tell the stories of a stop, each request and answer as it goes over the wire"},
    {"graph", verb_graph, "[--format table|dot|mermaid]", "print the lifecycle, from the library's own table"},
    {"help", verb_help, "", "print this"},
    {"--version", verb_version, "", "print the version"},
};

#define VERB_COUNT (sizeof verbs / sizeof verbs[0])

static void print_help(FILE *out)
{
    fprintf(out, "tjob: the lifecycle of a training job, and the rules of a request to stop it\n\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(out, "  tjob %s%s%s\n      %s\n", verbs[i].name, verbs[i].arguments[0] != '\0' ? " " : "",
                verbs[i].arguments, verbs[i].summary);
    }
    fprintf(out, "\nExit codes: 0 done, 2 usage.\n");
}

static int verb_help(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "tjob help: takes no arguments\n");
        return EXIT_USAGE;
    }
    print_help(stdout);
    return EXIT_DONE;
}

static int verb_version(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) {
        fprintf(stderr, "tjob --version: takes no arguments\n");
        return EXIT_USAGE;
    }
    printf("tjob %s\n", TJOB_VERSION);
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(name, verbs[i].name) == 0) {
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    if (name[0] != '\0') {
        fprintf(stderr, "tjob: there is no verb '%s'\n\n", name);
    }
    print_help(stderr);
    return EXIT_USAGE;
}
