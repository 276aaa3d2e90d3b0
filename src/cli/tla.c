#include <stdio.h>

#include "cli/formal.h"

void tla_print(void)
{
    printf("TODO\n");
}
