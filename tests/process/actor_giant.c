/*
 * actor_giant.c - a tensor above 4 GiB goes through everything in pieces of 1 MiB: written, sliced,
 * recorded, changed, compared, exported.  Says "ok" and the bytes of memory that it took, or what was wrong.
 *
 *     actor_giant REGISTRY EXPORT    (EXPORT "-": leave that out)
 *
 * Its bytes are a function of their place, which repeats after a few chunks: so the registry is small.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/actor.h"
#include "../support/memory.h"
#include "varsdb.h"

#define ROWS    2
#define COLUMNS (((int64_t)1 << 31) + (1 << 20) + 12345)
#define BYTES   ((uint64_t)ROWS * (uint64_t)COLUMNS)
#define BORDER  ((uint64_t)1 << 32)
#define PIECE   ((size_t)1 << 20)
#define CHUNK   ((uint64_t)256 << 10)
#define KINDS   5 /* of chunks */

typedef struct giant {
    varsdb *db;
    const varsdb_variable *v;
    int64_t snapshot;
    unsigned char *piece;
    const char *path;
    char failure[512];
} giant;

static unsigned char byte_at(uint64_t place)
{
    uint64_t within = place % CHUNK, kind = place / CHUNK % KINDS;
    return (unsigned char)(within * 31 + (within >> 8) * 7 + kind * 57);
}

static bool fail(giant *g, const char *what)
{
    if (!*g->failure)
        snprintf(g->failure, sizeof g->failure, "%s: %s", what, g->db ? varsdb_errmsg(g->db) : "");
    return false;
}

/* Whether `bytes` of data are those from place on. */
static bool is_right(giant *g, const char *what, const unsigned char *data, uint64_t place, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (data[i] != byte_at(place + i))
            return fail(g, what);
    return true;
}

static bool write_it(giant *g)
{
    varsdb_writer *w;
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(ROWS, COLUMNS), .dtype = VARSDB_UINT8, .initializer = "none");
    if (varsdb_get_variable(g->db, "giant", options, NULL, &g->v) != VARSDB_OK ||
        varsdb_open_writer(g->db, g->v, &w) != VARSDB_OK)
        return fail(g, "opening the writer");
    bool good = true;
    for (uint64_t at = 0; good && at < BYTES; at += PIECE) {
        size_t n = BYTES - at < PIECE ? (size_t)(BYTES - at) : PIECE;
        for (size_t i = 0; i < n; i++)
            g->piece[i] = byte_at(at + i);
        good = varsdb_append(w, g->piece, n) == VARSDB_OK || fail(g, "appending");
    }
    good = good && (varsdb_finish(w) == VARSDB_OK || fail(g, "finishing"));
    varsdb_close_writer(w);
    return good;
}

static bool read_it(giant *g)
{
    static const uint64_t places[] = {0, BORDER - 5, BORDER - PIECE / 2, BYTES - PIECE};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t n = i == 1 ? 10 : PIECE;
        if (varsdb_read_range(g->db, g->v, places[i], g->piece, n) != VARSDB_OK ||
            !is_right(g, "a range", g->piece, places[i], n))
            return fail(g, "reading");
    }
    return true;
}

/* Every third column on both sides of 2^31, in both rows: so on both sides of 4 GiB. */
static bool slice_it(giant *g)
{
    const int64_t first = ((int64_t)1 << 31) - 3000, count = 2000, step = 3;
    const varsdb_slice *slice = VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(0, first),
                                             .size = VARSDB_INDEX(2, count), .stride = VARSDB_INDEX(1, step));
    if (varsdb_read_slice(g->db, g->v, slice, g->piece, (size_t)(2 * count)) != VARSDB_OK)
        return fail(g, "slicing");
    for (int64_t r = 0; r < 2; r++)
        for (int64_t i = 0; i < count; i++)
            if (g->piece[r * count + i] != byte_at((uint64_t)(r * COLUMNS + first + i * step)))
                return fail(g, "a slice");
    return true;
}

