/* The version of the library. Versions follow Semantic Versioning 2.0.0. */
#ifndef TJOB_VERSION_H
#define TJOB_VERSION_H

#define TJOB_VERSION_MAJOR 0
#define TJOB_VERSION_MINOR 1
#define TJOB_VERSION_PATCH 0
#define TJOB_VERSION "0.1.0"

#endif
