#include "tjob/tjob.h"

/* The service of this host; NULL if it has none, which it then has said on standard error. */
const tjob_service *host_service(void);
