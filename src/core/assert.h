/* Assertions of what must hold whatever the caller did: compiled away with NDEBUG, but not before an analyser; needs no
 * libc. */
#ifndef TJOB_CORE_ASSERT_H
#define TJOB_CORE_ASSERT_H

#if defined(NDEBUG) && !defined(__clang_analyzer__)
#define TJOB_ASSERT(condition) ((void)sizeof(condition))
#else
#define TJOB_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
