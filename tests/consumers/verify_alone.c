/* A consumer of tjob_verify that calls nothing of tjob. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/verify.h"

int main(void)
{
    tjob_successors successors = {.count = 0};
    const char *name = tjob_verdict_name(TJOB_VERDICT_VACUOUS);
    tjob_successors_fail(&successors);
    printf("%s\n", name);
    return strcmp(name, "vacuous") == 0 && successors.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
