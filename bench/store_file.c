/*
 * store_file.c - the physical limit: values of one size, one after the other in a raw file.
 *
 * A commit is fsync.  It has no names and no records, and nothing is ever checked.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"
#include "peer_file.h"
#include "store.h"

/* Small values are gathered, as stdio would do. */
enum {
    GATHERED = 1 << 20
};

struct raw {
    int fd;
    size_t held;
    unsigned char gathered[GATHERED];
};

static void *open_raw(const char *directory, enum store_use use)
{
    struct raw *raw = must_allocate(1, sizeof *raw);
    char path[FILE_PATH_ROOM];

    file_path(directory, "raw.bin", path);
    raw->fd = use == STORE_USE ? peer_file_open(path) : peer_file_create(path);
    return raw;
}

static void close_raw(void *store)
{
    struct raw *raw = store;

    (void)close(raw->fd);
    free(raw);
}

static void write_held(struct raw *raw)
{
    peer_file_append(raw->fd, raw->gathered, raw->held);
    raw->held = 0;
}

static void commit(void *store)
{
    struct raw *raw = store;

    write_held(raw);
    if (fsync(raw->fd) != 0)
        fail_errno("raw file: syncing");
}

static void create(void *store, const struct item *item, const void *value)
{
    struct raw *raw = store;

    if (raw->held + item->bytes > sizeof raw->gathered)
        write_held(raw);
    if (item->bytes > sizeof raw->gathered) {
        peer_file_append(raw->fd, value, item->bytes);
        return;
    }
    memcpy(raw->gathered + raw->held, value, item->bytes);
    raw->held += item->bytes;
}

static void read_value(void *store, const struct item *item, void *value)
{
    struct raw *raw = store;

    peer_file_at(raw->fd, (uint64_t)item->i * item->bytes, value, item->bytes);
}

const struct store_kind store_file = {.name = "raw file",
                                      .version = "",
                                      .open = open_raw,
                                      .close = close_raw,
                                      .commit = commit,
                                      .create = create,
                                      .read = read_value};
