/* The name of an entity recognizer: an Amazon Resource Name. */
#ifndef TJOB_ARN_H
#define TJOB_ARN_H

#include <stddef.h>

#include "tjob/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The longest ARN, in bytes. The reference page says 256 characters; every ARN of its pattern is ASCII, where the two
 * are the same. In the current pattern a partition may hold other characters, whose UTF-8 bytes are what counts.
 */
#define TJOB_ARN_BYTES_MAX 256

typedef enum tjob_arn_grammar {
    /* The pattern of StopTrainingEntityRecognizer's reference page:
     * arn:aws:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/[a-zA-Z0-9](-*[a-zA-Z0-9])* */
    TJOB_ARN_REFERENCE = 0,
    /* The service's newer pattern, for hosts of today's clients (other partitions, versions of a recognizer):
     * arn:aws(-[^:]+)?:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/NAME(/version/NAME)?
     * with NAME as above. The characters of a partition are UTF-8; U+0000 is not allowed. */
    TJOB_ARN_CURRENT
} tjob_arn_grammar;

/* What the first violation of the grammar is: which part of the ARN cannot be. */
typedef enum tjob_arn_problem {
    TJOB_ARN_VALID = 0,
    TJOB_ARN_BAD_PREFIX,    /* does not begin with "arn:aws" and what may follow it */
    TJOB_ARN_BAD_PARTITION, /* the partition's suffix is empty, bears a NUL or is not UTF-8 */
    TJOB_ARN_BAD_SERVICE,   /* the service is not "comprehend" */
    TJOB_ARN_BAD_REGION,    /* the region bears something else than letters, digits and "-" */
    TJOB_ARN_BAD_ACCOUNT,   /* the account is not 12 digits */
    TJOB_ARN_BAD_RESOURCE,  /* the resource does not begin with "entity-recognizer/" */
    TJOB_ARN_BAD_NAME,      /* the name is not letters and digits, with "-" only between them */
    TJOB_ARN_BAD_VERSION,   /* what follows the name is not "/version/" and a name */
    TJOB_ARN_TOO_LONG       /* over TJOB_ARN_BYTES_MAX bytes, whatever they are */
} tjob_arn_problem;

#define TJOB_ARN_PROBLEM_COUNT 10

/*
 * The verdict on an ARN. `offset` is the length in bytes of the longest prefix with which some valid ARN (of any
 * length) begins, so the byte at `offset`, or the end there, is the first that cannot be; of a character that is not
 * UTF-8 it is the first byte. For a valid ARN it is its length, for TJOB_ARN_TOO_LONG it is TJOB_ARN_BYTES_MAX.
 */
typedef struct tjob_arn_verdict {
    tjob_arn_problem problem;
    size_t offset;
} tjob_arn_verdict;

/*
 * Checks a whole text against a grammar in one pass, with no step back. A grammar outside the enum counts as
 * TJOB_ARN_REFERENCE, and a text whose data is NULL as empty. Pure; thread-safe.
 */
tjob_arn_verdict tjob_arn_validate(tjob_text arn, tjob_arn_grammar grammar);

#ifdef __cplusplus
}
#endif

#endif
