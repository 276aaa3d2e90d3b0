/*
 * A history of up to four calls: each really happens, in the order of its number, and then the input may change what
 * was answered, when, or how much is reported. The checker says what a brute force over every order says; compacted as
 * the calls come, too; and of what is not linearizable it names a part that is not.
 */
#include <stdbool.h>
#include <string.h>

#include "support/history_calls.h"
#include "support/history_oracle.h"
#include "target.h"

enum { CALLS_MAX = 4, STEP = 4 };

static tjob_event event_of(struct fuzz_bytes *bytes)
{
    const unsigned fences = fuzz_byte(bytes);
    const uint32_t kind = fuzz_byte(bytes) % TJOB_EVENT_KIND_COUNT;
    return (tjob_event){.kind = kind,
                        .incarnation = fences & 1 ? 1 + (fences >> 1 & 1) : 0,
                        .trainer_token = kind == TJOB_START || fences & 4 ? 7 + (fences >> 3 & 1) : 0,
                        .token = kind == TJOB_SUBMIT ? 5 + (fences >> 4 & 1) : 0};
}

/* Changes what was answered. */
static void twist(tjob_call *call, struct fuzz_bytes *bytes)
{
    const unsigned how = fuzz_byte(bytes);
    const unsigned to = fuzz_byte(bytes);
    tjob_outcome *outcome = &call->outcome;
    switch (how % 16) {
    case 1:
        call->answered = TJOB_PENDING;
        break;
    case 2:
        *outcome = (tjob_outcome){.status = TJOB_UNRESOLVED, .changed = TJOB_CHANGED_UNKNOWN};
        break;
    case 3:
        call->known = to & TJOB_KNOWN_ALL;
        break;
    case 4:
        outcome->status = (tjob_status)(to % TJOB_STATUS_COUNT);
        break;
    case 5:
        outcome->changed = (tjob_changed)(to % 3);
        break;
    case 6:
        outcome->before = (tjob_state)(to % TJOB_STATE_COUNT);
        break;
    case 7:
        outcome->after = (tjob_state)(to % TJOB_STATE_COUNT);
        break;
    case 8:
        outcome->job.incarnation += to % 2;
        break;
    case 9:
        outcome->job.trainer_token = 7 + to % 2;
        break;
    case 10:
        outcome->job.stop_requested_ms += to % 2;
        break;
    default:
        break;
    }
}

/* Calls in order of invocation. */
static void sort(tjob_call *calls, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t at = i; at != 0 && calls[at].invoked < calls[at - 1].invoked; at--) {
            const tjob_call call = calls[at];
            calls[at] = calls[at - 1];
            calls[at - 1] = call;
        }
    }
}

static size_t calls_of(struct fuzz_bytes *bytes, const tjob_policy *policy, tjob_call *calls)
{
    tjob_job job = {.state = TJOB_ABSENT};
    size_t count = 0;
    for (; count < CALLS_MAX && bytes->at != bytes->end; count++) {
        const tjob_event event = event_of(bytes);
        const unsigned around = fuzz_byte(bytes);
        const uint64_t middle = (CALLS_MAX + count + 1) * STEP;
        const tjob_outcome outcome = outcome_of(&job, &event, 10 * (count + 1), policy);
        calls[count] =
            call_reported(event, middle - around % (CALLS_MAX * STEP), middle + around / (CALLS_MAX * STEP), outcome);
        twist(&calls[count], bytes);
    }
    sort(calls, count);
    return count;
}

static tjob_history_result compact(tjob_history_checker *history, const tjob_call *calls, size_t count)
{
    tjob_history_checkpoint checkpoint = {.open = 0};
    tjob_call left[CALLS_MAX];
    memcpy(left, calls, count * sizeof *calls);
    size_t more = count;
    const tjob_history_result result = tjob_history_compact(history, &checkpoint, left, &more);
    return result.verdict == TJOB_LINEARIZABLE ? tjob_history_finish(history, &checkpoint, left, more) : result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t memory[TJOB_HISTORY_BYTES_DEFAULT / sizeof(uint64_t)];
    struct fuzz_bytes bytes = {data, data + size};
    const tjob_policy *policy = &history_policies[fuzz_byte(&bytes) % HISTORY_POLICIES];
    tjob_call calls[CALLS_MAX];
    uint32_t part[CALLS_MAX];
    tjob_history_checker history;
    const size_t count = calls_of(&bytes, policy, calls);
    FUZZ_EXPECT(tjob_history_checker_init(&history, memory, sizeof memory, policy) == TJOB_OK);
    tjob_history_result result = tjob_history_check(&history, calls, count);
    if (result.verdict == TJOB_MALFORMED) {
        FUZZ_EXPECT(result.at < count);
        return 0;
    }
    if (result.verdict == TJOB_INCONCLUSIVE) {
        FUZZ_EXPECT(result.bound == TJOB_BOUND_EXCLUDED); /* no other is near */
        return 0;
    }
    const bool linearizable = oracle_is_linearizable(calls, count, policy);
    FUZZ_EXPECT(result.verdict == (linearizable ? TJOB_LINEARIZABLE : TJOB_NOT_LINEARIZABLE));
    FUZZ_EXPECT(compact(&history, calls, count).verdict == result.verdict);
    const size_t parts = tjob_history_explain(&history, NULL, calls, count, part, &result);
    FUZZ_EXPECT(linearizable ? parts == 0 : parts != 0 && parts <= count && result.at < count);
    bool forgotten[ORACLE_CALLS_MAX] = {true, true, true, true};
    for (size_t i = 0; i < parts; i++) {
        forgotten[part[i]] = false;
    }
    FUZZ_EXPECT(linearizable || !oracle_is_linearizable_without(calls, forgotten, count, policy));
    return 0;
}
