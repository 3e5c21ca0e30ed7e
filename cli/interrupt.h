/*
 * interrupt.h - Ctrl-C, for operations that can stop where nothing is half done.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM only asks; the next one kills at once. */
void interrupt_watch(void);
bool interrupt_asked(void);
/* The operation ended, and the process goes on. */
void interrupt_forget(void);
/* Dies of the signal that asked, so that whoever waits for the process sees it. */
void interrupt_die(void);

#endif
