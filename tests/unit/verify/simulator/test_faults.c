/* What befalls a request, by its draw. */
#include "verify/simulator/faults.h"

#include "support/suite.h"

/* A quarter of all loads are slow, half of them fail: the draws are shared out to the last one. */
START_TEST(draws_are_shared_out)
{
    static const struct {
        uint32_t draw;
        tjob_fault fault;
    } cases[] = {
        {0, TJOB_FAULT_LOAD_UNAVAILABLE},        {UINT32_C(0x7fffffff), TJOB_FAULT_LOAD_UNAVAILABLE},
        {UINT32_C(0x80000000), TJOB_FAULT_SLOW}, {UINT32_C(0xbfffffff), TJOB_FAULT_SLOW},
        {UINT32_C(0xc0000000), NO_FAULT},        {UINT32_MAX, NO_FAULT},
    };
    tjob_fault_profile profile = {.window_ms = 1000};
    struct faults faults;
    profile.rates_ppm[TJOB_FAULT_LOAD_UNAVAILABLE] = 500000;
    profile.rates_ppm[TJOB_FAULT_SLOW] = 250000;
    tjob__faults_init(&faults, &profile, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(tjob__faults_of(&faults, REQUEST_LOAD, TJOB_ACTOR_HOST, cases[i].draw), cases[i].fault);
    }
    ck_assert_int_eq(tjob__faults_of(&faults, REQUEST_ASK, TJOB_ACTOR_HOST, 0), NO_FAULT);
}
END_TEST

/* Each actor may be cut off by itself. Who is cut off or meets an outage can ask to be let in all the same. */
START_TEST(actors_are_cut_off_one_by_one)
{
    tjob_fault_profile profile = {.window_ms = 1000};
    struct faults faults;
    uint32_t cut_off[CALLERS] = {0};
    profile.rates_ppm[TJOB_FAULT_PARTITION] = 500000;
    tjob__faults_init(&faults, &profile, 1);
    for (uint32_t window = 0; window < 1000; window++) {
        faults_advance(&faults, window * profile.window_ms);
        ck_assert_uint_eq(faults.window_end_ms, (window + 1) * profile.window_ms);
        for (int actor = 0; actor < CALLERS; actor++) {
            const tjob_fault fault = tjob__faults_of(&faults, REQUEST_SWAP, (tjob_actor)actor, 0);
            EXPECT(fault == TJOB_FAULT_PARTITION || fault == NO_FAULT);
            EXPECT(tjob__faults_of(&faults, REQUEST_ASK, (tjob_actor)actor, 0) == NO_FAULT);
            cut_off[actor] += fault == TJOB_FAULT_PARTITION ? 1 : 0;
        }
    }
    for (int actor = 0; actor < CALLERS; actor++) {
        ck_assert_uint_gt(cut_off[actor], 400);
        ck_assert_uint_lt(cut_off[actor], 600);
    }
}
END_TEST

RUN_TESTS("faults", {draws_are_shared_out, 0}, {actors_are_cut_off_one_by_one, 0})
