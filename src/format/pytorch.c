/*
 * pytorch.c - the reader of what torch.save writes: a zip archive of stored members, NAME/data.pkl
 * with the objects and NAME/data/0, NAME/data/1, ... with the storages; or the file of old, see
 * pytorch_legacy.c.  Nothing of the pickle is run, see pickle.h.
 *
 * The members' CRCs are not looked at: torch.save leaves them out where it is told to be fast.
 */
#ifndef VARSDB_OMIT_PYTORCH

#include <stdio.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "pytorch.h"
#include "zip.h"

#define ZIP_MAGIC        "PK\3\4"
#define LOCAL_BYTES      30u
#define LENGTH_AT        26u /* of the first member's name */
#define LOCATOR_FROM_END 42u /* of an archive without a comment; PyTorch writes all of zip64's records */
#define PICKLE_NAME      "/data.pkl"
#define ORDER_BYTES_MAX  16u
#define KEY_BYTES_MAX    20

typedef struct archive {
    vdb_zip zip;
    char *folder; /* "NAME/" */
} archive;

/* ---- Recognizing -------------------------------------------------------- */

static bool name_ends_in(const char *name, size_t bytes, const char *suffix)
{
    size_t suffix_bytes = strlen(suffix);
    return bytes >= suffix_bytes && memcmp(name + bytes - suffix_bytes, suffix, suffix_bytes) == 0;
}

/* Archives begin with data.pkl; those of TorchScript, and of other writers, with any of these. */
static bool is_of_archive(const char *name, size_t bytes)
{
    static const char *const suffixes[] = {PICKLE_NAME,       "/version",           "/byteorder",
                                           "/constants.pkl",  "/.format_version",   "/.data/serialization_id",
                                           "/attributes.pkl", "/.storage_alignment"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (name_ends_in(name, bytes, suffixes[i]))
            return true;
    return memmem(name, bytes, "/data/", 6) || memmem(name, bytes, "/code/", 6);
}

static bool ends_as_pytorch_does(const vdb_sniff *f)
{
    return f->tail_bytes >= LOCATOR_FROM_END &&
           memcmp(f->tail + f->tail_bytes - LOCATOR_FROM_END, "PK\6\7", 4) == 0;
}

static int recognize_zip(const vdb_sniff *f)
{
    if (f->head_bytes <= LOCAL_BYTES)
        return 0;
    const char *name = (const char *)f->head + LOCAL_BYTES;
    size_t bytes = (size_t)vdb_get_little_endian(f->head + LENGTH_AT, 2);
    size_t there = f->head_bytes - LOCAL_BYTES;
    if (bytes > there) /* a long one, of which we see the begin */
        return ends_as_pytorch_does(f) ? 2 : 0;
    if (is_of_archive(name, bytes))
        return 2;
    return memchr(name, '/', bytes) && !name_ends_in(name, bytes, ".npy") ? 1 : 0;
}

static int recognize(const vdb_sniff *f)
{
    if (f->head_bytes >= VDB_PYTORCH_LEGACY_SIZE &&
        memcmp(f->head, VDB_PYTORCH_LEGACY, VDB_PYTORCH_LEGACY_SIZE) == 0)
        return 2;
    return f->head_bytes >= 4 && memcmp(f->head, ZIP_MAGIC, 4) == 0 ? recognize_zip(f) : 0;
}

/* ---- The archive -------------------------------------------------------- */

static const vdb_zip_member *find_member(const archive *a, const char *name, size_t bytes)
{
    char whole[256];
    int n = snprintf(whole, sizeof whole, "%s%.*s", a->folder, (int)bytes, name);
    int i = n > 0 && (size_t)n < sizeof whole ? vdb_zip_find(&a->zip, whole) : -1;
    return i < 0 ? NULL : &a->zip.members[i];
}

/* NAME/ of the NAME/data.pkl that there is once. */
static int find_folder(vdb_error *e, archive *a)
{
    for (size_t i = 0; i < a->zip.count; i++) {
        const char *name = a->zip.members[i].name, *slash = strchr(name, '/');
        if (!slash || strcmp(slash, PICKLE_NAME) != 0)
            continue;
        if (a->folder)
            return vdb_fail(e, VARSDB_FORMAT,
                            "the archive has %s"
                            "data.pkl and '%.200s'",
                            a->folder, name);
        if (slash - name > 128)
            return vdb_fail(e, VARSDB_FORMAT, "the name of the archive's folder has more than 128 bytes");
        a->folder = vdb_strndup(name, (size_t)(slash - name) + 1);
        if (!a->folder)
            return vdb_fail_nomem(e);
    }
    return VARSDB_OK;
}

static int refuse_scripts(vdb_error *e, const archive *a)
{
    for (size_t i = 0; i < a->zip.count; i++) {
        const char *slash = strchr(a->zip.members[i].name, '/');
        if (slash && (strcmp(slash, "/constants.pkl") == 0 || strncmp(slash, "/code/", 6) == 0))
            return vdb_fail(e, VARSDB_UNSUPPORTED,
                            "it is a TorchScript archive, which holds code ('%.200s'); save the model's "
                            "state_dict() by torch.save",
                            a->zip.members[i].name);
    }
    if (a->folder)
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_FORMAT, "it is a zip archive, but has no data.pkl in a folder as PyTorch's do");
}

static int check_stored(vdb_error *e, const vdb_zip_member *m)
{
    if (m->method == VDB_ZIP_STORED)
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_UNSUPPORTED,
                    "member '%.200s' is compressed, which PyTorch's are not (was the archive packed anew?)",
                    m->name);
}

