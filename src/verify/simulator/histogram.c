#include "tjob/simulator.h"

/* Log-linear bins: four for each power of two. Each of the first eight bins holds a single duration. */
uint32_t tjob_histogram_bin(uint32_t duration_ms)
{
    if (duration_ms < 8) {
        return duration_ms;
    }
    const uint32_t exponent = 31 - (uint32_t)__builtin_clz(duration_ms);
    return exponent * 4 - 4 + (duration_ms >> (exponent - 2) & 3);
}

uint32_t tjob_histogram_bin_end(uint32_t bin)
{
    if (bin < 8) {
        return bin;
    }
    const uint32_t exponent = bin / 4 + 1;
    const uint64_t end = (UINT64_C(4) + bin % 4 + 1) << (exponent - 2);
    return end > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - 1);
}

uint32_t tjob_histogram_quantile(const tjob_histogram *histogram, uint32_t per_mille)
{
    if (histogram->count == 0) {
        return 0;
    }
    const uint64_t wanted = (histogram->count * per_mille + 999) / 1000;
    uint64_t seen = histogram->counts[0];
    uint32_t in = 0;
    while (seen < wanted && in < TJOB_HISTOGRAM_BINS - 1) {
        seen += histogram->counts[++in];
    }
    const uint32_t end = tjob_histogram_bin_end(in);
    return end < histogram->most_ms ? end : histogram->most_ms;
}
