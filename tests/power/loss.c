/* loss.c - see loss.h. */
#include "loss.h"

#include <inttypes.h>
#include <string.h>

#include "need.h"

void loss_begin(loss *l, const disk *start, const disk_log *log)
{
    disk_copy(start, &l->durable);
    l->log = log;
    l->next = l->count = 0;
}

void loss_end(loss *l)
{
    disk_free(&l->durable);
}

/* ---- what lasts */

static bool is_of_names(const disk_op *op)
{
    return op->kind == DISK_NAME || op->kind == DISK_UNNAME || op->kind == DISK_RENAME;
}

static bool is_synced_by(const disk_op *op, const disk_op *sync)
{
    if (sync->kind == DISK_SYNC_NAMES)
        return is_of_names(op);
    return !is_of_names(op) && op->file == sync->file;
}

static void make_durable(loss *l, const disk_op *sync)
{
    size_t left = 0;
    for (size_t i = 0; i < l->count; i++) {
        const disk_op *op = &l->log->ops[l->pending[i]];
        if (is_synced_by(op, sync))
            disk_apply(&l->durable, op);
        else
            l->pending[left++] = l->pending[i];
    }
    l->count = left;
}

const disk_op *loss_next(loss *l)
{
    if (l->next == l->log->count)
        return NULL;
    const disk_op *op = &l->log->ops[l->next];
    if (op->kind == DISK_SYNC || op->kind == DISK_SYNC_NAMES) {
        make_durable(l, op);
    } else if (op->kind != DISK_DONE) {
        must(l->count < LOSS_PENDING_MAX, "too much is pending");
        l->pending[l->count++] = l->next;
    }
    l->next++;
    return op;
}

/* ---- images */

static void write_part(disk *d, const disk_op *op, uint64_t from, uint64_t to)
{
    if (to > from)
        contents_write(&d->files[op->file].contents, op->offset + from, op->data + from, (size_t)(to - from));
}

/* A place inside the write where a sector begins, or one of its ends. */
static uint64_t sector_edge(const disk_op *op, unsigned sector, test_random *random)
{
    uint64_t first = op->offset / sector, last = (op->offset + op->bytes + sector - 1) / sector;
    uint64_t edge = (first + random_below(random, last - first + 1)) * sector;
    if (edge < op->offset)
        edge = op->offset;
    if (edge > op->offset + op->bytes)
        edge = op->offset + op->bytes;
    return edge - op->offset;
}

/* The write happened, but for a row of sectors. */
static void write_garbage(disk *d, const disk_op *op, const loss_sectors *sectors, test_random *random)
{
    unsigned char *garbage = need(malloc(sectors->bytes));
    contents *c = &d->files[op->file].contents;
    uint64_t end = op->offset + op->bytes;
    uint64_t first = op->offset / sectors->bytes, count = (end - 1) / sectors->bytes - first + 1;
    uint64_t from = first + random_below(random, count), many = 1 + random_below(random, 2);
    write_part(d, op, 0, op->bytes);
    for (uint64_t i = from; i < first + count && i < from + many; i++) {
        uint64_t at = i * sectors->bytes, to = at + sectors->bytes;
        for (unsigned k = 0; k < sectors->bytes; k += 8) {
            uint64_t drawn = random_next(random);
            memcpy(garbage + k, &drawn, sizeof drawn);
        }
        if (sectors->powersafe && at < op->offset)
            at = op->offset;
        if (sectors->powersafe && to > end)
            to = end;
        if (to > c->bytes)
            to = c->bytes;
        contents_write(c, at, garbage, (size_t)(to - at));
    }
    free(garbage);
}

static void befall(disk *d, const disk_op *op, loss_fate fate, const loss_sectors *sectors,
                   test_random *random)
{
    contents *c = &d->files[op->file].contents;
    if (fate == LOSS_LOST)
        return;
    if (op->kind != DISK_WRITE || fate == LOSS_KEPT || op->bytes == 0)
        disk_apply(d, op);
    else if (fate == LOSS_FIRST)
        write_part(d, op, 0, sector_edge(op, sectors->bytes, random));
    else if (fate == LOSS_LAST)
        write_part(d, op, sector_edge(op, sectors->bytes, random), op->bytes);
    else if (fate == LOSS_GARBAGE)
        write_garbage(d, op, sectors, random);
    else if (op->offset + op->bytes > c->bytes)
        contents_resize(c, op->offset + op->bytes);
}

void loss_image(const loss *l, const loss_fate *fates, const loss_sectors *sectors, test_random *random,
                disk *out)
{
    disk_copy(&l->durable, out);
    for (size_t i = 0; i < l->count; i++) {
        const disk_op *op = &l->log->ops[l->pending[i]];
        while (op->file >= out->file_count)
            out->files[out->file_count++] = (disk_file){0};
        befall(out, op, fates[i], sectors, random);
    }
}

/* ---- fates */

void loss_choose(const loss *l, uint64_t bits, loss_fate *fates)
{
    for (size_t i = 0; i < l->count; i++)
        fates[i] = bits >> i & 1 ? LOSS_KEPT : LOSS_LOST;
}

/* A log with one hole in it is a log that ends there: where all fates are as likely, hardly anything but
 * its beginning would ever be read. */
void loss_draw(const loss *l, test_random *random, loss_fate *fates)
{
    static const unsigned kept_of_64[] = {32, 48, 60, 63, 64};
    unsigned kept = kept_of_64[random_below(random, sizeof kept_of_64 / sizeof *kept_of_64)];
    bool torn = random_below(random, 2), in_order = random_below(random, 3) == 0;
    size_t end = in_order ? (size_t)random_below(random, l->count + 1) : l->count;
    for (size_t i = 0; i < l->count; i++) {
        fates[i] = LOSS_KEPT;
        if (i >= end)
            fates[i] = LOSS_LOST;
        else if (random_below(random, 64) >= kept)
            fates[i] = torn ? (loss_fate)random_below(random, LOSS_FATES) : LOSS_LOST;
    }
    if (torn && l->count)
        fates[random_below(random, end ? end : l->count)] = (loss_fate)random_below(random, LOSS_FATES);
}

void loss_print(const loss *l, const loss_fate *fates, FILE *out)
{
    static const char *const did[] = {"writes", "resizes", "", "names", "takes a name", "renames", "", ""};
    static const char *const became[] = {"lost", "kept", "first sectors", "last sectors", "size", "garbage"};
    for (size_t i = 0; i < l->count; i++) {
        const disk_op *op = &l->log->ops[l->pending[i]];
        fprintf(out, "  %zu: %s file %d %s%s%s at %" PRIu64 ", %" PRIu64 " bytes: %s\n", l->pending[i],
                did[op->kind], op->file, op->name, *op->other ? " to " : "", op->other, op->offset, op->bytes,
                became[fates[i]]);
    }
}
