/* interrupt.c - see interrupt.h. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static const int signals[] = {SIGINT, SIGTERM};
static volatile sig_atomic_t asked; /* the signal that did; 0: none */

static void ask(int number)
{
    asked = number;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}

void interrupt_watch(void)
{
    /* What writes on after the signal should not fail by it. */
    struct sigaction watched = {.sa_handler = ask, .sa_flags = SA_RESTART}, before;
    sigfillset(&watched.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        /* A shell starts what runs in the background with SIGINT ignored: that stays so. */
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(signals[i], &watched, NULL);
    }
}

bool interrupt_asked(void)
{
    return asked != 0;
}

void interrupt_forget(void)
{
    asked = 0;
}

void interrupt_die(void)
{
    signal(asked, SIG_DFL);
    raise(asked);
}
