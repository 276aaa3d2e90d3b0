/*
 * tjob in C++17: a store as a class over a map and a mutex, and the calls of a service as member functions whose
 * results cannot be ignored. Exceptions do not pass through the callbacks.
 */
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tjob/store_contract.h"
#include "tjob/tjob.h"

namespace tjob
{

/* A store. A name that was used once stays in the map without a job, so that its absence has a version. */
class map_store
{
  public:
    map_store() = default;
    map_store(const map_store &) = delete;
    map_store &operator=(const map_store &) = delete;

    tjob_store callbacks()
    {
        return {this, load, swap};
    }

  private:
    struct row {
        std::uint64_t version = 0;
        std::optional<tjob_job> job;
    };

    static std::string key(tjob_text arn)
    {
        return {arn.data, arn.bytes};
    }

    static tjob_load_status load(void *context, void *, tjob_text arn, tjob_job *job, std::uint64_t *version)
    try {
        auto &self = *static_cast<map_store *>(context);
        const std::lock_guard<std::mutex> guard(self.mutex);
        const auto at = self.rows.find(key(arn));
        *version = at != self.rows.end() ? at->second.version : 0;
        if (at == self.rows.end() || !at->second.job) {
            return TJOB_LOAD_NOT_FOUND;
        }
        *job = *at->second.job;
        return TJOB_LOAD_OK;
    } catch (...) {
        return TJOB_LOAD_UNAVAILABLE;
    }

    static tjob_swap_status swap(void *context, void *, tjob_text arn, std::uint64_t expected, const tjob_job *next)
    try {
        auto &self = *static_cast<map_store *>(context);
        const std::lock_guard<std::mutex> guard(self.mutex);
        auto &row = self.rows[key(arn)]; /* only this may throw, before anything has changed */
        if (row.version != expected) {
            return TJOB_SWAP_CONFLICT;
        }
        row.version++;
        row.job = next != nullptr ? std::optional<tjob_job>(*next) : std::nullopt;
        return TJOB_SWAP_OK;
    } catch (...) {
        return TJOB_SWAP_UNAVAILABLE;
    }

    std::mutex mutex;
    std::map<std::string, row> rows;
};

/* How a call ended. The compiler warns if a result is ignored. */
class [[nodiscard]] result
{
  public:
    explicit result(const tjob_outcome &ended) : outcome(ended)
    {
    }

    explicit operator bool() const
    {
        return outcome.status == TJOB_OK;
    }

    tjob_state state() const
    {
        return outcome.after;
    }

    const char *text() const
    {
        return *this ? tjob_state_name(outcome.after) : tjob_status_name(outcome.status);
    }

  private:
    tjob_outcome outcome;
};

/* Four of the calls of a service; each of the others takes one line. The store must outlive the service. */
class service
{
  public:
    explicit service(map_store &store) : plugged{}
    {
        plugged.store = store.callbacks();
        plugged.clock = tjob_system_clock();
    }

    result submit(std::string_view arn, std::uint64_t token) const
    {
        return perform(tjob_submit, arn, 0u, token, 0u);
    }

    result start(std::string_view arn, std::uint64_t trainer_token) const
    {
        return perform(tjob_start, arn, 0u, trainer_token);
    }

    result stop(std::string_view arn) const
    {
        return perform(tjob_stop, arn);
    }

    result halted(std::string_view arn, std::uint64_t trainer_token) const
    {
        return perform(tjob_report, arn, TJOB_HALTED, 0u, trainer_token, 0u);
    }

  private:
    template <typename Call, typename... Rest> result perform(Call call, std::string_view arn, Rest... rest) const
    {
        tjob_outcome outcome;
        call(&plugged, nullptr, {arn.data(), arn.size()}, rest..., &outcome);
        return result(outcome);
    }

    tjob_service plugged;
};

} // namespace tjob

/* Runs the store through the contract suite. */
static bool open_store(void *context, tjob_store *store)
{
    *store = static_cast<std::optional<tjob::map_store> *>(context)->emplace().callbacks();
    return true;
}

static void close_store(void *context)
{
    static_cast<std::optional<tjob::map_store> *>(context)->reset();
}

static bool run_threads(void *, void (*body)(void *argument, std::uint32_t i), void *argument, std::uint32_t count)
{
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < count; i++) {
        threads.emplace_back(body, argument, i);
    }
    for (std::thread &thread : threads) {
        thread.join();
    }
    return true;
}

static bool keeps_the_contract()
{
    static std::uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(std::uint64_t)];
    std::optional<tjob::map_store> store;
    tjob_store_contract contract{};
    contract.context = &store;
    contract.memory = memory;
    contract.open = open_store;
    contract.close = close_store;
    contract.run_threads = run_threads;
    const bool kept = tjob_store_contract_run(&contract, nullptr, nullptr) == 0;
    std::puts(kept ? "the store keeps its contract" : "the store breaks its contract");
    return kept;
}

int main()
{
    constexpr std::string_view arn = "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers";
    tjob::map_store store;
    const tjob::service service(store);
    for (const tjob::result &step : {service.stop(arn), service.submit(arn, 1), service.start(arn, 7),
                                     service.stop(arn), service.start(arn, 7), service.halted(arn, 7)}) {
        std::puts(step.text());
    }
    const tjob::result last = service.stop(arn);
    return last && last.state() == TJOB_STOPPED && keeps_the_contract() ? EXIT_SUCCESS : EXIT_FAILURE;
}
