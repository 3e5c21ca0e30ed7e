/*
 * actor_giant.c PATH [EXPORT] - a tensor of more than 4 GiB goes in and out, in a process that measures its
 * memory.  Its bytes come from a formula over their offset, and repeat, so that the file stays small.
 *
 * It says "STEP MILLISECONDS KIB" after each step, KIB being the most memory so far above that of the
 * start, and ends with "done", or "failed: ..." and status 1.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/actor.h"
#include "varsdb.h"

#define ROW_BYTES   (((int64_t)1 << 31) + 12345)
#define BYTES       (2 * ROW_BYTES)
#define BORDER      ((int64_t)1 << 32)
#define CHUNK       ((size_t)256 << 10)
#define PIECE       ((size_t)1 << 20)
#define KINDS       7
#define SLICE_BYTES 40000
#define PATCH_BYTES 1000

typedef struct giant {
    varsdb *db;
    const varsdb_variable *v;
    int64_t before, snapshot; /* before: KiB */
    bool patched;
    unsigned char kinds[KINDS][CHUNK], piece[PIECE];
    char failure[ACTOR_LINE_BYTES / 2];
} giant;

static bool fail(giant *g, const char *what, int64_t at, int rc)
{
    snprintf(g->failure, sizeof g->failure, "%s %" PRId64 ": %s: %s", what, at, varsdb_errname(rc),
             varsdb_errmsg(g->db));
    return false;
}

/* ---- the bytes */

static void prepare(giant *g)
{
    for (size_t kind = 0; kind < KINDS; kind++)
        for (size_t k = 0; k < CHUNK; k++)
            g->kinds[kind][k] = (unsigned char)(k * (2 * kind + 3) + k / 255 + 31 * kind);
}

static unsigned char at(const giant *g, int64_t offset)
{
    if (g->patched && offset >= BORDER - PATCH_BYTES / 2 && offset < BORDER + PATCH_BYTES / 2)
        return 0xee;
    uint64_t chunk = (uint64_t)offset / CHUNK;
    return g->kinds[chunk * chunk % 31 % KINDS][(uint64_t)offset % CHUNK];
}

/* A piece lies in whole chunks. */
static size_t fill_piece(giant *g, int64_t offset)
{
    size_t bytes = BYTES - offset < (int64_t)PIECE ? (size_t)(BYTES - offset) : PIECE;
    for (size_t k = 0; k < bytes; k += CHUNK) {
        uint64_t chunk = ((uint64_t)offset + k) / CHUNK;
        memcpy(g->piece + k, g->kinds[chunk * chunk % 31 % KINDS], CHUNK);
    }
    return bytes;
}

static bool are_right(giant *g, const char *what, const unsigned char *data, int64_t offset, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++)
        if (data[k] != at(g, offset + (int64_t)k))
            return fail(g, what, offset + (int64_t)k, VARSDB_OK);
    return true;
}

/* ---- memory */

static int64_t peak_kib(void)
{
    char line[256];
    int64_t kib = -1;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && kib < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoll(line + 6, NULL, 10);
    if (file)
        fclose(file);
    return kib;
}

/* ---- steps */

static bool stream_in(giant *g)
{
    varsdb_writer *w = NULL;
    int rc = varsdb_open_writer(g->db, g->v, &w);
    for (int64_t offset = 0; rc == VARSDB_OK && offset < BYTES; offset += (int64_t)PIECE)
        rc = varsdb_append(w, g->piece, fill_piece(g, offset));
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    bool ok = rc == VARSDB_OK || fail(g, "writing", 0, rc);
    varsdb_close_writer(w);
    return ok;
}

/* Ends of both rows, and what lies on both sides of 4 GiB. */
static bool slice(giant *g)
{
    static const int64_t columns[] = {0, ROW_BYTES - SLICE_BYTES, BORDER - ROW_BYTES - SLICE_BYTES / 2};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const varsdb_slice *s = VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(0, columns[i]),
                                             .size = VARSDB_INDEX(2, SLICE_BYTES));
        int rc = varsdb_read_slice(g->db, g->v, s, g->piece, (size_t)2 * SLICE_BYTES);
        if (rc != VARSDB_OK)
            return fail(g, "slicing", columns[i], rc);
        for (int64_t row = 0; row < 2; row++)
            if (!are_right(g, "slice", g->piece + row * SLICE_BYTES, row * ROW_BYTES + columns[i],
                           SLICE_BYTES))
                return false;
        rc = varsdb_read_range(g->db, g->v, (uint64_t)(ROW_BYTES + columns[i]), g->piece, SLICE_BYTES);
        if (rc != VARSDB_OK || !are_right(g, "range", g->piece, ROW_BYTES + columns[i], SLICE_BYTES))
            return fail(g, "reading", columns[i], rc);
    }
    return true;
}

static bool take_snapshot(giant *g)
{
    int rc = varsdb_take_snapshot(g->db, VARSDB_SNAPSHOT(.name = "before"), &g->snapshot);
    return rc == VARSDB_OK || fail(g, "snapshot", 0, rc);
}

