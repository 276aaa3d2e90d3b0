/*
 * The checker of histories: nanoseconds a call, by how many calls are open at once; and the rule alone on the same
 * calls.
 */
#ifndef TJOB_BENCH_HISTORY_CASES_H
#define TJOB_BENCH_HISTORY_CASES_H

double bench_history_alone(void);
double bench_history_4(void);
double bench_history_16(void);
double bench_history_rule(void);

/* Nanoseconds a call to explain a history that is not linearizable and in which nothing overlaps. */
double bench_explanation_of_incarnations(void);
double bench_explanation_of_an_outage(void);

#endif
