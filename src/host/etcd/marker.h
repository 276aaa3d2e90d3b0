/* The marker of a store: the text "tjob SCHEMA BASE CLUSTER", which every transaction compares. */
#ifndef TJOB_HOST_ETCD_MARKER_H
#define TJOB_HOST_ETCD_MARKER_H

#include "tjob/etcd_store.h"
#include "tjob/text.h"

/* Fills the text, and with it the base and the cluster. The rest is not known yet: 0. */
void tjob__etcd_marker_write(tjob_etcd_marker *marker, uint64_t base, uint64_t cluster_id);

/* Reads a text, which was written `changes` times, the last time at `mod_revision`. Returns TJOB_ETCD_OK and fills
 * *marker; TJOB_ETCD_OTHER_SCHEMA, or TJOB_ETCD_DAMAGED. */
tjob_etcd_problem tjob__etcd_marker_read(tjob_etcd_marker *marker, tjob_text text, uint64_t mod_revision,
                                         uint64_t changes);

#endif
