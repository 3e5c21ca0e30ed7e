/* fork.c - see fork.h. */
#include "fork.h"

#include <pthread.h>
#include <stdatomic.h>

static _Atomic unsigned generation;

static void in_child(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void watch(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

unsigned vdb_fork_generation(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
    return atomic_load_explicit(&generation, memory_order_relaxed);
}