/* vdb_pytorch_places.find */
static int find_storage(vdb_error *e, const void *payload, const vdb_pytorch_storage *storage,
                        uint64_t *offset)
{
    const archive *a = payload;
    char name[8 + KEY_BYTES_MAX];
    int n = snprintf(name, sizeof name, "data/%.*s", (int)storage->key_bytes, storage->key);
    const vdb_zip_member *m = find_member(a, name, (size_t)n);
    if (!m)
        return vdb_fail(e, VARSDB_FORMAT, "its storage '%s%s' is not in the archive", a->folder, name);
    int rc = check_stored(e, m);
    if (rc == VARSDB_OK && m->bytes != storage->items * storage->item_bytes)
        rc = vdb_fail(e, VARSDB_FORMAT, "its storage '%s%s' has %llu bytes, but the pickle says %llu",
                      a->folder, name, (unsigned long long)m->bytes,
                      (unsigned long long)(storage->items * storage->item_bytes));
    if (rc == VARSDB_OK && (storage->first || storage->used != storage->items))
        rc = vdb_fail(e, VARSDB_FORMAT, "its storage is said to be a part of '%s%s'", a->folder, name);
    if (rc == VARSDB_OK)
        *offset = m->offset;
    return rc;
}

static int read_byte_order(vdb_error *e, const vdb_input *in, const archive *a, bool *big_endian)
{
    char order[ORDER_BYTES_MAX + 1] = "";
    const vdb_zip_member *m = find_member(a, "byteorder", 9);
    if (!m) /* files of before 2.0 */
        return VARSDB_OK;
    int rc = check_stored(e, m);
    if (rc == VARSDB_OK && m->bytes <= ORDER_BYTES_MAX)
        rc = vdb_input_read(e, in, m->offset, order, (size_t)m->bytes);
    if (rc != VARSDB_OK)
        return rc;
    *big_endian = strcmp(order, "big") == 0;
    if (!*big_endian && strcmp(order, "little") != 0)
        return vdb_fail(e, VARSDB_FORMAT, "its byte order is '%s'; it must be little or big", order);
    return VARSDB_OK;
}

static int read_pickle(vdb_error *e, const vdb_input *in, const vdb_zip_member *m, vdb_pytorch *t,
                       const vdb_pytorch_places *places, vdb_tensor_list *out)
{
    vdb_pickle p = {0};
    size_t count;
    const vdb_pickle_name *names = vdb_pytorch_names(&count);
    if (m->bytes > VDB_PICKLE_BYTES_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "'%.200s' has %llu bytes; %zu are the most", m->name,
                        (unsigned long long)m->bytes, VDB_PICKLE_BYTES_MAX);
    char *text = vdb_malloc((size_t)m->bytes + 1);
    if (!text)
        return vdb_fail_nomem(e);
    int rc = vdb_input_read(e, in, m->offset, text, (size_t)m->bytes);
    if (rc == VARSDB_OK)
        rc = vdb_pickle_read(e, text, (size_t)m->bytes, names, count, &p);
    if (rc == VARSDB_OK)
        rc = vdb_pytorch_list(e, t, &p, places, out);
    vdb_pickle_release(&p);
    vdb_free(text);
    return rc;
}

static int open_archive(vdb_error *e, const vdb_input *in, vdb_pytorch *t, vdb_tensor_list *out)
{
    archive a = {0};
    vdb_pytorch_places places = {.find = find_storage, .payload = &a, .file_bytes = in->bytes};
    int rc = vdb_zip_open(e, in, &a.zip);
    if (rc == VARSDB_OK)
        rc = find_folder(e, &a);
    if (rc == VARSDB_OK)
        rc = refuse_scripts(e, &a);
    if (rc == VARSDB_OK)
        rc = read_byte_order(e, in, &a, &places.big_endian);
    const vdb_zip_member *pickle = rc == VARSDB_OK ? find_member(&a, "data.pkl", 8) : NULL;
    if (pickle)
        rc = check_stored(e, pickle);
    if (pickle && rc == VARSDB_OK)
        rc = read_pickle(e, in, pickle, t, &places, out);
    vdb_free(a.folder);
    vdb_zip_release(&a.zip);
    return rc;
}

/* ---- The format --------------------------------------------------------- */

static void close_state(void *state)
{
    vdb_pytorch *t = state;
    vdb_arena_release(&t->arena);
    vdb_free(t->views);
    vdb_strided_release(&t->cache);
    vdb_free(t);
}

static int open_list(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state)
{
    char magic[VDB_PYTORCH_LEGACY_SIZE] = "";
    vdb_pytorch *t = vdb_calloc(1, sizeof *t);
    if (!t)
        return vdb_fail_nomem(e);
    t->arena.most = VDB_PYTORCH_ARENA_MOST;
    int rc = vdb_input_read(e, in, 0, magic, in->bytes < sizeof magic ? (size_t)in->bytes : sizeof magic);
    if (rc == VARSDB_OK)
        rc = memcmp(magic, VDB_PYTORCH_LEGACY, sizeof magic) == 0 ? vdb_pytorch_open_legacy(e, in, t, out)
                                                                  : open_archive(e, in, t, out);
    if (rc == VARSDB_OK)
        *state = t;
    else
        close_state(t);
    return rc;
}

static int read_part(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                     uint64_t offset, void *buffer, size_t bytes)
{
    vdb_pytorch *t = state;
    vdb_source source = vdb_input_source(in);
    return vdb_strided_read(e, &source, &t->views[tensor->offset].at, &t->cache, tensor->offset, offset,
                            buffer, bytes);
}

const vdb_format vdb_format_pytorch = {
    .name = "pytorch",
    .suffix = ".pt",
    .recognize = recognize,
    .open = open_list,
    .read = read_part,
    .close = close_state,
};

#endif
