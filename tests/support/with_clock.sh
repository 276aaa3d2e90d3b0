#!/bin/sh
# Runs a command whose clock is off: with_clock.sh +6m date
#
# faketime names the memory that it shares after its process number and leaves it behind when a signal ends it. Numbers
# come again, and the next faketime with that one ends with "sem_open: File exists". So what is left is removed first.
rm -f "/dev/shm/sem.faketime_sem_$$" "/dev/shm/faketime_shm_$$"
exec faketime -f "$@"
