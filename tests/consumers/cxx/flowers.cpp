#include <cstdint>
#include <cstdio>
#include <vector>

#include "tjob/tjob.h"
#include "tjob/verify.h"

int main()
{
    constexpr std::uint32_t jobs = 100;
    std::vector<std::uint64_t> memory(TJOB_MEMORY_STORE_BYTES(jobs) / sizeof(std::uint64_t));
    tjob_memory_store store;
    tjob_memory_store_init(&store, memory.data(), memory.size() * sizeof memory[0], jobs, nullptr, nullptr);
    tjob_service service{};
    service.store = tjob_memory_store_callbacks(&store);
    service.clock = tjob_system_clock();

    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_outcome outcome;
    tjob_submit(&service, nullptr, arn, 0, 1, 0, nullptr);
    tjob_stop(&service, nullptr, arn, &outcome);
    std::printf("%s, %s\n", tjob_state_name(outcome.after), tjob_history_log_problem_text(TJOB_HISTORY_LOG_VALID));
    return outcome.after == TJOB_STOPPED ? 0 : 1;
}
