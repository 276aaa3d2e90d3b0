/* A name, against POSIX regexec with the patterns as they are written. */
#define _POSIX_C_SOURCE 200809L
#include <locale.h>
#include <regex.h>
#include <stdbool.h>
#include <string.h>

#include "target.h"
#include "tjob/arn.h"
#include "unit/exact.h"
#include "unit/utf8_oracle.h"

#define NAME "[a-zA-Z0-9](-*[a-zA-Z0-9])*"
#define BEHIND_PARTITION ":comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/" NAME

static const char *const patterns[] = {
    [TJOB_ARN_REFERENCE] = "^arn:aws" BEHIND_PARTITION "$",
    [TJOB_ARN_CURRENT] = "^arn:aws(-[^:]+)?" BEHIND_PARTITION "(/version/" NAME ")?$",
};

static const regex_t *compiled(tjob_arn_grammar grammar)
{
    static regex_t expressions[2];
    static bool ready[2];
    if (!ready[grammar]) {
        FUZZ_EXPECT(regcomp(&expressions[grammar], patterns[grammar], REG_EXTENDED | REG_NOSUB) == 0);
        ready[grammar] = true;
    }
    return &expressions[grammar];
}

static bool is_utf8_without_nul(tjob_text text)
{
    size_t at = 0;
    while (at != text.bytes) {
        uint32_t character = 0;
        const size_t length = oracle_character(text.data + at, text.bytes - at, &character);
        if (length == 0 || character == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

static bool is_valid(tjob_text arn, tjob_arn_grammar grammar)
{
    char string[TJOB_ARN_BYTES_MAX + 1];
    if (arn.bytes > TJOB_ARN_BYTES_MAX || !is_utf8_without_nul(arn)) {
        return false;
    }
    memcpy(string, arn.data, arn.bytes);
    string[arn.bytes] = '\0';
    return regexec(compiled(grammar), string, 0, NULL, 0) == 0;
}

/* What every verdict promises of its offset, as far as other verdicts can report. */
static void check_offset(tjob_text arn, tjob_arn_grammar grammar, tjob_arn_verdict verdict)
{
    FUZZ_EXPECT((unsigned)verdict.problem < TJOB_ARN_PROBLEM_COUNT);
    FUZZ_EXPECT(verdict.offset <= arn.bytes);
    if (verdict.problem == TJOB_ARN_VALID) {
        FUZZ_EXPECT(verdict.offset == arn.bytes);
    } else if (verdict.problem != TJOB_ARN_TOO_LONG) {
        /* Up to the offset it could have gone on; with the byte there it cannot. */
        const tjob_arn_verdict before = tjob_arn_validate((tjob_text){arn.data, verdict.offset}, grammar);
        FUZZ_EXPECT(before.offset == verdict.offset);
        if (verdict.offset < arn.bytes) {
            const tjob_arn_verdict behind = tjob_arn_validate((tjob_text){arn.data, verdict.offset + 1}, grammar);
            FUZZ_EXPECT(behind.problem != TJOB_ARN_VALID && behind.offset <= verdict.offset);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int i = TJOB_ARN_REFERENCE; i <= TJOB_ARN_CURRENT; i++) {
        const tjob_arn_grammar grammar = (tjob_arn_grammar)i;
        const tjob_text arn = exact_copy(data, size);
        const tjob_arn_verdict verdict = tjob_arn_validate(arn, grammar);
        FUZZ_EXPECT((verdict.problem == TJOB_ARN_VALID) == is_valid(arn, grammar));
        check_offset(arn, grammar, verdict);
        exact_free(arn);
    }
    return 0;
}
