/* A bug for ThreadSanitizer to find: two threads write the same number, and nothing says which is first. */
#include <pthread.h>
#include <stddef.h>

/* How often each does: one write of each, at the very same moment, is missed now and then. */
enum { WRITES = 10000 };

static volatile int number;

static void *count(void *context)
{
    for (int i = 0; i < WRITES; i++) {
        number++;
    }
    return context;
}

int main(void)
{
    pthread_t other;
    if (pthread_create(&other, NULL, count, NULL) != 0) {
        return 1;
    }
    count(NULL);
    return pthread_join(other, NULL);
}
