/* Where Check notes that an assertion failed; the linker's --wrap puts this in its place. One failure kills a mutant,
 * so the program ends there. */
#include <stdlib.h>

_Noreturn void __wrap__ck_assert_failed(void);

_Noreturn void __wrap__ck_assert_failed(void)
{
    _Exit(EXIT_FAILURE);
}
