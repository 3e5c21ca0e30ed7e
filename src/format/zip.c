/*
 * zip.c - a zip archive's central directory; see zip.h.
 *
 * The end record is looked for from the file's end; its comment must reach exactly to
 * that end.  Directory, zip64 record, its locator and end record follow each other
 * without gaps, so that there is one way to read them.
 */
#include "zip.h"
#if !defined(VARSDB_OMIT_NUMPY) || !defined(VARSDB_OMIT_PYTORCH)

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"

#define SHOWN "'%.200s'" /* a name in a message */

#define DIRECTORY_MAX  100000000u
#define COMMENT_MAX    65535u
#define END_BYTES      22u
#define LOCATOR_BYTES  20u
#define END64_BYTES    56u
#define ENTRY_BYTES    46u
#define LOCAL_BYTES    30u
#define NAME_BYTES_MAX 65535u

#define ENTRY_SIGNATURE   "PK\1\2"
#define LOCAL_SIGNATURE   "PK\3\4"
#define END_SIGNATURE     "PK\5\6"
#define END64_SIGNATURE   "PK\6\6"
#define LOCATOR_SIGNATURE "PK\6\7"

#define FLAGS_ENCRYPTED 0x2041u /* plainly, strongly, or its header */
#define EXTRA_ZIP64     1u
#define NONE_16         0xffffu /* "see the zip64 record" */
#define NONE_32         0xffffffffu

/* Where the directory is. */
typedef struct directory {
    uint64_t offset, bytes, count;
} directory;

static bool has_signature(const unsigned char *p, const char *signature)
{
    return memcmp(p, signature, 4) == 0;
}

/* ---- The end ------------------------------------------------------------ */

/* The last end record whose comment reaches to the end of the file; *at is where it is in the file. */
static int find_end(vdb_error *e, const vdb_input *in, unsigned char out[END_BYTES], uint64_t *at)
{
    size_t room = END_BYTES + COMMENT_MAX;
    size_t bytes = in->bytes < room ? (size_t)in->bytes : room;
    unsigned char *tail = vdb_malloc(bytes ? bytes : 1);
    bool found = false;
    if (!tail)
        return vdb_fail_nomem(e);
    int rc = vdb_input_read(e, in, in->bytes - bytes, tail, bytes);
    for (size_t left = END_BYTES; rc == VARSDB_OK && left <= bytes && !found; left++) {
        const unsigned char *p = tail + bytes - left;
        found = has_signature(p, END_SIGNATURE) && vdb_get_little_endian(p + 20, 2) == left - END_BYTES;
        if (found) {
            memcpy(out, p, END_BYTES);
            *at = in->bytes - left;
        }
    }
    vdb_free(tail);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(e, VARSDB_FORMAT,
                      "the zip archive has no end record; it is truncated (an incomplete download?), or "
                      "something was added to it");
    return rc;
}

static int fail_disks(vdb_error *e)
{
    return vdb_fail(e, VARSDB_UNSUPPORTED, "the zip archive is in several parts, which is not read");
}

/* A number of the old record, NONE where the new one has it, agrees with that. */
static bool same(uint64_t old, uint64_t none, uint64_t value)
{
    return old == none || old == value;
}

/* The zip64 record, which the locator before the end record names; *at becomes where it is. */
static int read_end64(vdb_error *e, const vdb_input *in, const unsigned char *locator,
                      const unsigned char *end, directory *d, uint64_t *at)
{
    unsigned char p[END64_BYTES];
    uint64_t locator_at = *at - LOCATOR_BYTES, offset = vdb_get_little_endian(locator + 8, 8);
    if (vdb_get_little_endian(locator + 4, 4) != 0 || vdb_get_little_endian(locator + 16, 4) > 1)
        return fail_disks(e);
    if (locator_at < END64_BYTES || offset > locator_at - END64_BYTES)
        return vdb_fail(e, VARSDB_FORMAT, "the zip64 record would be at byte %llu, which is not in the file",
                        (unsigned long long)offset);
    int rc = vdb_input_read(e, in, offset, p, sizeof p);
    if (rc != VARSDB_OK)
        return rc;
    if (!has_signature(p, END64_SIGNATURE) || vdb_get_little_endian(p + 4, 8) != locator_at - offset - 12)
        return vdb_fail(e, VARSDB_FORMAT, "at byte %llu is no zip64 record", (unsigned long long)offset);
    if (vdb_get_little_endian(p + 16, 4) != 0 || vdb_get_little_endian(p + 20, 4) != 0)
        return fail_disks(e);
    *d = (directory){.count = vdb_get_little_endian(p + 32, 8),
                     .bytes = vdb_get_little_endian(p + 40, 8),
                     .offset = vdb_get_little_endian(p + 48, 8)};
    if (vdb_get_little_endian(p + 24, 8) != d->count ||
        !same(vdb_get_little_endian(end + 10, 2), NONE_16, d->count) ||
        !same(vdb_get_little_endian(end + 12, 4), NONE_32, d->bytes) ||
        !same(vdb_get_little_endian(end + 16, 4), NONE_32, d->offset))
        return vdb_fail(e, VARSDB_FORMAT, "the two end records of the zip archive do not agree");
    *at = offset;
    return VARSDB_OK;
}

