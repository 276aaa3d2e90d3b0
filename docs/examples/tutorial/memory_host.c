#include "host.h"

enum { JOBS = 100 };

static uint64_t memory[TJOB_MEMORY_STORE_BYTES(JOBS) / sizeof(uint64_t)];
static tjob_memory_store store;
static tjob_service service;

const tjob_service *host_service(void)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_memory_store_init(&store, memory, sizeof memory, JOBS, NULL, NULL);
    service = (tjob_service){.store = tjob_memory_store_callbacks(&store), .clock = tjob_system_clock()};
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL); /* each process has its own memory, and so its own job */
    return &service;
}
