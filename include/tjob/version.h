/* The version of the library. Versions follow Semantic Versioning 2.0.0; docs/compatibility.md tells what may change when. */
#ifndef TJOB_VERSION_H
#define TJOB_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. */
#define TJOB_VERSION_MAJOR 0
#define TJOB_VERSION_MINOR 1
#define TJOB_VERSION_PATCH 0
#define TJOB_VERSION "0.1.0"

/*
 * The version of the library that is linked, as TJOB_VERSION writes it: where a shared library was exchanged, it may be
 * another than that of the headers. Static. Pure; thread-safe.
 */
const char *tjob_version(void);

#ifdef __cplusplus
}
#endif

#endif