static int check_directory(vdb_error *e, const directory *d, uint64_t end)
{
    unsigned long long count = d->count, bytes = d->bytes, offset = d->offset;
    if (bytes > end || offset != end - bytes)
        return vdb_fail(e, VARSDB_FORMAT,
                        "the zip archive's directory of %llu bytes at byte %llu does not end at byte %llu, "
                        "where its end record is",
                        bytes, offset, (unsigned long long)end);
    if (bytes > DIRECTORY_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the zip archive's directory has %llu bytes; at most %u are read",
                        bytes, DIRECTORY_MAX);
    if (count > bytes / ENTRY_BYTES)
        return vdb_fail(e, VARSDB_FORMAT,
                        "the zip archive's directory of %llu bytes cannot have %llu members", bytes, count);
    return VARSDB_OK;
}

static int find_directory(vdb_error *e, const vdb_input *in, directory *out)
{
    unsigned char end[END_BYTES], locator[LOCATOR_BYTES] = {0};
    uint64_t at = 0;
    int rc = find_end(e, in, end, &at);
    if (rc == VARSDB_OK && at >= LOCATOR_BYTES)
        rc = vdb_input_read(e, in, at - LOCATOR_BYTES, locator, sizeof locator);
    if (rc != VARSDB_OK)
        return rc;
    directory d = {.count = vdb_get_little_endian(end + 10, 2),
                   .bytes = vdb_get_little_endian(end + 12, 4),
                   .offset = vdb_get_little_endian(end + 16, 4)};
    if (has_signature(locator, LOCATOR_SIGNATURE))
        rc = read_end64(e, in, locator, end, &d, &at);
    else if (vdb_get_little_endian(end + 4, 2) != 0 || vdb_get_little_endian(end + 6, 2) != 0 ||
             vdb_get_little_endian(end + 8, 2) != d.count)
        rc = fail_disks(e);
    if (rc == VARSDB_OK)
        rc = check_directory(e, &d, at);
    if (rc == VARSDB_OK)
        *out = d;
    return rc;
}

/* ---- Entries ------------------------------------------------------------ */

static int fail_member(vdb_error *e, int code, const char *name, const char *what)
{
    return vdb_fail(e, code, "member " SHOWN " %s", name, what);
}

bool vdb_zip_name_has_parent(const char *name)
{
    for (const char *at = name; (at = strstr(at, "..")); at += 2)
        if ((at == name || at[-1] == '/' || at[-1] == '\\') && (!at[2] || at[2] == '/' || at[2] == '\\'))
            return true;
    return false;
}

/* The numbers that have no room in the entry stand in its extra field, in this order. */
static int read_extra(vdb_error *e, const unsigned char *extra, size_t bytes, vdb_zip_member *m)
{
    uint64_t *const numbers[] = {&m->bytes, &m->stored_bytes, &m->offset};
    while (bytes >= 4) {
        size_t id = (size_t)vdb_get_little_endian(extra, 2),
               size = (size_t)vdb_get_little_endian(extra + 2, 2);
        if (size > bytes - 4)
            break;
        const unsigned char *p = extra + 4;
        for (int i = 0; id == EXTRA_ZIP64 && i < 3; i++)
            if (*numbers[i] == NONE_32) {
                if (size < 8)
                    return fail_member(e, VARSDB_FORMAT, m->name, "lacks a size in its zip64 field");
                *numbers[i] = vdb_get_little_endian(p, 8);
                p += 8;
                size -= 8;
            }
        if (id == EXTRA_ZIP64)
            return VARSDB_OK;
        extra += 4 + size;
        bytes -= 4 + size;
    }
    for (int i = 0; i < 3; i++)
        if (*numbers[i] == NONE_32)
            return fail_member(e, VARSDB_FORMAT, m->name, "has no zip64 field, which its sizes ask for");
    return VARSDB_OK;
}

