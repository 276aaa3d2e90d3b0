/* A bug for valgrind and MemorySanitizer to find: what happens depends on memory that was never written. */
#include <stdlib.h>

int main(void)
{
    int *unwritten = malloc(sizeof *unwritten);
    const int end = unwritten != NULL && *unwritten == 42 ? EXIT_FAILURE : EXIT_SUCCESS;
    free(unwritten);
    return end;
}
