#include "engines/postgresql_history.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_ulong history_last;
static FILE *history_log;

static void history_write(const char *line, size_t bytes)
{
    if (bytes > 0) {
        fwrite(line, 1, bytes, history_log);
    }
}

static void history_began(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)context;
    (void)user;
    *tag = atomic_fetch_add(&history_last, 1) + 1;
    history_write(line, tjob_history_log_write_invocation(*tag, UINT64_MAX, span->arn, span->event, line, sizeof line));
}

static void history_ended(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)context;
    (void)user;
    history_write(line, tjob_history_log_write_answer(*tag, UINT64_MAX, span->outcome, line, sizeof line));
}

bool history_begin(const char *path, tjob_service *service)
{
    history_log = fopen(path, "w");
    service->observer = (tjob_observer){.began = history_began, .ended = history_ended};
    service->clock = tjob_system_clock();
    return history_log != NULL;
}

unsigned long history_end(void)
{
    return fclose(history_log) == 0 ? atomic_load(&history_last) : 0;
}
