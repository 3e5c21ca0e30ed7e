/* disk.c - see disk.h. */
#include "disk.h"

#include <sqlite3.h>
#include <stdlib.h>

#define KINDS 8 /* of files, by their methods */

static sqlite3_vfs *real, shim;
static const sqlite3_io_methods *plain[KINDS];
static sqlite3_io_methods watched[KINDS];
static int kinds, left = -1;
static bool failed;

static int write_watched(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
    if (left == 0) {
        failed = true;
        return SQLITE_FULL;
    }
    left -= left > 0;
    return plain[file->pMethods - watched]->xWrite(file, data, bytes, offset);
}

static int kind_of(const sqlite3_io_methods *methods)
{
    for (int i = 0; i < kinds; i++)
        if (plain[i] == methods)
            return i;
    if (kinds == KINDS)
        abort();
    plain[kinds] = methods;
    watched[kinds] = *methods;
    watched[kinds].xWrite = write_watched;
    return kinds++;
}

static int open_watched(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out)
{
    int code = real->xOpen(vfs, name, file, flags, out);
    if (code == SQLITE_OK && file->pMethods)
        file->pMethods = &watched[kind_of(file->pMethods)];
    return code;
}

void disk_install(void)
{
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "disk";
    shim.xOpen = open_watched;
    sqlite3_vfs_register(&shim, 1);
    disk_fill(-1);
}

void disk_fill(int writes)
{
    left = writes;
    failed = false;
}

bool disk_was_full(void)
{
    return failed;
}