static int check_member(vdb_error *e, const vdb_zip_member *m, unsigned flags)
{
    if (!*m->name)
        return vdb_fail(e, VARSDB_FORMAT, "a member of the zip archive has no name");
    if (flags & FLAGS_ENCRYPTED)
        return fail_member(e, VARSDB_UNSUPPORTED, m->name, "is encrypted");
    if (vdb_zip_name_has_parent(m->name))
        return fail_member(e, VARSDB_FORMAT, m->name, "has '..' in its name");
    if (m->method == VDB_ZIP_STORED && m->bytes != m->stored_bytes)
        return fail_member(e, VARSDB_FORMAT, m->name, "is stored as it is, but with two different sizes");
    return VARSDB_OK;
}

/* One entry of the `left` bytes at p; its local header's offset in the member's. */
static int read_entry(vdb_error *e, const unsigned char *p, size_t left, char *name, vdb_zip_member *out,
                      size_t *used)
{
    if (left < ENTRY_BYTES || !has_signature(p, ENTRY_SIGNATURE))
        return vdb_fail(e, VARSDB_FORMAT, "the zip archive's directory has fewer members than it says");
    size_t name_bytes = (size_t)vdb_get_little_endian(p + 28, 2),
           extra_bytes = (size_t)vdb_get_little_endian(p + 30, 2);
    size_t bytes = ENTRY_BYTES + name_bytes + extra_bytes + (size_t)vdb_get_little_endian(p + 32, 2);
    if (bytes > left)
        return vdb_fail(e, VARSDB_FORMAT, "a member's entry goes beyond the zip archive's directory");
    memcpy(name, p + ENTRY_BYTES, name_bytes);
    name[name_bytes] = '\0';
    if (strlen(name) != name_bytes)
        return fail_member(e, VARSDB_FORMAT, name, "has NUL in its name");
    vdb_zip_member m = {.name = name,
                        .method = (int)vdb_get_little_endian(p + 10, 2),
                        .crc = (uint32_t)vdb_get_little_endian(p + 16, 4),
                        .stored_bytes = vdb_get_little_endian(p + 20, 4),
                        .bytes = vdb_get_little_endian(p + 24, 4),
                        .offset = vdb_get_little_endian(p + 42, 4)};
    int rc = read_extra(e, p + ENTRY_BYTES + name_bytes, extra_bytes, &m);
    if (rc == VARSDB_OK)
        rc = check_member(e, &m, (unsigned)vdb_get_little_endian(p + 8, 2));
    if (rc == VARSDB_OK) {
        *out = m;
        *used = bytes;
    }
    return rc;
}

/* An entry has more bytes than its name and NUL take, so that the names fit in N. */
static int read_entries(vdb_error *e, const unsigned char *p, const directory *d, vdb_zip *zip)
{
    size_t left = (size_t)d->bytes, used = 0;
    char *name = zip->arena;
    int rc = VARSDB_OK;
    for (; zip->count < d->count && rc == VARSDB_OK; zip->count++) {
        rc = read_entry(e, p, left, name, &zip->members[zip->count], &used);
        if (rc != VARSDB_OK)
            return rc;
        name += strlen(name) + 1;
        p += used;
        left -= used;
    }
    if (left)
        return vdb_fail(e, VARSDB_FORMAT, "the zip archive's directory has more than its %zu members",
                        zip->count);
    return VARSDB_OK;
}

static int read_directory(vdb_error *e, const vdb_input *in, const directory *d, vdb_zip *zip)
{
    size_t bytes = (size_t)d->bytes;
    unsigned char *text = vdb_malloc(bytes ? bytes : 1);
    zip->arena = vdb_malloc(bytes ? bytes : 1);
    zip->members = vdb_calloc((size_t)d->count, sizeof *zip->members);
    int rc = text && zip->arena && zip->members ? VARSDB_OK : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = vdb_input_read(e, in, d->offset, text, bytes);
    if (rc == VARSDB_OK)
        rc = read_entries(e, text, d, zip);
    vdb_free(text);
    return rc;
}

/* ---- Local headers ------------------------------------------------------ */

static int by_offset(const void *a, const void *b)
{
    const vdb_zip_member *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const vdb_zip_member *)a)->name, ((const vdb_zip_member *)b)->name);
}

