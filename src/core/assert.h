/* Assertions of internal invariants: removed with NDEBUG, except for a static analyzer; without libc. */
#ifndef TJOB_CORE_ASSERT_H
#define TJOB_CORE_ASSERT_H

#if defined(NDEBUG) && !defined(__clang_analyzer__)
#define TJOB_ASSERT(condition) ((void)sizeof(condition))
#else
#define TJOB_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif
