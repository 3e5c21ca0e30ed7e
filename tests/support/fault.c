/* fault.c - see fault.h. */
#include "fault.h"

#include <sqlite3.h>

#include "temp.h"

#define TABLES_MAX 16

static int left = -1; /* operations that still succeed; -1: all do */
static fault_kind armed;
static bool happened;

void fault_arm(fault_kind kind, int after)
{
    armed = kind;
    left = after;
    happened = false;
}

void fault_disarm(void)
{
    left = -1;
}

bool fault_happened(void)
{
    return happened;
}

static bool is_due(bool of_disk)
{
    if (left < 0 || of_disk != (armed != FAULT_ALLOCATION))
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    happened = true;
    if (armed != FAULT_FULL)
        left = -1;
    return true;
}

/* ---- files: each has its methods, with another way to write */

typedef struct table {
    sqlite3_io_methods methods; /* first, so that a file's methods lead to its table */
    const sqlite3_io_methods *inner;
} table;

static table tables[TABLES_MAX];
static sqlite3_vfs shim, *real;

static const table *table_of(sqlite3_file *file)
{
    return (const table *)(const void *)file->pMethods;
}

static int write_or_fail(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
    return is_due(true) ? SQLITE_FULL : table_of(file)->inner->xWrite(file, data, bytes, offset);
}

static const sqlite3_io_methods *methods_in_front_of(const sqlite3_io_methods *inner)
{
    for (int i = 0; i < TABLES_MAX; i++) {
        if (!tables[i].inner) {
            tables[i] = (table){*inner, inner};
            tables[i].methods.xWrite = write_or_fail;
        }
        if (tables[i].inner == inner)
            return &tables[i].methods;
    }
    temp_give_up("find room for", "another kind of file");
}

static int open_in_front(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    int code = real->xOpen(real, name, file, flags, out);
    if (file->pMethods)
        file->pMethods = methods_in_front_of(file->pMethods);
    return code;
}

/* ---- memory */

static sqlite3_mem_methods memory;

static void *allocate_or_fail(int bytes)
{
    return is_due(false) ? NULL : memory.xMalloc(bytes);
}

static void *resize_or_fail(void *p, int bytes)
{
    return is_due(false) ? NULL : memory.xRealloc(p, bytes);
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
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "fault";
    shim.xOpen = open_in_front;
    shim.pNext = NULL;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
        temp_give_up("replace", "SQLite's file system");
}
