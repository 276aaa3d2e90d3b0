#include "tjob/simulator.h"

/* Four classes to each doubling; the first eight hold one duration each. */
uint32_t tjob_duration_class(uint32_t duration_ms)
{
    if (duration_ms < 8) {
        return duration_ms;
    }
    const uint32_t exponent = 31 - (uint32_t)__builtin_clz(duration_ms);
    return exponent * 4 - 4 + (duration_ms >> (exponent - 2) & 3);
}

uint32_t tjob_duration_class_end(uint32_t duration_class)
{
    if (duration_class < 8) {
        return duration_class;
    }
    const uint32_t exponent = duration_class / 4 + 1;
    const uint64_t end = (UINT64_C(4) + duration_class % 4 + 1) << (exponent - 2);
    return end > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - 1);
}

uint32_t tjob_durations_quantile(const tjob_durations *durations, uint32_t per_mille)
{
    if (durations->count == 0) {
        return 0;
    }
    const uint64_t wanted = (durations->count * per_mille + 999) / 1000;
    uint64_t seen = durations->counts[0];
    uint32_t in = 0;
    while (seen < wanted && in < TJOB_DURATION_CLASSES - 1) {
        seen += durations->counts[++in];
    }
    const uint32_t end = tjob_duration_class_end(in);
    return end < durations->most_ms ? end : durations->most_ms;
}