static bool record_it(giant *g)
{
    return varsdb_take_snapshot(g->db, VARSDB_SNAPSHOT(.name = "before"), &g->snapshot) == VARSDB_OK ||
           fail(g, "recording");
}

/* Four bytes behind 4 GiB become 255 - themselves. */
static bool change_it(giant *g)
{
    const int64_t column = (int64_t)(BORDER - (uint64_t)COLUMNS) + 100;
    unsigned char changed[4];
    for (int64_t i = 0; i < 4; i++)
        changed[i] = (unsigned char)(255 - byte_at((uint64_t)(COLUMNS + column + i)));
    const varsdb_slice *slice =
        VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, column), .size = VARSDB_INDEX(1, 4));
    if (varsdb_assign_slice(g->db, g->v, slice, changed, sizeof changed) != VARSDB_OK)
        return fail(g, "changing");
    if (varsdb_read_range(g->db, g->v, BORDER + 100, g->piece, 4) != VARSDB_OK ||
        memcmp(g->piece, changed, sizeof changed) != 0)
        return fail(g, "what was changed");
    return varsdb_read_range_at(g->db, g->snapshot, "giant", BORDER + 100, g->piece, 4) == VARSDB_OK &&
                   is_right(g, "what was recorded", g->piece, BORDER + 100, 4)
               ? true
               : fail(g, "reading what was recorded");
}

typedef struct found {
    int count;
    double max_abs;
} found;

static int note(void *payload, const varsdb_difference *d)
{
    found *f = payload;
    f->count++;
    f->max_abs = d->has_delta ? d->max_abs : -1;
    return 0;
}

static bool compare_it(giant *g)
{
    found f = {0, 0};
    int most = 0;
    for (uint64_t i = 0; i < 4; i++) {
        int distance = abs(255 - 2 * (int)byte_at(BORDER + 100 + i));
        most = distance > most ? distance : most;
    }
    if (varsdb_diff(g->db, g->snapshot, 0, NULL, note, &f) != VARSDB_OK)
        return fail(g, "comparing");
    return (f.count == 1 && (int)f.max_abs == most) || fail(g, "the difference");
}

/* The header's length stands in the first eight bytes; the tensor is alone behind it. */
static bool check_export(giant *g, const char *path)
{
    uint64_t header = 0;
    struct stat at;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &at) == 0 && pread(fd, &header, sizeof header, 0) == sizeof header &&
                (uint64_t)at.st_size == 8 + header + BYTES;
    static const uint64_t places[] = {0, BORDER - 1000, BYTES - 4096};
    for (size_t i = 0; good && i < sizeof places / sizeof *places; i++)
        good = pread(fd, g->piece, 4096, (off_t)(8 + header + places[i])) == 4096 &&
               is_right(g, "the exported bytes", g->piece, places[i], 4096);
    if (fd >= 0)
        close(fd);
    return good || fail(g, "the exported file");
}

static bool export_it(giant *g, const char *path)
{
    int64_t count = 0;
    if (strcmp(path, "-") == 0)
        return true;
    if (varsdb_export(g->db, path, VARSDB_EXPORT(.snapshot = g->snapshot), &count) != VARSDB_OK)
        return fail(g, "exporting");
    bool good = check_export(g, path);
    unlink(path);
    return good;
}

int main(int argc, char **argv)
{
    giant g = {.piece = malloc(PIECE)};
    if (argc != 3 || !g.piece)
        return 2;
    memset(g.piece, 1, PIECE);
    int64_t before = memory_peak(); /* a fresh process: nothing had more */
    bool good = varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &g.db) == VARSDB_OK ||
                fail(&g, "opening");
    good = good && write_it(&g) && read_it(&g) && slice_it(&g) && record_it(&g) && change_it(&g) &&
           compare_it(&g);
    good = good && export_it(&g, argv[2]);
    varsdb_close(g.db);
    if (good)
        actor_say("ok %lld", (long long)(memory_peak() - before));
    else
        actor_say("failed: %s", g.failure);
    free(g.piece);
    return !good;
}
