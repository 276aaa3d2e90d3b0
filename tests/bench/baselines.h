/* What the library is measured against. */
#ifndef TJOB_BENCH_BASELINES_H
#define TJOB_BENCH_BASELINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tjob/job.h"
#include "tjob/text.h"

/* FNV-1a, 64 bits, a byte at a time. */
uint64_t baseline_fnv1a(tjob_text text);

/* POSIX regexec on the reference's pattern, compiled once. */
bool baseline_regexec(const char *arn);

/* The whole rule of tjob_job_apply as one would write it by hand: a switch of switches, without a table. */
tjob_transition_result baseline_switch(const tjob_job *job, const tjob_event *event, uint64_t now_ms,
                                       const tjob_policy *policy, tjob_job *next);

#endif