static bool patch(giant *g)
{
    memset(g->piece, 0xee, PATCH_BYTES);
    const int64_t column = BORDER - ROW_BYTES - PATCH_BYTES / 2;
    int rc = varsdb_assign_slice(
        g->db, g->v,
        VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, column), .size = VARSDB_INDEX(1, PATCH_BYTES)),
        g->piece, PATCH_BYTES);
    g->patched = true;
    if (rc != VARSDB_OK)
        return fail(g, "patching", column, rc);
    return slice(g);
}

static bool old_value_is_there(giant *g)
{
    int rc = varsdb_read_range_at(g->db, g->snapshot, "giant", (uint64_t)(BORDER - PATCH_BYTES), g->piece,
                                  2 * PATCH_BYTES);
    if (rc != VARSDB_OK)
        return fail(g, "reading the snapshot", 0, rc);
    g->patched = false;
    bool ok = are_right(g, "snapshot", g->piece, BORDER - PATCH_BYTES, 2 * PATCH_BYTES);
    g->patched = true;
    return ok;
}

typedef struct differing {
    int count;
    varsdb_difference first;
} differing;

static int keep_difference(void *payload, const varsdb_difference *d)
{
    differing *found = payload;
    if (found->count++ == 0)
        found->first = *d;
    return 0;
}

static bool diff(giant *g)
{
    differing found = {0};
    int rc = varsdb_diff(g->db, g->snapshot, 0, NULL, keep_difference, &found);
    if (rc != VARSDB_OK)
        return fail(g, "diff", 0, rc);
    double expected = 0;
    g->patched = false;
    for (int64_t k = BORDER - PATCH_BYTES / 2; k < BORDER + PATCH_BYTES / 2; k++) {
        double delta = 0xee - (double)at(g, k);
        expected = delta > expected ? delta : -delta > expected ? -delta : expected;
    }
    g->patched = true;
    if (found.count != 1 || found.first.change != VARSDB_VALUE_CHANGED || !found.first.has_delta ||
        found.first.max_abs < expected || found.first.max_abs > expected)
        return fail(g, "another difference than", (int64_t)expected, found.count);
    return true;
}

/* ---- export */

static bool file_is_right(giant *g, int fd)
{
    static const int64_t offsets[] = {0, ROW_BYTES - 500, BORDER - PATCH_BYTES, BYTES - 1000};
    unsigned char head[8];
    uint64_t header = 0;
    if (pread(fd, head, 8, 0) != 8)
        return fail(g, "export, header", 0, VARSDB_IO);
    for (int i = 7; i >= 0; i--)
        header = header << 8 | head[i];
    if (lseek(fd, 0, SEEK_END) != (off_t)(8 + header) + (off_t)BYTES)
        return fail(g, "export, size", (int64_t)lseek(fd, 0, SEEK_END), VARSDB_IO);
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        size_t bytes = BYTES - offsets[i] < 2000 ? (size_t)(BYTES - offsets[i]) : 2000;
        if (pread(fd, g->piece, bytes, (off_t)(8 + header) + (off_t)offsets[i]) != (ssize_t)bytes ||
            !are_right(g, "export", g->piece, offsets[i], bytes))
            return fail(g, "export at", offsets[i], VARSDB_IO);
    }
    return true;
}

static bool export(giant *g, const char *path)
{
    int64_t count = 0;
    int rc = varsdb_export(g->db, path, NULL, &count);
    if (rc != VARSDB_OK || count != 1)
        return fail(g, "export", count, rc);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && file_is_right(g, fd);
    if (fd >= 0)
        close(fd);
    unlink(path);
    return ok;
}

/* ---- the program */

static bool step(giant *g, const char *name, bool (*run)(giant *))
{
    int64_t began = test_now_ms();
    if (!run(g))
        return false;
    actor_say("%s %lld %lld", name, (long long)(test_now_ms() - began), (long long)(peak_kib() - g->before));
    return true;
}

static bool create(giant *g)
{
    int rc = varsdb_get_variable(
        g->db, "giant",
        VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(2, ROW_BYTES), .initializer = "none"), NULL,
        &g->v);
    return rc == VARSDB_OK || fail(g, "creating", 0, rc);
}

static const char *export_path;

static bool export_there(giant *g)
{
    return export(g, export_path);
}

static bool run(giant *g)
{
    return step(g, "create", create) && step(g, "write", stream_in) && step(g, "slice", slice) &&
           step(g, "snapshot", take_snapshot) && step(g, "assign_slice", patch) &&
           step(g, "snapshot_read", old_value_is_there) && step(g, "diff", diff) &&
           (!export_path || step(g, "export", export_there));
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3)
        return 2;
    giant *g = calloc(1, sizeof *g);
    if (!g)
        return 2;
    export_path = argc == 3 ? argv[2] : NULL;
    prepare(g);
    memset(g->piece, 1, sizeof g->piece); /* the caller's memory is there before it is measured */
    g->before = peak_kib();
    int rc = varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &g->db);
    bool ok = rc == VARSDB_OK ? run(g) : fail(g, "opening", 0, rc);
    varsdb_close(g->db);
    if (ok)
        actor_say("done");
    else
        actor_say("failed: %s", g->failure);
    free(g);
    return !ok;
}
