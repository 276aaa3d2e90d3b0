/*
 * A matcher of regular expressions that follows every possibility at once, for patterns as a reference page writes
 * them: literals, [classes], (groups), *, +, ? and {count}. It reports how far a text can be the beginning of a match,
 * which no matcher of the C library does. Slow, and small enough to be believed.
 */
#ifndef TJOB_TESTS_PATTERN_H
#define TJOB_TESTS_PATTERN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PATTERN_STEPS_MAX = 192 };

/* One instruction: take a character of a set, or go on at one or two others, counted from here. */
typedef struct pattern_step {
    enum { TAKE, FORK, JUMP, MATCH } kind;
    int first;       /* FORK, JUMP: where to go on */
    int second;      /* FORK: where else */
    int written;     /* TAKE: where in the pattern's text it stands */
    bool ascii[128]; /* TAKE: the characters of ASCII that are in the set */
    bool others;     /* TAKE: whether all others are */
} pattern_step;

typedef struct pattern {
    pattern_step steps[PATTERN_STEPS_MAX];
    int count;
} pattern;

/* All instructions that wait for a character. */
typedef struct pattern_threads {
    bool live[PATTERN_STEPS_MAX];
} pattern_threads;

static inline int pattern_emit(pattern *p, pattern_step step)
{
    if (p->count == PATTERN_STEPS_MAX) {
        abort();
    }
    p->steps[p->count] = step;
    return p->count++;
}

/* Puts a step in front of those from `from` on; jumps are relative, and those inside stay right. */
static inline void pattern_insert(pattern *p, int from, pattern_step step)
{
    (void)pattern_emit(p, step);
    memmove(&p->steps[from + 1], &p->steps[from], (size_t)(p->count - 1 - from) * sizeof step);
    p->steps[from] = step;
}

/* Reads what stands between brackets, from behind the opening one to behind the closing one. */
static inline const char *pattern_class(const char *at, pattern_step *step)
{
    const bool negated = *at == '^';
    at += negated;
    while (*at != ']') {
        const bool range = at[1] == '-' && at[2] != ']';
        for (int c = at[0]; c <= (range ? at[2] : at[0]); c++) {
            step->ascii[c] = true;
        }
        at += range ? 3 : 1;
    }
    for (int c = 0; negated && c < 128; c++) {
        step->ascii[c] = !step->ascii[c];
    }
    step->others = negated;
    return at + 1;
}

/* Applies what follows an atom, whose steps begin at `from`, to it. */
static inline const char *pattern_repeat(pattern *p, const char *at, int from)
{
    const int length = p->count - from;
    if (*at == '?') {
        pattern_insert(p, from, (pattern_step){.kind = FORK, .first = 1, .second = length + 1});
    } else if (*at == '+') {
        pattern_emit(p, (pattern_step){.kind = FORK, .first = -length, .second = 1});
    } else if (*at == '*') {
        pattern_insert(p, from, (pattern_step){.kind = FORK, .first = 1, .second = length + 2});
        pattern_emit(p, (pattern_step){.kind = JUMP, .first = -length - 1});
    } else if (*at == '{') {
        char *end;
        for (long copies = strtol(at + 1, &end, 10); copies > 1; copies--) {
            for (int i = 0; i < length; i++) {
                pattern_emit(p, p->steps[from + i]);
            }
        }
        return end + 1;
    } else {
        return at;
    }
    return at + 1;
}

/* Compiles a sequence up to the end of the pattern or of the group. */
static inline const char *pattern_sequence(pattern *p, const char *text, const char *at)
{
    while (*at != '\0' && *at != ')') {
        const int from = p->count;
        if (*at == '(') {
            at = pattern_sequence(p, text, at + 1) + 1;
        } else {
            pattern_step step = {.kind = TAKE, .written = (int)(at - text)};
            if (*at == '[') {
                at = pattern_class(at + 1, &step);
            } else {
                step.ascii[(unsigned char)*at++] = true;
            }
            pattern_emit(p, step);
        }
        at = pattern_repeat(p, at, from);
    }
    return at;
}

static inline void pattern_compile(pattern *p, const char *text)
{
    p->count = 0;
    (void)pattern_sequence(p, text, text);
    pattern_emit(p, (pattern_step){.kind = MATCH});
}

static inline void pattern_add(const pattern *p, pattern_threads *threads, int at)
{
    const pattern_step *step = &p->steps[at];
    if (threads->live[at]) {
        return;
    }
    if (step->kind == TAKE || step->kind == MATCH) {
        threads->live[at] = true;
        return;
    }
    pattern_add(p, threads, at + step->first);
    if (step->kind == FORK) {
        pattern_add(p, threads, at + step->second);
    }
}

static inline void pattern_begin(const pattern *p, pattern_threads *threads)
{
    memset(threads, 0, sizeof *threads);
    pattern_add(p, threads, 0);
}

/* Takes one character; false, with the threads as they were, if no match goes on with it. */
static inline bool pattern_take(const pattern *p, pattern_threads *threads, uint32_t character)
{
    pattern_threads next = {{false}};
    bool any = false;
    for (int i = 0; i < p->count; i++) {
        const pattern_step *step = &p->steps[i];
        if (threads->live[i] && step->kind == TAKE && (character < 128 ? step->ascii[character] : step->others)) {
            pattern_add(p, &next, i + 1);
            any = true;
        }
    }
    if (any) {
        *threads = next;
    }
    return any;
}

static inline bool pattern_matches(const pattern *p, const pattern_threads *threads)
{
    return threads->live[p->count - 1];
}

#endif
