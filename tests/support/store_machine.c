#include "support/store_machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/file_store/create.h"
#include "support/jobs.h"
#include "support/suite.h"

#define NAME_PREFIX "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/"

const tjob_text other_arn = TJOB_TEXT(NAME_PREFIX "other");

tjob_file_problem store_machine_open(struct store_machine *machine)
{
    sim_start(&machine->process, &machine->disk);
    machine->callbacks = tjob_file_store_callbacks(&machine->store);
    return tjob__file_store_open(&machine->process.table, &machine->store, "store", WAIT_MS);
}

void store_machine_make(struct store_machine *machine)
{
    sim_init(&machine->disk, FILE_BYTES_MAX, SEED);
    sim_start(&machine->process, &machine->disk);
    EXPECT(tjob__file_store_create(&machine->process.table, "store", CAPACITY) == TJOB_FILE_OK);
    EXPECT(store_machine_open(machine) == TJOB_FILE_OK);
}

void store_machine_unmake(struct store_machine *machine)
{
    sim_kill(&machine->process);
    sim_destroy(&machine->disk);
}

tjob_load_status store_machine_load(struct store_machine *machine, tjob_text arn, tjob_job *job, uint64_t *version)
{
    return machine->callbacks.load(machine->callbacks.context, NULL, arn, job, version);
}

tjob_swap_status store_machine_swap(struct store_machine *machine, tjob_text arn, uint64_t expected,
                                    const tjob_job *next)
{
    return machine->callbacks.swap(machine->callbacks.context, NULL, arn, expected, next);
}

uint64_t store_machine_version(struct store_machine *machine, tjob_text arn)
{
    tjob_job job;
    uint64_t version = UINT64_MAX;
    EXPECT(store_machine_load(machine, arn, &job, &version) != TJOB_LOAD_UNAVAILABLE);
    return version;
}

void store_machine_put(struct store_machine *machine, tjob_text arn, const tjob_job *next)
{
    EXPECT(store_machine_swap(machine, arn, store_machine_version(machine, arn), next) == TJOB_SWAP_OK);
}

void store_machine_put_not_durable(struct store_machine *machine, tjob_text arn)
{
    tjob_job job = sample_job(TJOB_TRAINING);
    store_machine_put(machine, arn, &job);
    const uint64_t version = store_machine_version(machine, arn);
    job.host_code++;
    machine->process.fault_function = SIM_SYNC;
    machine->process.fault_from = machine->process.calls[SIM_SYNC] + 1;
    machine->process.fault = -EIO;
    EXPECT(store_machine_swap(machine, arn, version, &job) == TJOB_SWAP_UNKNOWN);
}

bool store_machine_holds(struct store_machine *machine, tjob_text arn, const tjob_job *wanted)
{
    tjob_job job;
    uint64_t version;
    const tjob_load_status status = store_machine_load(machine, arn, &job, &version);
    return wanted == NULL ? status == TJOB_LOAD_NOT_FOUND
                          : status == TJOB_LOAD_OK && memcmp(&job, wanted, sizeof job) == 0;
}

tjob_text store_machine_name(char *buffer, unsigned number)
{
    const int bytes = snprintf(buffer, TJOB_ARN_BYTES_MAX, NAME_PREFIX "n%u", number);
    return (tjob_text){buffer, (size_t)bytes};
}

void store_machine_unmark(struct store_machine *machine)
{
    uint64_t size;
    unsigned char *bytes = sim_bytes(&machine->disk, "store", &size);
    memset(bytes + tjob__file_progress_offset(machine->store.buckets, 0), 0,
           (size_t)machine->store.buckets * FILE_PROGRESS_BYTES);
    for (uint64_t page = machine->store.begin; page < size; page += FILE_PAGE_BYTES) {
        memset(bytes + page + FILE_MARK_OFFSET, 0, FILE_MARK_BYTES);
    }
}
