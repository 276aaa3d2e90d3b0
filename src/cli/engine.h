/* The stores that a URL names. Each is in a library of its own, which this program may be built without. */
#ifndef TJOB_CLI_ENGINE_H
#define TJOB_CLI_ENGINE_H

#include <stdbool.h>
#include <stdio.h>

#include "tjob/store.h"
#include "tjob/store_list.h"

enum {
    ENGINE_TEXT_BYTES = 512,
    ENGINE_STORES_MAX = 2, /* that are open at a time: a copy has two */
    ENGINE_SCHEMES = 2
};

/* Why a call of an engine failed. */
struct engine_problem {
    const char *name; /* for programs */
    char text[ENGINE_TEXT_BYTES];
    int code; /* the exit code */
};

/* What an engine does. A function that returns false has a problem, which `problem` returns. */
struct engine_calls {
    /* Returns an open store, or NULL and the problem. */
    void *(*open)(const char *url, uint32_t wait_ms, struct engine_problem *problem);
    void (*close)(void *store);
    tjob_store (*callbacks)(void *store);
    tjob_store_list (*list)(void *store);
    void (*problem)(void *store, struct engine_problem *problem); /* the latest */
    bool (*create)(void *store);
    bool (*check)(void *store);
    bool (*purge)(void *store, uint64_t *purged);
    bool (*renew)(void *store); /* after the engine was restored; NULL: there is no need */
    /* Lets all versions that are given from now on to names without a job be above this one. */
    bool (*raise)(void *store, uint64_t version);
};

/* Those that are built in. */
extern const struct engine_calls tjob__engine_postgresql;
extern const struct engine_calls tjob__engine_etcd;

struct engine {
    const char *name;
    const char *schemes[ENGINE_SCHEMES]; /* how its URLs begin */
    const char *option;                  /* of CMake, which builds it in */
    const struct engine_calls *calls;    /* NULL: it is not built in */
};

/* Returns the engine of a --store; NULL if it names a file. */
const struct engine *engine_of(const char *location);

/* Prints the path of a file, or a URL without its password, its parameters and its fragment. */
void engine_print_location(FILE *out, const char *location);

/* Sets the text of a problem, as far as there is room. */
void engine_set_text(struct engine_problem *problem, const char *text);

#endif
