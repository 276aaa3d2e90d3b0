#include "contract/bench_threads.h"

#include <pthread.h>
#include <stdlib.h>

#include "tjob/store_contract.h"

struct task {
    void (*body)(void *argument, uint32_t i);
    void *argument;
    uint32_t i;
};

static void *run_task(void *argument)
{
    const struct task *task = argument;
    task->body(task->argument, task->i);
    return NULL;
}

bool bench_run_threads(void *context, void (*body)(void *argument, uint32_t i), void *argument, uint32_t count)
{
    pthread_t threads[TJOB_STORE_CONTRACT_THREADS_MAX];
    struct task tasks[TJOB_STORE_CONTRACT_THREADS_MAX];
    (void)context;
    for (uint32_t i = 0; i < count; i++) {
        tasks[i] = (struct task){body, argument, i};
        if (pthread_create(&threads[i], NULL, run_task, &tasks[i]) != 0) {
            abort();
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    return true;
}
