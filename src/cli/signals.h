/*
 * Signals that would end a command and leave its temporary files behind. The command catches them, polls for one, stops
 * its work, removes the files, and ends by the signal after all.
 */
#ifndef TJOB_CLI_SIGNALS_H
#define TJOB_CLI_SIGNALS_H

#include <stdbool.h>

/* Catches the signals from now on, except for those that are ignored. */
void signals_catch(void);

/* Returns whether one was caught. */
bool signals_caught(void);

/* Ends the program by the signal that was caught, if there is one. */
void signals_obey(void);

#endif
