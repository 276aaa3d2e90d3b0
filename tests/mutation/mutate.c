/*
 * Mutation: changes one source file of the library in one place, builds the library with it, and runs tests that must
 * now fail. It does so for every place and every change it knows, or for a sample of them.
 *
 *     mutate --root DIR --file src/core/job.c --mutants KIND --work DIR --compile COMMAND --objects FILE
 *            --equivalent FILE [--sample N] [--seed N] TEST...
 *
 * COMMAND is the compiler with the flags of the library, for compiling and for linking; FILE lists the objects of the
 * library, a line each; TESTs load libtjob_mutable.so. Mutants that no test of behaviour can tell from the library are
 * listed, with a reason each, in the file of equivalents: one that is not listed must be killed, and one that is listed
 * must not.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutants.h"

enum { COMMAND_BYTES = 16384, TESTS_MAX = 16 };

/*
 * A test hangs that takes so many times the processor's time that it takes without a mutation, and so many seconds
 * more: other work on the machine does not count. One that waits for what never comes is ended by the clock, by which
 * it may take longer: other work does count there.
 */
enum { HANGS_TIMES = 5, HANGS_SECONDS = 4, WAITS_TIMES = 10, WAITS_SECONDS = 20 };

struct test {
    const char *program;
    rlim_t seconds;      /* of the processor, after which it hangs; 0 = it may take as long as it does */
    unsigned by_clock_s; /* the same by the clock */
};

struct setup {
    const char *root;
    const char *file;
    const char *mutants;
    const char *work;
    const char *compile;
    const char *objects;
    const char *equivalent;
    unsigned long sample; /* so many of the mutants; 0 = all */
    unsigned long seed;
    char compile_mutant[COMMAND_BYTES];
    char link_mutant[COMMAND_BYTES];
    struct test tests[TESTS_MAX];
    unsigned test_count;
};

struct tally {
    unsigned tried;
    unsigned killed;
    unsigned equivalent;
    unsigned invalid; /* do not compile: the compiler notices */
    unsigned wrong;   /* survivors that are not listed, listed ones that are killed */
};

/* ---- Commands -------------------------------------------------------------------------------------------------- */

