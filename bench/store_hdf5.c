/*
 * store_hdf5.c - HDF5: a dataset for each variable, the record an attribute of it.
 *
 * A commit is H5Fflush and fsync.  HDF5 has no transactions: a flush that is cut short can
 * leave a file that cannot be opened, and readers beside a writer have no picture that stays.
 */
#include "store.h"

#ifndef PEER_hdf5

const struct store_kind store_hdf5 = {.name = "HDF5", .absent = "not installed"};

#else

#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"

enum {
    COMPACT_BYTES = 4096 /* at most that is kept in the dataset's header */
};

struct container {
    hid_t file, links, compact, record; /* record: its type, of opaque bytes */
    int fd;
};

static hid_t check(hid_t answer)
{
    if (answer < 0)
        fail("HDF5", "a call failed");
    return answer;
}

static void *open_container(const char *directory, enum store_use use)
{
    struct container *container = must_allocate(1, sizeof *container);
    hid_t access = check(H5Pcreate(H5P_FILE_ACCESS));
    char path[FILE_PATH_ROOM];

    file_path(directory, "data.h5", path);
    check(H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST));
    container->file = check(use == STORE_USE ? H5Fopen(path, H5F_ACC_RDWR, access)
                                             : H5Fcreate(path, H5F_ACC_EXCL, H5P_DEFAULT, access));
    container->links = check(H5Pcreate(H5P_LINK_CREATE));
    check(H5Pset_create_intermediate_group(container->links, 1));
    container->compact = check(H5Pcreate(H5P_DATASET_CREATE));
    check(H5Pset_layout(container->compact, H5D_COMPACT));
    container->record = check(H5Tcreate(H5T_OPAQUE, sizeof(struct record)));
    container->fd = open(path, O_RDWR | O_CLOEXEC);
    if (container->fd < 0)
        fail_errno(path);
    check(H5Pclose(access));
    return container;
}

static void close_container(void *store)
{
    struct container *container = store;

    check(H5Tclose(container->record));
    check(H5Pclose(container->compact));
    check(H5Pclose(container->links));
    check(H5Fclose(container->file));
    (void)close(container->fd);
    free(container);
}

static void commit(void *store)
{
    struct container *container = store;

    check(H5Fflush(container->file, H5F_SCOPE_GLOBAL));
    if (fsync(container->fd) != 0)
        fail_errno("HDF5: syncing");
}

static void create(void *store, const struct item *item, const void *value)
{
    struct container *container = store;
    const hsize_t dims[] = {item->bytes / sizeof(float)};
    hid_t space = check(H5Screate_simple(1, dims, NULL)), scalar = check(H5Screate(H5S_SCALAR));
    hid_t dataset =
        check(H5Dcreate2(container->file, item->name, H5T_IEEE_F32LE, space, container->links,
                         item->bytes <= COMPACT_BYTES ? container->compact : H5P_DEFAULT, H5P_DEFAULT));
    hid_t attribute =
        check(H5Acreate2(dataset, "record", container->record, scalar, H5P_DEFAULT, H5P_DEFAULT));
    struct record record;

    store_record(item, &record);
    check(H5Awrite(attribute, container->record, &record));
    check(H5Dwrite(dataset, H5T_IEEE_F32LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value));
    check(H5Aclose(attribute));
    check(H5Dclose(dataset));
    check(H5Sclose(scalar));
    check(H5Sclose(space));
}

static void find(void *store, const struct item *item, struct record *record)
{
    struct container *container = store;
    hid_t attribute = check(H5Aopen_by_name(container->file, item->name, "record", H5P_DEFAULT, H5P_DEFAULT));

    check(H5Aread(attribute, container->record, record));
    check(H5Aclose(attribute));
}

static void read_value(void *store, const struct item *item, void *value)
{
    struct container *container = store;
    hid_t dataset = check(H5Dopen2(container->file, item->name, H5P_DEFAULT));

    check(H5Dread(dataset, H5T_IEEE_F32LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value));
    check(H5Dclose(dataset));
}

const struct store_kind store_hdf5 = {.name = "HDF5",
                                      .version = PEER_hdf5,
                                      .takes_records = 1,
                                      .open = open_container,
                                      .close = close_container,
                                      .commit = commit,
                                      .create = create,
                                      .find = find,
                                      .read = read_value};

#endif
