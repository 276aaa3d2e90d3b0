#include <stdio.h>

#include "host.h"

static tjob_file_store store;
static tjob_service service;

const tjob_service *host_service(void)
{
    const tjob_file_problem problem = tjob_file_store_open(&store, "jobs", 0);
    if (problem != TJOB_FILE_OK) {
        fprintf(stderr, "jobs: %s\n", tjob_file_problem_text(problem));
        return NULL;
    }
    service = (tjob_service){.store = tjob_file_store_callbacks(&store), .clock = tjob_system_clock()};
    return &service;
}