/* Names and methods in which the two differ have been used to show one file to a scanner and
 * another to a reader. */
static int check_local(vdb_error *e, const unsigned char *p, size_t name_bytes, const vdb_zip_member *m)
{
    if (!has_signature(p, LOCAL_SIGNATURE))
        return fail_member(e, VARSDB_FORMAT, m->name, "has no header where the directory says");
    if (vdb_get_little_endian(p + 26, 2) != name_bytes || memcmp(p + LOCAL_BYTES, m->name, name_bytes) != 0)
        return fail_member(e, VARSDB_FORMAT, m->name, "has another name in its own header");
    if ((int)vdb_get_little_endian(p + 8, 2) != m->method)
        return fail_member(e, VARSDB_FORMAT, m->name, "has another method of compression in its own header");
    if (vdb_get_little_endian(p + 6, 2) & FLAGS_ENCRYPTED)
        return fail_member(e, VARSDB_UNSUPPORTED, m->name, "is encrypted");
    return VARSDB_OK;
}

/* Makes the header's offset the data's, and says where that ends. */
static int place_member(vdb_error *e, const vdb_input *in, uint64_t limit, unsigned char *room,
                        vdb_zip_member *m, uint64_t *end)
{
    size_t name_bytes = strlen(m->name), bytes = LOCAL_BYTES + name_bytes;
    if (bytes > limit || m->offset > limit - bytes)
        return fail_member(e, VARSDB_FORMAT, m->name, "lies beyond the members' part of the zip archive");
    int rc = vdb_input_read(e, in, m->offset, room, bytes);
    if (rc == VARSDB_OK)
        rc = check_local(e, room, name_bytes, m);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t data = m->offset + bytes + vdb_get_little_endian(room + 28, 2);
    if (data > limit || m->stored_bytes > limit - data)
        return fail_member(e, VARSDB_FORMAT, m->name, "goes beyond the members' part of the zip archive");
    m->offset = data;
    *end = data + m->stored_bytes;
    return VARSDB_OK;
}

static int place_members(vdb_error *e, const vdb_input *in, uint64_t limit, vdb_zip *zip)
{
    unsigned char *room = vdb_malloc(LOCAL_BYTES + NAME_BYTES_MAX);
    uint64_t end = 0;
    int rc = room ? VARSDB_OK : vdb_fail_nomem(e);
    qsort(zip->members, zip->count, sizeof *zip->members, by_offset);
    for (size_t i = 0; i < zip->count && rc == VARSDB_OK; i++) {
        vdb_zip_member *m = &zip->members[i];
        if (m->offset < end)
            rc = vdb_fail(e, VARSDB_FORMAT, "member " SHOWN " overlaps member " SHOWN, m->name,
                          zip->members[i - 1].name);
        else
            rc = place_member(e, in, limit, room, m, &end);
    }
    vdb_free(room);
    return rc;
}

static int sort_names(vdb_error *e, vdb_zip *zip)
{
    qsort(zip->members, zip->count, sizeof *zip->members, by_name);
    for (size_t i = 1; i < zip->count; i++)
        if (by_name(&zip->members[i - 1], &zip->members[i]) == 0)
            return fail_member(e, VARSDB_FORMAT, zip->members[i].name, "is in the zip archive twice");
    return VARSDB_OK;
}

/* ---- The whole ---------------------------------------------------------- */

int vdb_zip_open(vdb_error *e, const vdb_input *in, vdb_zip *out)
{
    directory d = {0};
    vdb_zip zip = {0};
    int rc = find_directory(e, in, &d);
    if (rc == VARSDB_OK)
        rc = read_directory(e, in, &d, &zip);
    if (rc == VARSDB_OK)
        rc = place_members(e, in, d.offset, &zip);
    if (rc == VARSDB_OK)
        rc = sort_names(e, &zip);
    if (rc == VARSDB_OK)
        *out = zip;
    else
        vdb_zip_release(&zip);
    return rc;
}

void vdb_zip_release(vdb_zip *zip)
{
    vdb_free(zip->members);
    vdb_free(zip->arena);
    *zip = (vdb_zip){0};
}

int vdb_zip_find(const vdb_zip *zip, const char *name)
{
    vdb_zip_member wanted = {.name = name};
    const vdb_zip_member *found =
        zip->count ? bsearch(&wanted, zip->members, zip->count, sizeof wanted, by_name) : NULL;
    return found ? (int)(found - zip->members) : -1;
}

#endif
