#define _XOPEN_SOURCE 700 /* NOLINT: for sigaction */

#include "cli/signals.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int signalled;

static void keep_signal(int signal)
{
    signalled = signal;
}

void signals_catch(void)
{
    static const int signals[] = {SIGINT,  SIGTERM, SIGHUP,  SIGPIPE, SIGQUIT,   SIGALRM,
                                  SIGXCPU, SIGUSR1, SIGUSR2, SIGPROF, SIGVTALRM, SIGPOLL};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction action;
        if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
            action = (struct sigaction){.sa_handler = keep_signal, .sa_flags = SA_RESTART};
            (void)sigaction(signals[i], &action, NULL);
        }
    }
}

bool signals_caught(void)
{
    return signalled != 0;
}

void signals_obey(void)
{
    const int caught = signalled;
    if (caught != 0) {
        (void)signal(caught, SIG_DFL);
        (void)raise(caught);
    }
}
