/* A bug for ThreadSanitizer to find: two threads write the same number, and nothing says which is first. */
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* How often each does, both at the same time: of threads that run one after the other it is missed now and then. */
enum { WRITES = 10000 };

static atomic_int begun;
static volatile int number;

static void *count(void *context)
{
    atomic_fetch_add_explicit(&begun, 1, memory_order_relaxed);
    while (atomic_load_explicit(&begun, memory_order_relaxed) < 2) {
    }
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
