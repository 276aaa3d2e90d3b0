#include "cli/formal.h"

#include <stdio.h>
#include <string.h>

#include "tjob/invariant.h"

/* Prints an invariant as a comment: its name and its sentence. */
static void print_invariant(const struct formal_language *language, const char *name)
{
    for (int i = 0; i < TJOB_INVARIANT_COUNT; i++) {
        if (strcmp(tjob_invariant_name((tjob_invariant)i), name) == 0) {
            printf("%s%s: %s%s\n", language->comment_begin, name, tjob_invariant_sentence((tjob_invariant)i),
                   language->comment_end);
        }
    }
}

void formal_print(const struct formal_language *language)
{
    static const char invariant[] = "@invariant ";
    for (const char *const *line = language->lines; *line != NULL; line++) {
        if (strncmp(*line, invariant, sizeof invariant - 1) == 0) {
            print_invariant(language, *line + sizeof invariant - 1);
        } else if (**line == '@') {
            language->print_at(*line + 1);
        } else {
            printf("%s\n", *line);
        }
    }
}

void formal_print_constant(const char *prefix, const char *name)
{
    printf("%s", prefix);
    for (; *name != '\0'; name++) {
        putchar(*name == ' ' ? '_' : *name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
    }
}

const char *formal_kind_name(tjob_transition_kind kind)
{
    static const char *const names[] = {
        [TJOB_TRANSITION_NOT_FOUND] = "not_found",
        [TJOB_TRANSITION_REFUSED] = "refused",
        [TJOB_TRANSITION_IN_USE] = "in_use",
        [TJOB_TRANSITION_UNCHANGED] = "unchanged",
        [TJOB_TRANSITION_CHANGE] = "moves",
        [TJOB_TRANSITION_SAME_TOKEN] = "same_token",
        [TJOB_TRANSITION_SAME_TRAINER] = "same_trainer",
        [TJOB_TRANSITION_STOP_SUBMITTED] = "stop_submitted",
        [TJOB_TRANSITION_STOP_FINISHED] = "stop_finished",
        [TJOB_TRANSITION_AFTER_TIMEOUT] = "after_timeout",
    };
    return names[kind];
}

bool formal_kind_moves(tjob_transition_kind kind)
{
    return kind == TJOB_TRANSITION_CHANGE || kind == TJOB_TRANSITION_STOP_SUBMITTED ||
           kind == TJOB_TRANSITION_AFTER_TIMEOUT;
}