static bool succeeds(const char *command)
{
    const int status = system(command);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Runs a test program quietly; one that hangs is ended, in a process group of its own: Check ends its group. */
static bool passes(const struct setup *setup, const struct test *test)
{
    const pid_t child = fork();
    if (child == 0) {
        (void)setpgid(0, 0);
        alarm(test->by_clock_s);
        if (test->seconds != 0) {
            setrlimit(RLIMIT_CPU, &(struct rlimit){test->seconds, test->seconds});
        }
        setenv("LD_LIBRARY_PATH", setup->work, 1);
        setenv("CK_FORK", "no", 1);
        setenv("CK_DEFAULT_TIMEOUT", "0", 1);
        setenv("ASAN_OPTIONS", "detect_leaks=0:symbolize=0", 1);
        if (freopen("/dev/null", "w", stdout) != NULL && freopen("/dev/null", "w", stderr) != NULL) {
            execl(test->program, test->program, (char *)NULL);
        }
        _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool some_test_fails(const struct setup *setup)
{
    for (unsigned i = 0; i < setup->test_count; i++) {
        if (!passes(setup, &setup->tests[i])) {
            return true;
        }
    }
    return false;
}

/* The seconds that the processors have spent on all that was run and has ended. */
static rlim_t seconds_spent(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (rlim_t)usage.ru_utime.tv_sec + (rlim_t)usage.ru_stime.tv_sec;
}

/* Whether all tests pass without a mutation, and how long each may take with one. */
static bool all_tests_pass(struct setup *setup)
{
    for (unsigned i = 0; i < setup->test_count; i++) {
        struct test *test = &setup->tests[i];
        const rlim_t spent = seconds_spent();
        const time_t begin = time(NULL);
        if (!passes(setup, test)) {
            return false;
        }
        test->seconds = HANGS_SECONDS + HANGS_TIMES * (seconds_spent() - spent);
        test->by_clock_s = WAITS_SECONDS + WAITS_TIMES * (unsigned)(time(NULL) - begin);
    }
    return true;
}

static _Noreturn void give_up(const char *what, const char *which)
{
    fprintf(stderr, "mutate: %s: %s\n", which, what);
    exit(2);
}

static void append(char command[COMMAND_BYTES], const char *format, ...)
{
    const size_t length = strlen(command);
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(command + length, COMMAND_BYTES - length, format, arguments) >= (int)(COMMAND_BYTES - length)) {
        give_up("too long", command);
    }
    va_end(arguments);
}

/* Whether a source is the file, or includes it, directly or not. */
static bool depends_on(const char *root, const char *source, const char *file)
{
    bool found = strcmp(source, file) == 0;
    char path[1024];
    char line[1024];
    char included[256] = "src/";
    snprintf(path, sizeof path, "%s/%s", root, source);
    FILE *text = found ? NULL : fopen(path, "r");
    while (text != NULL && !found && fgets(line, sizeof line, text) != NULL) {
        found = sscanf(line, "#include \"%200[^\"]", included + 4) == 1 && depends_on(root, included, file);
    }
    if (text != NULL) {
        fclose(text);
    }
    return found;
}

/* The source of an object, without ".c": src/core/job of .../src/core/job.c.o. */
static void source_of(const char *object, char source[1024])
{
    const char *begin = NULL;
    for (const char *next = strstr(object, "/src/"); next != NULL; next = strstr(next + 1, "/src/")) {
        begin = next + 1;
    }
    const char *end = begin != NULL ? strstr(begin, ".c.o") : NULL;
    if (end == NULL) {
        give_up("not an object of the library", object);
    }
    snprintf(source, 1024, "%.*s", (int)(end - begin), begin);
}

/*
 * Sources that depend on the file are compiled again, and linked with the unchanged objects of all others. The mutant
 * stands in the folder of work where the file does in the root, and that folder comes first in the include path.
 */
static void plan_build(struct setup *setup)
{
    static char sources[COMMAND_BYTES];
    static char objects[COMMAND_BYTES];
    char object[1024];
    char source[1024];
    char file[sizeof source + 2];
    FILE *list = fopen(setup->objects, "r");
    while (list != NULL && fgets(object, sizeof object, list) != NULL) {
        object[strcspn(object, "\n")] = '\0';
        source_of(object, source);
        snprintf(file, sizeof file, "%s.c", source);
        if (depends_on(setup->root, file, setup->file)) {
            append(sources, " '%s/%s'", strcmp(file, setup->file) == 0 ? "." : setup->root, file);
            append(objects, " %s.o", strrchr(source, '/') + 1);
        } else {
            append(objects, " '%s'", object);
        }
    }
    if (list != NULL) {
        fclose(list);
    }
    if (sources[0] == '\0') {
        give_up("nothing in the library is made of it", setup->file);
    }
    append(setup->compile_mutant, "cd '%s' && %s -c%s 2>errors", setup->work, setup->compile, sources);
    append(setup->link_mutant, "cd '%s' && %s -shared -o libtjob_mutable.so%s", setup->work, setup->compile, objects);
}

/* Makes the library with a text in place of the file; false if that does not compile. */
static bool build(const struct setup *setup, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", setup->work, setup->file);
    FILE *out = fopen(path, "w");
    if (out == NULL || fputs(text, out) == EOF || fclose(out) == EOF) {
        give_up("cannot be written", path);
    }
    if (!succeeds(setup->compile_mutant)) {
        return false;
    }
    if (!succeeds(setup->link_mutant)) {
        give_up("cannot be linked", setup->file);
    }
    return true;
}

/* ---- The run --------------------------------------------------------------------------------------------------- */

static void report(const struct mutant *mutant, const char *what)
{
    printf("%s, line %u:\n- %s\n    %s\n    %s\n", what, mutant->line, mutant->key, mutant->before, mutant->after);
}

static void try_mutant(const struct setup *setup, const struct mutant *mutant, struct tally *tally)
{
    tally->tried++;
    if (!build(setup, mutant->text)) {
        tally->invalid++;
        return;
    }
    const bool killed = some_test_fails(setup);
    const bool listed = count_listed(setup->equivalent, setup->file, setup->mutants, mutant->key) != 0;
    tally->killed += killed;
    tally->equivalent += listed && !killed;
    if (killed == listed) {
        report(mutant, killed ? "listed as equivalent, but killed" : "survived");
        tally->wrong++;
    }
    fflush(stdout);
}

static bool parse(int argc, char **argv, struct setup *setup)
{
    const struct {
        const char *name;
        const char **value;
    } options[] = {
        {"--root", &setup->root},
        {"--file", &setup->file},
        {"--mutants", &setup->mutants},
        {"--work", &setup->work},
        {"--compile", &setup->compile},
        {"--objects", &setup->objects},
        {"--equivalent", &setup->equivalent},
    };
    for (int i = 1; i < argc; i++) {
        bool taken = false;
        for (size_t k = 0; k < sizeof options / sizeof options[0] && i + 1 < argc; k++) {
            if (strcmp(argv[i], options[k].name) == 0) {
                *options[k].value = argv[++i];
                taken = true;
                break;
            }
        }
        if (!taken && strcmp(argv[i], "--sample") == 0 && i + 1 < argc) {
            setup->sample = strtoul(argv[++i], NULL, 10);
        } else if (!taken && strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            setup->seed = strtoul(argv[++i], NULL, 10);
        } else if (!taken) {
            if (setup->test_count == TESTS_MAX) {
                return false;
            }
            setup->tests[setup->test_count++].program = argv[i];
        }
    }
    return setup->root && setup->file && setup->mutants && setup->work && setup->compile && setup->objects &&
           setup->equivalent && setup->test_count != 0;
}

/*
 * Of `count` mutants the one to try as number `i`. A sample takes one out of each of so many parts of equal length, by
 * the numbers from seed * tries + 1 on of a sequence that is spread evenly: no two samples use the same.
 */
static unsigned chosen(const struct setup *setup, unsigned i, unsigned tries, unsigned count)
{
    const unsigned long long first = (unsigned long long)count * i / tries;
    const unsigned long long behind = (unsigned long long)count * (i + 1) / tries;
    const unsigned long long place = (unsigned long long)setup->seed * tries + i + 1;
    const unsigned long long spread = place * 0x9e3779b97f4a7c15ULL >> 32;
    return (unsigned)(first + (spread * (behind - first) >> 32));
}

/* What shares.cmake adds up: the file, the mutants of it that compile, those of them that were killed. */
static void write_tally(const struct setup *setup, const struct tally *tally)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tally", setup->work);
    FILE *out = fopen(path, "w");
    if (out == NULL || fprintf(out, "%s %u %u\n", setup->file, tally->tried - tally->invalid, tally->killed) < 0 ||
        fclose(out) != 0) {
        give_up("cannot be written", path);
    }
}

int main(int argc, char **argv)
{
    static struct setup setup;
    if (!parse(argc, argv, &setup)) {
        fprintf(stderr, "mutate: an option is missing\n");
        return 2;
    }
    struct mutants *mutants = read_mutants(setup.root, setup.file, setup.mutants);
    if (mutants == NULL || mutants->count == 0) {
        give_up("no mutants", setup.file);
    }
    plan_build(&setup);
    if (!build(&setup, mutants->original)) {
        give_up("does not compile without any mutation", setup.file);
    }
    if (!all_tests_pass(&setup)) {
        give_up("the tests fail without any mutation", setup.file);
    }
    struct tally tally = {.tried = 0};
    const bool all = setup.sample == 0 || setup.sample > mutants->count;
    const unsigned tries = all ? mutants->count : (unsigned)setup.sample;
    for (unsigned i = 0; i < tries; i++) {
        struct mutant mutant;
        make_mutant(mutants, chosen(&setup, i, tries, mutants->count), &mutant);
        try_mutant(&setup, &mutant, &tally);
        free_mutant(&mutant);
    }
    if (setup.sample == 0 && count_listed(setup.equivalent, setup.file, setup.mutants, NULL) != tally.equivalent) {
        printf("the file of equivalents lists mutants of %s that are none\n", setup.file);
        tally.wrong++;
    }
    printf("%s, %s: %u mutants of %u tried, %u do not compile, %u killed, %u equivalent, %u wrong\n", setup.file,
           setup.mutants, tally.tried, mutants->count, tally.invalid, tally.killed, tally.equivalent, tally.wrong);
    free_mutants(mutants);
    write_tally(&setup, &tally);
    return tally.wrong == 0 && tally.invalid != tally.tried ? 0 : 1;
}
