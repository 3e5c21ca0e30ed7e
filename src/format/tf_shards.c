/* tf_shards.c - see tf_shards.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_shards.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../mem.h"

#define INDEX_SUFFIX ".index"
#define SMALL_BYTES  4096u /* reads below come through a window */

int vdb_tf_shard_name(vdb_buf *out, const char *prefix, int64_t shard, int64_t count)
{
    return vdb_buf_printf(out, "%s.data-%05lld-of-%05lld", prefix, (long long)shard, (long long)count);
}

int vdb_tf_shards_init(vdb_error *e, vdb_tf_shards *s, const char *index_path)
{
    const char *slash = strrchr(index_path, '/'), *name = slash ? slash + 1 : index_path;
    size_t bytes = strlen(name), suffix = sizeof INDEX_SUFFIX - 1;
    if (bytes > suffix && strcmp(name + bytes - suffix, INDEX_SUFFIX) == 0)
        bytes -= suffix;
    *s = (vdb_tf_shards){.folder = -1};
    for (int i = 0; i < VDB_TF_OPEN_MAX; i++)
        s->open[i].shard = -1;
    for (int i = 0; i < VDB_TF_WINDOWS; i++)
        s->windows[i].shard = -1;
    s->folder_text = vdb_strndup(index_path, (size_t)(name - index_path));
    s->prefix = vdb_strndup(name, bytes);
    if (!s->folder_text || !s->prefix)
        return vdb_fail_nomem(e);
    s->folder = open(*s->folder_text ? s->folder_text : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return s->folder >= 0 ? VARSDB_OK : vdb_fail(e, VARSDB_CANTOPEN, "its folder cannot be opened: %m");
}

void vdb_tf_shards_release(vdb_tf_shards *s)
{
    for (int i = 0; i < VDB_TF_OPEN_MAX; i++)
        if (s->open[i].shard >= 0)
            vdb_input_close(&s->open[i].in);
    for (int i = 0; i < VDB_TF_WINDOWS; i++)
        vdb_free(s->windows[i].data);
    if (s->folder >= 0)
        close(s->folder);
    vdb_free(s->folder_text);
    vdb_free(s->prefix);
}

bool vdb_tf_shards_has(const vdb_tf_shards *s, int64_t shard)
{
    struct stat st;
    vdb_buf name = {0};
    bool missing = vdb_tf_shard_name(&name, s->prefix, shard, s->count) == VARSDB_OK &&
                   fstatat(s->folder, name.data, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
    vdb_buf_release(&name);
    return !missing;
}

/* It is a name in the folder of the index, and neither a link nor anything but a file. */
static int open_file_at(vdb_error *e, const vdb_tf_shards *s, const char *name, vdb_input *out)
{
    struct stat st;
    if (fstatat(s->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? vdb_fail(e, VARSDB_CANTOPEN, "shard '%s' is missing beside the index", name)
                               : vdb_fail(e, VARSDB_CANTOPEN, "shard '%s' cannot be opened: %m", name);
    if (S_ISLNK(st.st_mode))
        return vdb_fail(e, VARSDB_CANTOPEN,
                        "shard '%s' is a symbolic link, which is not followed; put the file itself there",
                        name);
    if (!S_ISREG(st.st_mode))
        return vdb_fail(e, VARSDB_CANTOPEN, "shard '%s' is not a regular file", name);
    int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0)
        return vdb_fail(e, VARSDB_CANTOPEN, "shard '%s' cannot be opened: %m", name);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) {
        close(fd);
        return vdb_fail(e, VARSDB_CANTOPEN, "shard '%s' is not a regular file", name);
    }
    *out = (vdb_input){.fd = fd, .bytes = (uint64_t)st.st_size, .path = s->prefix};
    return VARSDB_OK;
}

static int open_shard(vdb_error *e, const vdb_tf_shards *s, int64_t shard, vdb_input *out)
{
    vdb_buf name = {0}, path = {0};
    int rc = vdb_tf_shard_name(&name, s->prefix, shard, s->count);
    if (rc == VARSDB_OK)
        rc = vdb_buf_printf(&path, "%s%s", s->folder_text, name.data);
    rc = rc == VARSDB_OK ? vdb_input_refuse_database(e, path.data) : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = open_file_at(e, s, name.data, out);
    vdb_buf_release(&name);
    vdb_buf_release(&path);
    return rc;
}

static int find_shard(vdb_error *e, vdb_tf_shards *s, int64_t shard, const vdb_input **out)
{
    vdb_tf_open_shard *oldest = &s->open[0];
    for (int i = 0; i < VDB_TF_OPEN_MAX; i++) {
        vdb_tf_open_shard *o = &s->open[i];
        if (o->shard == shard) {
            o->used = ++s->now;
            *out = &o->in;
            return VARSDB_OK;
        }
        if (o->used < oldest->used)
            oldest = o;
    }
    vdb_input in;
    int rc = open_shard(e, s, shard, &in);
    if (rc != VARSDB_OK)
        return rc;
    if (oldest->shard >= 0)
        vdb_input_close(&oldest->in);
    *oldest = (vdb_tf_open_shard){.shard = shard, .used = ++s->now, .in = in};
    *out = &oldest->in;
    return VARSDB_OK;
}

int vdb_tf_shards_fail_in(vdb_error *e, const vdb_tf_shards *s, int64_t shard, uint64_t offset,
                          uint64_t bytes)
{
    vdb_buf name = {0};
    if (vdb_tf_shard_name(&name, s->prefix, shard, s->count) == VARSDB_OK)
        vdb_fail_in(e, "bytes %llu to %llu of shard '%.200s'", (unsigned long long)offset,
                    (unsigned long long)(offset + bytes), name.data);
    vdb_buf_release(&name);
    return e->code;
}

static int check_range(vdb_error *e, const vdb_tf_shards *s, const vdb_input *in, int64_t shard,
                       uint64_t offset, uint64_t bytes)
{
    if (offset <= in->bytes && bytes <= in->bytes - offset)
        return VARSDB_OK;
    vdb_fail(e, VARSDB_FORMAT, "they are not there: it has %llu bytes; it is truncated",
             (unsigned long long)in->bytes);
    return vdb_tf_shards_fail_in(e, s, shard, offset, bytes);
}

static int fill_window(vdb_error *e, vdb_tf_shards *s, vdb_tf_window *w, int64_t shard, uint64_t offset)
{
    const vdb_input *in;
    int rc = find_shard(e, s, shard, &in);
    if (rc == VARSDB_OK)
        rc = check_range(e, s, in, shard, offset, 1);
    if (rc != VARSDB_OK)
        return rc;
    if (!w->data && !(w->data = vdb_malloc(VDB_TF_WINDOW_BYTES)))
        return vdb_fail_nomem(e);
    uint64_t left = in->bytes - offset;
    size_t bytes = left < VDB_TF_WINDOW_BYTES ? (size_t)left : VDB_TF_WINDOW_BYTES;
    w->shard = -1;
    rc = vdb_input_read(e, in, offset, w->data, bytes);
    if (rc != VARSDB_OK)
        return rc;
    w->shard = shard;
    w->begin = offset;
    w->bytes = bytes;
    return VARSDB_OK;
}

int vdb_tf_shards_view(vdb_error *e, vdb_tf_shards *s, int64_t shard, uint64_t offset, uint64_t most,
                       const unsigned char **out, size_t *bytes)
{
    vdb_tf_window *found = NULL, *oldest = &s->windows[0];
    int rc = VARSDB_OK;
    for (int i = 0; i < VDB_TF_WINDOWS && !found; i++) {
        vdb_tf_window *w = &s->windows[i];
        if (w->shard == shard && offset >= w->begin && offset - w->begin < w->bytes)
            found = w;
        else if (w->used < oldest->used)
            oldest = w;
    }
    if (!found) {
        found = oldest;
        rc = fill_window(e, s, found, shard, offset);
    }
    if (rc != VARSDB_OK)
        return rc;
    size_t at = (size_t)(offset - found->begin), left = found->bytes - at;
    found->used = ++s->now;
    *out = found->data + at;
    *bytes = left < most ? left : (size_t)most;
    return VARSDB_OK;
}

static int read_small(vdb_error *e, vdb_tf_shards *s, int64_t shard, uint64_t offset, char *to, size_t bytes)
{
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        const unsigned char *from;
        size_t n = 0;
        rc = vdb_tf_shards_view(e, s, shard, offset, bytes, &from, &n);
        if (rc == VARSDB_OK)
            memcpy(to, from, n);
        to += n;
        offset += n;
        bytes -= n;
    }
    return rc;
}

int vdb_tf_shards_read(vdb_error *e, vdb_tf_shards *s, int64_t shard, uint64_t offset, void *buffer,
                       size_t bytes)
{
    const vdb_input *in;
    int rc = find_shard(e, s, shard, &in);
    if (rc == VARSDB_OK)
        rc = check_range(e, s, in, shard, offset, bytes);
    if (rc != VARSDB_OK)
        return rc;
    return bytes < SMALL_BYTES ? read_small(e, s, shard, offset, buffer, bytes)
                               : vdb_input_read(e, in, offset, buffer, bytes);
}

#endif
