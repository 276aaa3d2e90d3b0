/* The bare loop beside which durable stops are measured: bench_sync FILE SECONDS. One thread, pages of 4096 bytes. */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 25000 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static char page[PAGE];
    uint64_t random = 1;
    const int file = argc == 3 ? open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0666) : -1;
    if (file < 0) {
        return EXIT_FAILURE;
    }
    for (long i = 0; i < PAGES; i++) { /* allocated, page by page */
        if (pwrite(file, page, PAGE, i * PAGE) != PAGE) {
            return EXIT_FAILURE;
        }
    }
    fsync(file);
    long count = 0;
    const double began = now();
    const double until = began + strtod(argv[2], NULL);
    while (now() < until) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        memset(page, (int)(random >> 56), PAGE);
        if (pwrite(file, page, PAGE, (long)((random >> 33) % PAGES) * PAGE) != PAGE || fdatasync(file) != 0) {
            return EXIT_FAILURE;
        }
        count++;
    }
    printf("%.0f\n", (double)count / (now() - began));
    return EXIT_SUCCESS;
}
