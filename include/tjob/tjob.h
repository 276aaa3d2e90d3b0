/* Everything a host needs of tjob: the lifecycle of a training job and the rules of a request to stop it. */
#ifndef TJOB_TJOB_H
#define TJOB_TJOB_H

/* core: pure functions */
#include "tjob/arn.h"
#include "tjob/job.h"
#include "tjob/limiter.h"
#include "tjob/operation.h"
#include "tjob/status.h"
#include "tjob/text.h"
#include "tjob/version.h"

/* core: the callbacks that a host supplies */
#include "tjob/clock.h"
#include "tjob/hooks.h"
#include "tjob/store.h"
#include "tjob/store_list.h"

/* wire: AWS JSON 1.1, and histories as JSON lines */
#include "tjob/history_log_writer.h"
#include "tjob/request.h"
#include "tjob/response.h"

/* host: the blocking driver, and the parts that come with it */
#include "tjob/bucket.h"
#include "tjob/flat.h"
#include "tjob/memory_store.h"
#include "tjob/metrics.h"
#include "tjob/service.h"
#include "tjob/system_clock.h"
#include "tjob/system_random.h"
#if defined(__unix__) || defined(__APPLE__)
#include "tjob/file_store.h"
#endif

#endif
