/*
 * Holds a lock on a file, on some bytes or to its end, as a process that was halted in the midst of a call does: says
 * "held", and lets go when standard input ends.
 *
 *   hold_lock FILE FIRST_BYTE [BYTES]
 */
#define _GNU_SOURCE /* for locks of open files */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const int file = argc >= 3 ? open(argv[1], O_RDWR) : -1;
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    range.l_start = argc >= 3 ? atol(argv[2]) : 0;
    range.l_len = argc >= 4 ? atol(argv[3]) : 0;
    if (file < 0 || fcntl(file, F_OFD_SETLK, &range) != 0) {
        return 1;
    }
    puts("held");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}
