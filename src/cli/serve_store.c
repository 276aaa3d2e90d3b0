#define _POSIX_C_SOURCE 200809L /* NOLINT: for the mutex */

#include "cli/serve_store.h"

/* A server lives long: each call waits for others up to --wait-ms, not all of them together. */
static int open_session(struct session *session, const struct arguments *arguments)
{
    const int code = session_open(session, arguments);
    if (code == EXIT_DONE && session->engine == NULL) {
        tjob_file_store_set_wait_ms(
            &session->store, (uint32_t)arguments_number(arguments, OPTION_WAIT, TJOB_FILE_STORE_WAIT_MS_DEFAULT));
    }
    return code;
}

int serve_store_open(struct serve_store *store, const struct arguments *arguments)
{
    store->arguments = arguments;
    store->current = 0;
    store->calls[0] = store->calls[1] = 0;
    store->other = OTHER_NONE;
    if (pthread_mutex_init(&store->lock, NULL) != 0) {
        fprintf(stderr, "tjob serve: out of memory\n");
        return EXIT_STORAGE;
    }
    return open_session(&store->sessions[0], arguments);
}

static void serve_store_stays(void)
{
    fprintf(stderr, "tjob serve: the store stays open as it was\n");
}

/* The thread that opens the other session, and makes it the current one. */
static void *open_other(void *context)
{
    struct serve_store *store = context;
    const unsigned opened = 1 - store->current; /* only this thread changes it while it runs */
    const int code = open_session(&store->sessions[opened], store->arguments);
    if (code != EXIT_DONE) {
        serve_store_stays();
    }
    (void)pthread_mutex_lock(&store->lock);
    store->current = code == EXIT_DONE ? opened : 1 - opened;
    store->other = code == EXIT_DONE ? OTHER_REPLACED : OTHER_NONE;
    (void)pthread_mutex_unlock(&store->lock);
    return NULL;
}

bool serve_store_tend(struct serve_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    const unsigned old = 1 - store->current;
    const bool has_ended = store->other == OTHER_REPLACED && store->calls[old] == 0;
    if (has_ended) {
        store->other = OTHER_NONE;
    }
    const bool is_alone = store->other == OTHER_NONE;
    (void)pthread_mutex_unlock(&store->lock);
    if (has_ended) {
        session_close(&store->sessions[old]);
    }
    return is_alone;
}

void serve_store_reopen(struct serve_store *store)
{
    pthread_t thread;
    store->other = OTHER_OPENING;
    if (pthread_create(&thread, NULL, open_other, store) == 0) {
        (void)pthread_detach(thread);
    } else {
        store->other = OTHER_NONE;
        serve_store_stays();
    }
}

bool serve_store_close(struct serve_store *store)
{
    (void)serve_store_tend(store);
    (void)pthread_mutex_lock(&store->lock);
    const bool is_opening = store->other == OTHER_OPENING;
    const unsigned current = store->current;
    (void)pthread_mutex_unlock(&store->lock);
    session_close(&store->sessions[current]);
    if (!is_opening) {
        (void)pthread_mutex_destroy(&store->lock);
    }
    return !is_opening;
}

/* ---- Calls ----------------------------------------------------------------------------------------------------- */

static unsigned begin_call(struct serve_store *store)
{
    (void)pthread_mutex_lock(&store->lock);
    const unsigned at = store->current;
    store->calls[at]++;
    (void)pthread_mutex_unlock(&store->lock);
    return at;
}

static void end_call(struct serve_store *store, unsigned at)
{
    (void)pthread_mutex_lock(&store->lock);
    store->calls[at]--;
    (void)pthread_mutex_unlock(&store->lock);
}

static tjob_load_status serve_store_load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    struct serve_store *store = context;
    const unsigned at = begin_call(store);
    const tjob_store *current = &store->sessions[at].service.store;
    const tjob_load_status status = current->load(current->context, user, arn, job, version);
    end_call(store, at);
    return status;
}

static tjob_swap_status serve_store_swap(void *context, void *user, tjob_text arn, uint64_t expected,
                                         const tjob_job *next)
{
    struct serve_store *store = context;
    const unsigned at = begin_call(store);
    const tjob_store *current = &store->sessions[at].service.store;
    const tjob_swap_status status = current->swap(current->context, user, arn, expected, next);
    end_call(store, at);
    return status;
}

tjob_store serve_store_callbacks(struct serve_store *store)
{
    return (tjob_store){store, serve_store_load, serve_store_swap};
}
