#include "verify/simulator/faults.h"

#include "verify/simulator/random.h"

#define MILLION 1000000u

/* ---- Names ----------------------------------------------------------------------------------------------------- */

const char *tjob_fault_name(tjob_fault fault)
{
    static const char *const names[TJOB_FAULT_COUNT] = {
        [TJOB_FAULT_THROTTLED] = "throttled",
        [TJOB_FAULT_DENIED] = "denied",
        [TJOB_FAULT_CANNOT_AUTHORIZE] = "cannot-authorize",
        [TJOB_FAULT_LOAD_UNAVAILABLE] = "load-unavailable",
        [TJOB_FAULT_SWAP_UNAVAILABLE] = "swap-unavailable",
        [TJOB_FAULT_CONFLICT] = "spurious-conflict",
        [TJOB_FAULT_FULL] = "full",
        [TJOB_FAULT_LOST_BEFORE] = "lost-before",
        [TJOB_FAULT_LOST_AFTER] = "lost-after",
        [TJOB_FAULT_LATE] = "late",
        [TJOB_FAULT_DUPLICATED] = "duplicated",
        [TJOB_FAULT_STORE_CRASH] = "store-crash",
        [TJOB_FAULT_SLOW] = "slow",
        [TJOB_FAULT_ACTOR_CRASH] = "actor-crash",
        [TJOB_FAULT_PARTITION] = "partition",
        [TJOB_FAULT_OUTAGE] = "outage",
        [TJOB_FAULT_CLOCK] = "clock",
    };
    return (unsigned)fault < TJOB_FAULT_COUNT ? names[fault] : "?";
}

/* ---- Profiles -------------------------------------------------------------------------------------------------- */

const tjob_fault_profile tjob_fault_profile_none = {.window_ms = 0};

const tjob_fault_profile tjob_fault_profile_default = {
    .rates_ppm = {[TJOB_FAULT_THROTTLED] = 5000,
                  [TJOB_FAULT_DENIED] = 1000,
                  [TJOB_FAULT_CANNOT_AUTHORIZE] = 500,
                  [TJOB_FAULT_LOAD_UNAVAILABLE] = 2000,
                  [TJOB_FAULT_SWAP_UNAVAILABLE] = 2000,
                  [TJOB_FAULT_CONFLICT] = 2000,
                  [TJOB_FAULT_FULL] = 500,
                  [TJOB_FAULT_LOST_BEFORE] = 2000,
                  [TJOB_FAULT_LOST_AFTER] = 2000,
                  [TJOB_FAULT_LATE] = 2000,
                  [TJOB_FAULT_DUPLICATED] = 2000,
                  [TJOB_FAULT_STORE_CRASH] = 1000,
                  [TJOB_FAULT_SLOW] = 5000,
                  [TJOB_FAULT_ACTOR_CRASH] = 1000,
                  [TJOB_FAULT_PARTITION] = 1000,
                  [TJOB_FAULT_OUTAGE] = 500,
                  [TJOB_FAULT_CLOCK] = 20000},
    .burst_ppm = 10000,
    .burst_factor = 10,
    .window_ms = 30 * 1000,
    .slow_ms = 60 * 1000,
    .late_ms = 30 * 60 * 1000,
    .clock_ms = 10 * 60 * 1000,
};

const tjob_fault_profile tjob_fault_profile_storm = {
    .rates_ppm = {[TJOB_FAULT_THROTTLED] = 50000,
                  [TJOB_FAULT_DENIED] = 10000,
                  [TJOB_FAULT_CANNOT_AUTHORIZE] = 10000,
                  [TJOB_FAULT_LOAD_UNAVAILABLE] = 50000,
                  [TJOB_FAULT_SWAP_UNAVAILABLE] = 40000,
                  [TJOB_FAULT_CONFLICT] = 40000,
                  [TJOB_FAULT_FULL] = 10000,
                  [TJOB_FAULT_LOST_BEFORE] = 40000,
                  [TJOB_FAULT_LOST_AFTER] = 40000,
                  [TJOB_FAULT_LATE] = 40000,
                  [TJOB_FAULT_DUPLICATED] = 40000,
                  [TJOB_FAULT_STORE_CRASH] = 20000,
                  [TJOB_FAULT_SLOW] = 50000,
                  [TJOB_FAULT_ACTOR_CRASH] = 20000,
                  [TJOB_FAULT_PARTITION] = 20000,
                  [TJOB_FAULT_OUTAGE] = 10000,
                  [TJOB_FAULT_CLOCK] = 300000},
    .burst_ppm = 100000,
    .burst_factor = 2,
    .window_ms = 30 * 1000,
    .slow_ms = 5 * 60 * 1000,
    .late_ms = 2 * 60 * 60 * 1000,
    .clock_ms = 24 * 60 * 60 * 1000,
};

/* The faults that may affect each kind of request; NO_FAULT ends a list. */
static const uint8_t faults_by_request[REQUEST_COUNT][TJOB_FAULT_COUNT] = {
    [REQUEST_ASK] = {TJOB_FAULT_THROTTLED, TJOB_FAULT_DENIED, TJOB_FAULT_CANNOT_AUTHORIZE, NO_FAULT},
    [REQUEST_LOAD] = {TJOB_FAULT_LOAD_UNAVAILABLE, TJOB_FAULT_SLOW, TJOB_FAULT_ACTOR_CRASH, NO_FAULT},
    [REQUEST_SWAP] = {TJOB_FAULT_SWAP_UNAVAILABLE, TJOB_FAULT_CONFLICT, TJOB_FAULT_FULL, TJOB_FAULT_LOST_BEFORE,
                      TJOB_FAULT_LOST_AFTER, TJOB_FAULT_LATE, TJOB_FAULT_DUPLICATED, TJOB_FAULT_STORE_CRASH,
                      TJOB_FAULT_SLOW, TJOB_FAULT_ACTOR_CRASH, NO_FAULT},
};

