/*
 * report_snapshots.c - of report.h: the variables through the snapshots, newest first.  What a snapshot has
 * as the next newer state has it is left out, and so is most of what is there.
 */
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static int hold_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    report *r = payload;
    report_json *j = &r->json;
    if (r->snapshot_count == r->snapshot_room) {
        size_t room = r->snapshot_room ? r->snapshot_room * 2 : 64;
        report_snapshot *snapshots = realloc(r->snapshots, room * sizeof *snapshots);
        r->failed |= !snapshots;
        if (!snapshots)
            return 1;
        r->snapshots = snapshots;
        r->snapshot_room = room;
    }
    r->snapshots[r->snapshot_count++] = (report_snapshot){.id = info->id};
    json_open(j, '[');
    json_int(j, info->id);
    json_text(j, info->name);
    if (info->has_step)
        json_int(j, info->step);
    else
        json_null(j);
    json_int(j, info->created_at);
    json_int(j, info->pinned);
    json_int(j, info->variables);
    json_int(j, info->bytes);
    json_int(j, info->new_bytes);
    json_text(j, info->metadata);
    json_close(j, ']');
    return report_stop(r);
}

typedef struct reading {
    report *r;
    report_snapshot *snapshot;
} reading;

/* Notes what the snapshot has; a name that no newer state has gets its row here. */
static int read_variable(void *payload, const varsdb_variable_info *info)
{
    reading *at = payload;
    report *r = at->r;
    size_t number = names_find(&r->names, info->name);
    if (number == REPORT_NO_NAME) {
        number = r->names.count;
        if (!report_add_variable(r, info, at->snapshot->id)) {
            r->failed = true;
            return 1;
        }
    }
    report_item *item = &r->items[number];
    bool valued = info->hash != NULL;
    item->next_held = true;
    item->next_changed =
        !item->held || item->valued != valued || (valued && strcmp(item->hash, info->hash) != 0);
    if (item->held && item->next_changed && valued && item->valued)
        at->snapshot->moved += (uint64_t)item->bytes + (uint64_t)info->bytes;
    if (!item->next_changed)
        return report_stop(r);
    item->valued = valued;
    memset(item->hash, 0, sizeof item->hash);
    if (valued)
        memcpy(item->hash, info->hash, strnlen(info->hash, sizeof item->hash - 1));
    item->norm = info->has_moments ? info->l2_norm : NAN;
    item->mean = info->has_moments ? info->mean : NAN;
    item->std = info->has_moments ? info->std : NAN;
    item->nans = info->nans;
    item->pos_infs = info->pos_infs;
    item->neg_infs = info->neg_infs;
    return report_stop(r);
}

/* ---- what a snapshot has otherwise than the next newer state */

static void write_column(report *r, const char *key, size_t offset)
{
    json_key(&r->json, key);
    json_open(&r->json, '[');
    for (size_t i = 0; i < r->names.count; i++) {
        const report_item *item = &r->items[i];
        double value;
        if (!item->next_held || !item->next_changed)
            continue;
        memcpy(&value, (const char *)item + offset, sizeof value);
        if (isnan(value))
            json_null(&r->json);
        else
            json_real(&r->json, value);
    }
    json_close(&r->json, ']');
}

static void write_numbers(report *r)
{
    size_t before = 0;
    json_key(&r->json, "i");
    json_open(&r->json, '[');
    for (size_t i = 0; i < r->names.count; i++) {
        if (!r->items[i].next_held || !r->items[i].next_changed)
            continue;
        json_int(&r->json, (int64_t)(i - before));
        before = i;
    }
    json_close(&r->json, ']');
}

/* Runs of variables that it does not have: from, how many. */
static void write_absent(report *r)
{
    json_key(&r->json, "absent");
    json_open(&r->json, '[');
    for (size_t i = 0, n; i < r->names.count; i += n ? n : 1) {
        for (n = 0; i + n < r->names.count && !r->items[i + n].next_held; n++) {
        }
        if (n) {
            json_int(&r->json, (int64_t)i);
            json_int(&r->json, (int64_t)n);
        }
    }
    json_close(&r->json, ']');
}

static void write_bad(report *r)
{
    json_key(&r->json, "bad");
    json_open(&r->json, '[');
    for (size_t i = 0; i < r->names.count; i++) {
        const report_item *item = &r->items[i];
        if (!item->next_held || !item->next_changed || !(item->nans || item->pos_infs || item->neg_infs))
            continue;
        json_open(&r->json, '[');
        json_int(&r->json, (int64_t)i);
        json_int(&r->json, item->nans);
        json_int(&r->json, item->pos_infs);
        json_int(&r->json, item->neg_infs);
        json_close(&r->json, ']');
    }
    json_close(&r->json, ']');
}

static void write_state(report *r)
{
    write_numbers(r);
    write_column(r, "norm", offsetof(report_item, norm));
    write_column(r, "mean", offsetof(report_item, mean));
    write_column(r, "std", offsetof(report_item, std));
    write_absent(r);
    write_bad(r);
    for (size_t i = 0; i < r->names.count; i++)
        r->items[i].held = r->items[i].next_held;
}

static int write_snapshot(report *r, report_snapshot *snapshot)
{
    reading at = {.r = r, .snapshot = snapshot};
    for (size_t i = 0; i < r->names.count; i++)
        r->items[i].next_held = r->items[i].next_changed = false;
    json_open(&r->json, '{');
    json_key(&r->json, "more");
    json_open(&r->json, '[');
    int rc = varsdb_list_snapshot_variables(r->c->db, snapshot->id, r->filter, read_variable, &at);
    json_close(&r->json, ']');
    write_state(r);
    json_close(&r->json, '}');
    sink_char(r->json.to, '\n');
    return report_end_list(r, rc);
}

int report_snapshots(report *r)
{
    static const char *const columns[] = {"id",        "name",  "step",      "created", "pinned",
                                          "variables", "bytes", "new_bytes", "metadata"};
    json_key(&r->json, "snapshot_columns");
    json_open(&r->json, '[');
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        json_text(&r->json, columns[i]);
    json_close(&r->json, ']');
    json_key(&r->json, "snapshots");
    json_open(&r->json, '[');
    int status = report_end_list(r, varsdb_list_snapshots(r->c->db, hold_snapshot, r));
    json_close(&r->json, ']');
    json_key(&r->json, "states");
    json_open(&r->json, '[');
    for (size_t i = r->snapshot_count; i-- > 0 && status == CLI_DONE;) {
        status = report_progress(r, "reading snapshots", r->snapshot_count - 1 - i, r->snapshot_count);
        if (status == CLI_DONE)
            status = write_snapshot(r, &r->snapshots[i]);
    }
    json_close(&r->json, ']');
    return status;
}
