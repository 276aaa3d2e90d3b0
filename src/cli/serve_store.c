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
    store->current = 0;
    store->calls[0] = store->calls[1] = 0;
    store->is_replaced = false;
    if (pthread_mutex_init(&store->lock, NULL) != 0) {
        fprintf(stderr, "tjob serve: no memory is left\n");
        return EXIT_STORAGE;
    }
    return open_session(&store->sessions[0], arguments);
}

/* Closes the session before, if calls on it have ended. Returns whether none is left. */
bool serve_store_tend(struct serve_store *store)
{
    const unsigned old = 1 - store->current; /* only this thread changes it */
    (void)pthread_mutex_lock(&store->lock);
    const bool has_ended = store->calls[old] == 0;
    (void)pthread_mutex_unlock(&store->lock);
    if (store->is_replaced && has_ended) {
        session_close(&store->sessions[old]);
        store->is_replaced = false;
    }
    return !store->is_replaced;
}

int serve_store_reopen(struct serve_store *store, const struct arguments *arguments)
{
    const unsigned old = store->current;
    const int code = open_session(&store->sessions[1 - old], arguments);
    if (code != EXIT_DONE) {
        return code;
    }
    (void)pthread_mutex_lock(&store->lock);
    store->current = 1 - old;
    (void)pthread_mutex_unlock(&store->lock);
    store->is_replaced = true;
    return EXIT_DONE;
}

void serve_store_close(struct serve_store *store)
{
    (void)serve_store_tend(store);
    session_close(&store->sessions[store->current]);
    (void)pthread_mutex_destroy(&store->lock);
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