bool tjob__faults_are_valid(const tjob_fault_profile *profile)
{
    bool any = false;
    for (int fault = 0; fault < TJOB_FAULT_COUNT; fault++) {
        any = any || profile->rates_ppm[fault] != 0;
        if (profile->rates_ppm[fault] > MILLION) {
            return false;
        }
    }
    return profile->burst_ppm <= MILLION && profile->clock_ms <= TJOB_SIMULATOR_CLOCK_MS_MAX &&
           (!any || profile->window_ms != 0);
}

/* ---- Tables ---------------------------------------------------------------------------------------------------- */

/* Converts a rate in parts per million to a 32-bit bound. */
static uint32_t bound_of(uint64_t ppm)
{
    return ppm >= MILLION ? UINT32_MAX : (uint32_t)((ppm << 32) / MILLION);
}

static void faults_fill(struct fault_table *table, const uint8_t *list, const tjob_fault_profile *profile,
                        uint32_t factor)
{
    uint64_t sum_ppm = 0;
    for (; *list != NO_FAULT; list++) {
        sum_ppm += (uint64_t)profile->rates_ppm[*list] * factor;
        table->bounds[*list] = table->total = bound_of(sum_ppm);
    }
}

void tjob__faults_init(struct faults *faults, const tjob_fault_profile *profile, uint64_t seed)
{
    *faults = (struct faults){.profile = *profile, .seed = seed};
    for (int request = 0; request < REQUEST_COUNT; request++) {
        faults_fill(&faults->calm[request], faults_by_request[request], profile, 1);
        faults_fill(&faults->burst[request], faults_by_request[request], profile, profile->burst_factor);
    }
    tjob__faults_enter_window(faults, 0);
}

/* ---- Windows --------------------------------------------------------------------------------------------------- */

/* The decisions for a window, in addition to the partitions, which use the numbers of their actors. */
enum { DECIDES_BURST = CALLERS, DECIDES_OUTAGE, DECIDES_CLOCK };

static bool comes_true(const struct faults *faults, uint32_t decision, uint32_t window, uint32_t ppm)
{
    return ppm != 0 && (uint32_t)random_of(faults->seed, decision, window) <= bound_of(ppm);
}

void tjob__faults_enter_window(struct faults *faults, uint32_t now_ms)
{
    const tjob_fault_profile *profile = &faults->profile;
    faults->tables = faults->calm;
    faults->window_end_ms = UINT32_MAX;
    if (profile->window_ms == 0) {
        return;
    }
    const uint32_t window = now_ms / profile->window_ms;
    const uint64_t end_ms = ((uint64_t)window + 1) * profile->window_ms;
    faults->window_end_ms = end_ms < UINT32_MAX ? (uint32_t)end_ms : UINT32_MAX;
    faults->tables = comes_true(faults, DECIDES_BURST, window, profile->burst_ppm) ? faults->burst : faults->calm;
    faults->outage = comes_true(faults, DECIDES_OUTAGE, window, profile->rates_ppm[TJOB_FAULT_OUTAGE]);
    for (uint32_t actor = 0; actor < CALLERS; actor++) {
        faults->partitioned[actor] = comes_true(faults, actor, window, profile->rates_ppm[TJOB_FAULT_PARTITION]);
    }
}

void tjob__faults_cease(struct faults *faults)
{
    tjob__faults_init(faults, &tjob_fault_profile_none, faults->seed);
}

tjob_fault tjob__faults_of(const struct faults *faults, enum request request, tjob_actor actor, uint32_t draw)
{
    const struct fault_table *table = &faults->tables[request];
    if (request != REQUEST_ASK && (faults->outage || faults->partitioned[actor])) {
        return faults->outage ? TJOB_FAULT_OUTAGE : TJOB_FAULT_PARTITION;
    }
    if (draw >= table->total) {
        return NO_FAULT;
    }
    const uint8_t *list = faults_by_request[request];
    while (draw >= table->bounds[*list]) {
        list++;
    }
    return (tjob_fault)*list;
}

/* The number of windows for which a clock stays right or wrong. */
enum { WINDOWS_OF_A_CLOCK = 40 };

int64_t tjob__faults_clock(const struct faults *faults, uint32_t job, tjob_actor actor, uint32_t now_ms)
{
    const tjob_fault_profile *profile = &faults->profile;
    if (profile->rates_ppm[TJOB_FAULT_CLOCK] == 0) {
        return 0;
    }
    const uint64_t span_ms = (uint64_t)profile->window_ms * WINDOWS_OF_A_CLOCK;
    const uint64_t draw = random_of(faults->seed + DECIDES_CLOCK, (uint64_t)job * CALLERS + actor, now_ms / span_ms);
    if ((uint32_t)draw > bound_of(profile->rates_ppm[TJOB_FAULT_CLOCK])) {
        return 0;
    }
    /* The clock drifts by at most 1/64, in either direction. */
    const int64_t drift_ms = (int64_t)(now_ms % span_ms) * ((int64_t)(draw >> 32 & 255) - 128) / (INT64_C(128) * 64);
    return (int64_t)random_below(draw, 2 * profile->clock_ms) - (int64_t)profile->clock_ms + drift_ms;
}
