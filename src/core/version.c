#include "tjob/version.h"

const char *tjob_version(void)
{
    return TJOB_VERSION;
}
