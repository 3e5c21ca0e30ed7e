/* fault.c - see fault.h. */
#include "fault.h"

#include <sqlite3.h>
#include <stdatomic.h>

#include "temp.h"

/* Threads of a test come by all at once; one that lets something fail has no others. */
static atomic_int left = -1; /* operations that still succeed; -1: all do */
static _Atomic fault_kind armed;
static atomic_bool lasts, happened;
static atomic_long counted[FAULT_KINDS];

const char *fault_name(fault_kind kind)
{
    static const char *const names[FAULT_KINDS] = {
        [FAULT_ALLOCATION] = "allocation",
        [FAULT_OWN] = "own allocation",
        [FAULT_CALL] = "call",
        [FAULT_READ] = "read",
        [FAULT_SHORT_READ] = "short read",
        [FAULT_WRITE] = "write",
        [FAULT_SHORT_WRITE] = "short write",
        [FAULT_FULL] = "full",
        [FAULT_SYNC] = "sync",
        [FAULT_TRUNCATE] = "truncate",
        [FAULT_OPEN] = "open",
        [FAULT_DELETE] = "delete",
        [FAULT_ACCESS] = "access",
        [FAULT_SIZE] = "size",
        [FAULT_LOCK] = "lock",
        [FAULT_SHM_MAP] = "shm map",
        [FAULT_SHM_LOCK] = "shm lock",
        [FAULT_SHM_BUSY] = "shm busy",
    };
    return names[kind];
}

void fault_arm_for(fault_kind kind, int after, bool lasting)
{
    armed = kind;
    left = after;
    lasts = lasting;
    happened = false;
}

void fault_arm(fault_kind kind, int after)
{
    fault_arm_for(kind, after, kind == FAULT_FULL);
}

void fault_disarm(void)
{
    left = -1;
}

bool fault_happened(void)
{
    return happened;
}

long fault_counted(fault_kind kind)
{
    return counted[kind];
}

bool fault_is_due(fault_kind kind)
{
    counted[kind]++;
    if (left < 0 || kind != armed)
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    happened = true;
    if (!lasts)
        left = -1;
    return true;
}

/* ---- memory */

static sqlite3_mem_methods memory;

static void *allocate_or_fail(int bytes)
{
    return fault_is_due(FAULT_ALLOCATION) ? NULL : memory.xMalloc(bytes);
}

static void *resize_or_fail(void *p, int bytes)
{
    return fault_is_due(FAULT_ALLOCATION) ? NULL : memory.xRealloc(p, bytes);
}

void fault_install(void)
{
    sqlite3_mem_methods ours;
    sqlite3_shutdown();
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
        temp_give_up("learn of", "SQLite's allocator");
    ours = memory;
    ours.xMalloc = allocate_or_fail;
    ours.xRealloc = resize_or_fail;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK)
        temp_give_up("replace", "SQLite's allocator");
    fault_install_files();
}
