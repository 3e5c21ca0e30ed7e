/* disk.c - see disk.h. */
#include "disk.h"

#include <string.h>

#include "need.h"

void disk_make(disk *d)
{
    static uint64_t made;
    memset(d, 0, sizeof *d);
    d->number = ++made;
}

void disk_copy(const disk *from, disk *to)
{
    disk_make(to);
    to->file_count = from->file_count;
    memcpy(to->names, from->names, sizeof to->names);
    for (int i = 0; i < from->file_count; i++) {
        to->files[i].scratch = from->files[i].scratch;
        contents_copy(&from->files[i].contents, &to->files[i].contents);
    }
}

void disk_free(disk *d)
{
    for (int i = 0; i < d->file_count; i++) {
        contents_free(&d->files[i].contents);
        free(d->files[i].map);
    }
    d->file_count = 0;
}

void disk_log_free(disk_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->ops[i].data);
    free(log->ops);
    *log = (disk_log){0};
}

/* ---- names */

static disk_name *entry_of(disk *d, const char *name)
{
    for (int i = 0; i < DISK_NAMES_MAX; i++)
        if (strcmp(d->names[i].name, name) == 0)
            return &d->names[i];
    return NULL;
}

int disk_find(const disk *d, const char *name)
{
    for (int i = 0; i < DISK_NAMES_MAX; i++)
        if (*name && strcmp(d->names[i].name, name) == 0)
            return d->names[i].file;
    return -1;
}

int disk_names(const disk *d, int file)
{
    int count = 0;
    for (int i = 0; i < DISK_NAMES_MAX; i++)
        count += d->names[i].name[0] && d->names[i].file == file;
    return count;
}

static void set_name(disk *d, const char *name, int file)
{
    disk_name *entry = entry_of(d, name);
    if (!entry)
        entry = entry_of(d, "");
    must(entry, "%s: the disk has no room for names", name);
    must(strlen(name) < DISK_NAME_BYTES, "%s: the name is too long", name);
    strcpy(entry->name, name);
    entry->file = file;
}

static void take_name(disk *d, const char *name)
{
    disk_name *entry = entry_of(d, name);
    if (entry)
        entry->name[0] = '\0';
}

/* ---- the list */

static disk_op *listed(disk *d, disk_kind kind, int file)
{
    disk_log *log = d->log;
    if (!log || (file >= 0 && d->files[file].scratch))
        return NULL;
    if (log->count == log->room) {
        log->room = log->room ? 2 * log->room : 64;
        log->ops = need(realloc(log->ops, log->room * sizeof *log->ops));
    }
    disk_op *op = &log->ops[log->count++];
    *op = (disk_op){.kind = kind, .file = file};
    return op;
}

void disk_apply(disk *d, const disk_op *op)
{
    while (op->file >= d->file_count)
        d->files[d->file_count++] = (disk_file){0};
    if (op->kind == DISK_WRITE)
        contents_write(&d->files[op->file].contents, op->offset, op->data, (size_t)op->bytes);
    else if (op->kind == DISK_RESIZE)
        contents_resize(&d->files[op->file].contents, op->bytes);
    else if (op->kind == DISK_NAME)
        set_name(d, op->name, op->file);
    else if (op->kind == DISK_UNNAME)
        take_name(d, op->name);
    else if (op->kind == DISK_RENAME) {
        take_name(d, op->name);
        set_name(d, op->other, op->file);
    }
}

/* ---- what is done */

static bool is_scratch(const char *name)
{
    static const char *const suffixes[] = {"-shm", "-turnstile"};
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (length > strlen(suffixes[i]) && strcmp(name + length - strlen(suffixes[i]), suffixes[i]) == 0)
            return true;
    return false;
}

int disk_make_file(disk *d, const char *name)
{
    must(d->file_count < DISK_FILES_MAX, "%s: the disk has no room for files", name);
    int file = d->file_count++;
    d->files[file] = (disk_file){.scratch = is_scratch(name)};
    disk_link(d, file, name);
    return file;
}

void disk_write(disk *d, int file, uint64_t offset, const void *data, size_t bytes)
{
    disk_op *op = listed(d, DISK_WRITE, file);
    if (op) {
        op->offset = offset;
        op->bytes = bytes;
        op->data = need(malloc(bytes ? bytes : 1));
        memcpy(op->data, data, bytes);
    }
    contents_write(&d->files[file].contents, offset, data, bytes);
}

void disk_resize(disk *d, int file, uint64_t bytes)
{
    disk_op *op = listed(d, DISK_RESIZE, file);
    if (op)
        op->bytes = bytes;
    contents_resize(&d->files[file].contents, bytes);
}

void disk_sync(disk *d, int file)
{
    listed(d, DISK_SYNC, file);
}

void disk_link(disk *d, int file, const char *name)
{
    disk_op *op = listed(d, DISK_NAME, file);
    set_name(d, name, file);
    if (op)
        strcpy(op->name, name);
}

void disk_unlink(disk *d, const char *name)
{
    disk_op *op = listed(d, DISK_UNNAME, disk_find(d, name));
    if (op)
        strcpy(op->name, name);
    take_name(d, name);
}

void disk_rename(disk *d, const char *name, const char *other)
{
    int file = disk_find(d, name);
    disk_op *op = listed(d, DISK_RENAME, file);
    take_name(d, name);
    set_name(d, other, file);
    if (op) {
        strcpy(op->name, name);
        strcpy(op->other, other);
    }
}

void disk_sync_names(disk *d)
{
    listed(d, DISK_SYNC_NAMES, -1);
}

void disk_done(disk *d)
{
    listed(d, DISK_DONE, -1);
}
