/* Stores in PostgreSQL, for the commands: one connection each. */
#include <string.h>

#include "cli/engine.h"
#include "cli/exit_codes.h"
#include "tjob/postgresql_store.h"

struct postgresql_instance {
    tjob_postgresql_store store;
    tjob_postgresql_connection connection;
    bool is_open;
};

static int postgresql_exit_code(tjob_postgresql_problem problem)
{
    switch (problem) {
    case TJOB_POSTGRESQL_OK:
        return EXIT_DONE;
    case TJOB_POSTGRESQL_DAMAGED:
        return EXIT_DAMAGED;
    case TJOB_POSTGRESQL_BUSY:
    case TJOB_POSTGRESQL_CONTENDED:
    case TJOB_POSTGRESQL_CANCELLED:
        return EXIT_BUSY;
    case TJOB_POSTGRESQL_NO_SPACE:
        return EXIT_NO_SPACE;
    default:
        return EXIT_STORAGE;
    }
}

/* The text has the library's words, and the server's where it said something. */
static void postgresql_fill(tjob_postgresql_problem problem, const char *message, struct engine_problem *filled)
{
    const char *text = tjob_postgresql_problem_text(problem);
    *filled =
        (struct engine_problem){.name = tjob_postgresql_problem_name(problem), .code = postgresql_exit_code(problem)};
    (void)snprintf(filled->text, sizeof filled->text, message[0] != '\0' ? "%s: %s" : "%s", text, message);
}

static void *postgresql_open(const char *url, uint32_t wait_ms, struct engine_problem *problem)
{
    static struct postgresql_instance instances[ENGINE_STORES_MAX];
    struct postgresql_instance *instance = instances;
    while (instance->is_open) {
        instance++;
    }
    const tjob_postgresql_config config = {
        .conninfo = url, .connections = &instance->connection, .connection_count = 1, .wait_ms = wait_ms};
    const tjob_postgresql_problem opened = tjob_postgresql_store_init(&instance->store, &config);
    instance->is_open = opened == TJOB_POSTGRESQL_OK;
    postgresql_fill(opened, "", problem);
    return instance->is_open ? instance : NULL;
}

static void postgresql_close(void *store)
{
    struct postgresql_instance *instance = store;
    tjob_postgresql_store_close(&instance->store);
    instance->is_open = false;
}

static tjob_store postgresql_callbacks(void *store)
{
    return tjob_postgresql_store_callbacks(&((struct postgresql_instance *)store)->store);
}

static tjob_store_list postgresql_list(void *store)
{
    return tjob_postgresql_store_list(&((struct postgresql_instance *)store)->store);
}

static void postgresql_problem(void *store, struct engine_problem *problem)
{
    char message[TJOB_POSTGRESQL_MESSAGE_BYTES];
    const tjob_postgresql_problem latest =
        tjob_postgresql_store_message(&((struct postgresql_instance *)store)->store, message);
    postgresql_fill(latest, message, problem);
}

static bool postgresql_create(void *store)
{
    return tjob_postgresql_store_create(&((struct postgresql_instance *)store)->store) == TJOB_POSTGRESQL_OK;
}

static bool postgresql_check(void *store)
{
    return tjob_postgresql_store_check(&((struct postgresql_instance *)store)->store) == TJOB_POSTGRESQL_OK;
}

/* All tombstones, a transaction at a time. */
static bool postgresql_purge(void *store, uint64_t *purged)
{
    enum { AT_ONCE = 10000 };
    struct postgresql_instance *instance = store;
    uint64_t now = AT_ONCE;
    for (*purged = 0; now == AT_ONCE; *purged += now) {
        if (tjob_postgresql_store_purge(&instance->store, AT_ONCE, &now) != TJOB_POSTGRESQL_OK) {
            return false;
        }
    }
    return true;
}

static bool postgresql_raise(void *store, uint64_t version)
{
    return tjob_postgresql_store_raise(&((struct postgresql_instance *)store)->store, version) == TJOB_POSTGRESQL_OK;
}

const struct engine_calls tjob__engine_postgresql = {
    .open = postgresql_open,
    .close = postgresql_close,
    .callbacks = postgresql_callbacks,
    .list = postgresql_list,
    .problem = postgresql_problem,
    .create = postgresql_create,
    .check = postgresql_check,
    .purge = postgresql_purge,
    .raise = postgresql_raise,
};
