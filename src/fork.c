/* fork.c - see fork.h. */
#include "fork.h"

#include <pthread.h>
#include <stdatomic.h>

static _Atomic unsigned generation;
static pthread_rwlock_t forking = PTHREAD_RWLOCK_INITIALIZER; /* read by our threads, written by fork() */

static void before(void)
{
    pthread_rwlock_wrlock(&forking);
}

static void in_parent(void)
{
    pthread_rwlock_unlock(&forking);
}

static void in_child(void)
{
    pthread_rwlock_init(&forking, NULL);
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void watch(void)
{
    pthread_atfork(before, in_parent, in_child);
}

void vdb_fork_hold(void)
{
    pthread_rwlock_rdlock(&forking);
}

void vdb_fork_release(void)
{
    pthread_rwlock_unlock(&forking);
}

unsigned vdb_fork_generation(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch);
    return atomic_load_explicit(&generation, memory_order_relaxed);
}
