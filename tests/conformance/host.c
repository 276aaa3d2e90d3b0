#include "conformance/host.h"

#include <string.h>

#include "support/suite.h"

enum { TOKEN = 7, TRAINER = 9 };

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    host *h = context;
    const tjob_store store = tjob_memory_store_callbacks(&h->store);
    h->loads++;
    return h->load_answer == TJOB_LOAD_OK ? store.load(store.context, user, arn, job, version) : h->load_answer;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    host *h = context;
    const tjob_store store = tjob_memory_store_callbacks(&h->store);
    h->swaps++;
    return h->swap_answer == TJOB_SWAP_OK ? store.swap(store.context, user, arn, expected, next) : h->swap_answer;
}

static uint64_t now_ms(void *context, void *user)
{
    (void)user;
    return ((host *)context)->now_ms;
}

static tjob_authorization authorize(void *context, void *user, tjob_text arn, const tjob_event *event)
{
    (void)user, (void)arn, (void)event;
    ((host *)context)->hooks++;
    return ((host *)context)->authorization;
}

static tjob_admission admit(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now)
{
    (void)user, (void)arn, (void)event, (void)now;
    ((host *)context)->hooks++;
    return ((host *)context)->admission;
}

/* Only the observer is told of a rejected request, which has no event. */
static void observe(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    host *h = context;
    (void)user, (void)tag;
    h->hooks += span->event != NULL;
}

void host_init(host *h)
{
    memset(h, 0, sizeof *h);
    h->service = (tjob_service){
        .store = {h, load, swap},
        .clock = {h, now_ms},
        .authorizer = {h, authorize},
        .admitter = {h, admit},
        .observer = {h, observe, observe},
    };
    h->now_ms = HOST_SUBMITTED_MS;
    ck_assert_int_eq(tjob_memory_store_init(&h->store, h->memory, sizeof h->memory, HOST_JOBS, NULL, NULL), TJOB_OK);
}

/* The events that bring a submitted job to each state. */
static const tjob_event_kind paths[TJOB_STATE_COUNT][3] = {
    [TJOB_TRAINING] = {TJOB_START},
    [TJOB_STOP_REQUESTED] = {TJOB_START, TJOB_STOP},
    [TJOB_STOPPED] = {TJOB_START, TJOB_STOP, TJOB_HALTED},
    [TJOB_TRAINED] = {TJOB_START, TJOB_COMPLETED},
    [TJOB_TRAINED_WITH_WARNING] = {TJOB_START, TJOB_COMPLETED_WITH_WARNING},
    [TJOB_IN_ERROR] = {TJOB_START, TJOB_FAILED},
    [TJOB_DELETING] = {TJOB_START, TJOB_COMPLETED, TJOB_DELETE},
};

void host_put(host *h, tjob_text arn, tjob_state state)
{
    ck_assert_int_eq(tjob_submit(&h->service, NULL, arn, 0, TOKEN, 0, NULL), TJOB_OK);
    h->now_ms = HOST_LATER_MS;
    for (unsigned i = 0; i < 3 && paths[state][i] != TJOB_SUBMIT; i++) {
        const tjob_event event = {.kind = (uint32_t)paths[state][i], .trainer_token = TRAINER};
        ck_assert_int_eq(tjob_perform(&h->service, NULL, arn, &event, NULL), TJOB_OK);
    }
    ck_assert_int_eq(host_state(h, arn), state);
    h->loads = h->swaps = h->hooks = 0;
}

tjob_state host_state(host *h, tjob_text arn)
{
    const tjob_store store = tjob_memory_store_callbacks(&h->store);
    tjob_job job;
    uint64_t version;
    return store.load(store.context, NULL, arn, &job, &version) == TJOB_LOAD_OK ? (tjob_state)job.state : TJOB_ABSENT;
}

unsigned host_calls(const host *h)
{
    return h->loads + h->swaps + h->hooks;
}
