/* The name of an entity recognizer: an Amazon Resource Name (ARN). */
#ifndef TJOB_ARN_H
#define TJOB_ARN_H

#include <stddef.h>

#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The maximum length of an ARN, in bytes. The reference page says 256 characters. Every ARN of its pattern is ASCII,
 * where characters and bytes are the same. In the current pattern a partition may contain other characters; then the
 * limit counts their UTF-8 bytes.
 */
#define TJOB_ARN_BYTES_MAX 256

/* The grammars of ARNs. */
typedef enum tjob_arn_grammar {
    /* The pattern on the reference page of StopTrainingEntityRecognizer:
     * arn:aws:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/[a-zA-Z0-9](-*[a-zA-Z0-9])* */
    TJOB_ARN_REFERENCE = 0,
    /* The service's newer pattern, for hosts whose clients are current. It allows other partitions, and versions of a
     * recognizer:
     * arn:aws(-[^:]+)?:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/NAME(/version/NAME)?
     * where NAME is as above. The characters of a partition are UTF-8; U+0000 is not allowed. */
    TJOB_ARN_CURRENT
} tjob_arn_grammar;

/* The first violation of the grammar: which part of the ARN is invalid. */
typedef enum tjob_arn_problem {
    TJOB_ARN_VALID = 0,
    TJOB_ARN_BAD_PREFIX,    /* does not begin with "arn:aws" and what may follow that */
    TJOB_ARN_BAD_PARTITION, /* the partition's suffix is empty, contains a NUL or is not UTF-8 */
    TJOB_ARN_BAD_SERVICE,   /* the service is not "comprehend" */
    TJOB_ARN_BAD_REGION,    /* the region contains something other than letters, digits and "-" */
    TJOB_ARN_BAD_ACCOUNT,   /* the account is not 12 digits */
    TJOB_ARN_BAD_RESOURCE,  /* the resource does not begin with "entity-recognizer/" */
    TJOB_ARN_BAD_NAME,      /* the name is not letters and digits, with "-" only between them */
    TJOB_ARN_BAD_VERSION,   /* the text after the name is not "/version/" and a name */
    TJOB_ARN_TOO_LONG       /* more than TJOB_ARN_BYTES_MAX bytes, whatever they are */
} tjob_arn_problem;

#define TJOB_ARN_PROBLEM_COUNT 10

/*
 * The result of tjob_arn_validate. `offset` is the length, in bytes, of the longest prefix of the text with which some
 * valid ARN (of any length) begins. So the byte at `offset` is the first invalid one, or the text ends there too early.
 * If a character is not UTF-8, `offset` is that of its first byte. For a valid ARN, `offset` is its length; for
 * TJOB_ARN_TOO_LONG, it is TJOB_ARN_BYTES_MAX.
 */
typedef struct tjob_arn_verdict {
    tjob_arn_problem problem;
    size_t offset;
} tjob_arn_verdict;

/*
 * Validates a whole text against a grammar, in one pass without backtracking. Returns TJOB_ARN_VALID or the first
 * problem, with its offset. A grammar outside the enum counts as TJOB_ARN_REFERENCE; a text whose data is NULL counts
 * as empty. Pure; thread-safe.
 */
tjob_arn_verdict tjob_arn_validate(tjob_text arn, tjob_arn_grammar grammar);

#ifdef __cplusplus
}
#endif

#endif
