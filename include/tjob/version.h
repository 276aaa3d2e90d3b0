/*
 * The version of the library. Versions follow Semantic Versioning 2.0.0; docs/compatibility.md says what may change
 * when.
 */
#ifndef TJOB_VERSION_H
#define TJOB_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. */
#define TJOB_VERSION_MAJOR 0
#define TJOB_VERSION_MINOR 2
#define TJOB_VERSION_PATCH 0
#define TJOB_VERSION "0.2.0"

/*
 * Returns the version of the linked library, in the form of TJOB_VERSION. It may differ from the version of the headers
 * if the shared library was replaced by another version. The string is static. Pure; thread-safe.
 */
const char *tjob_version(void);

#ifdef __cplusplus
}
#endif

#endif
