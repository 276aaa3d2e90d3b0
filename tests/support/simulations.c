#include "support/simulations.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

void *simulation_memory(const tjob_simulator_config *config)
{
    const size_t bytes = (size_t)tjob_simulator_bytes(config);
    ck_assert_uint_ne(bytes, 0);
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xa5, bytes); /* it held something else before */
    return memory;
}

tjob_simulator_report simulation_run(const tjob_simulator_config *config)
{
    void *memory = simulation_memory(config);
    tjob_simulator *simulator = tjob_simulator_init(config, memory, (size_t)tjob_simulator_bytes(config));
    ck_assert_ptr_nonnull(simulator);
    const tjob_simulation end = tjob_simulator_run(simulator, UINT32_MAX);
    const tjob_simulator_report report = *tjob_simulator_report_of(simulator);
    ck_assert_int_eq(end, report.simulation);
    free(memory);
    return report;
}
