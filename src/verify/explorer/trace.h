/* The memory that traces need. */
#ifndef TJOB_VERIFY_EXPLORER_TRACE_H
#define TJOB_VERIFY_EXPLORER_TRACE_H

#include <stdint.h>

/* Returns the size of the room for the states of a trace in bytes: a multiple of 8. */
uint64_t tjob__trace_bytes(uint32_t state_bytes);

#endif
