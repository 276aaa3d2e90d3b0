/* Loads and swaps. */
#ifndef TJOB_HOST_ETCD_STORE_H
#define TJOB_HOST_ETCD_STORE_H

#include "host/etcd/call.h"

/* Decodes the value of a record or an entry. Returns TJOB_LOAD_OK, TJOB_LOAD_NOT_FOUND for a tombstone; or
 * TJOB_LOAD_UNAVAILABLE: it is neither, and the problem is noted. */
tjob_load_status tjob__etcd_record_read(etcd_call *call, const etcd_kv *kv, tjob_job *job);

#endif
