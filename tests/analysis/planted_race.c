/* A bug for ThreadSanitizer to find: two threads write the same number, and nothing says which is first. */
#include <pthread.h>
#include <stddef.h>

static int number;

static void *count(void *context)
{
    number++;
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
