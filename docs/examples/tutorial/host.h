#include "tjob/tjob.h"

/* Returns the service of this host; or NULL, after printing the reason to standard error. */
const tjob_service *host_service(void);
