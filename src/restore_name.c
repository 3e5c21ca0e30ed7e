/* restore_name.c - names to restore to, by the caller's expressions; parts that are in the way. */
#include <stdlib.h>

#include "name.h"
#include "part_name.h"
#include "partition.h"
#include "renames.h"
#include "restore_plan.h"

/* ---- expressions */

struct vdb_restore_names {
    varsdb *db;
    vdb_renames renames;
    vdb_buf text; /* scratch */
};

int vdb_restore_names_new(varsdb *db, const varsdb_restore_options *o, vdb_restore_names **out)
{
    vdb_restore_names *n = vdb_calloc(1, sizeof *n);
    if (!n)
        return vdb_fail_nomem(&db->error);
    n->db = db;
    int rc = vdb_renames_open(&db->error, o->renames, o->rename_count, &n->renames);
    if (rc == VARSDB_OK)
        *out = n;
    else
        vdb_restore_names_free(n);
    return rc;
}

void vdb_restore_names_free(vdb_restore_names *n)
{
    if (!n)
        return;
    vdb_renames_close(&n->renames);
    vdb_buf_release(&n->text);
    vdb_free(n);
}

static int check_made_name(varsdb *db, const char *source, const char *name, size_t bytes)
{
    int rc = vdb_name_check_stored(&db->error, "variable", name, bytes);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "renaming %.200s", source);
    return rc;
}

int vdb_restore_names_each(vdb_restore_names *n, const char *source, vdb_restore_name_cb callback,
                           void *payload)
{
    bool any = false;
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < n->renames.count; i++) {
        bool changed = false;
        vdb_buf_reset(&n->text);
        rc = vdb_match_replace(n->renames.matches[i], &n->db->error, source, strlen(source),
                               n->renames.items[i].to, &n->text, &changed);
        if (rc != VARSDB_OK || !changed)
            continue;
        any = true;
        const char *name = n->text.data ? n->text.data : "";
        rc = check_made_name(n->db, source, name, n->text.size);
        if (rc == VARSDB_OK)
            rc = callback(payload, name, n->text.size, true);
    }
    return rc == VARSDB_OK && !any ? callback(payload, source, strlen(source), false) : rc;
}

/* ---- parts */

static int by_name(const void *key, const void *item)
{
    return strcmp(key, ((const vdb_restore_item *)item)->name);
}

/* How many parts it would have. */
static int64_t parts_of(const vdb_restore_item *item)
{
    vdb_error ignored;
    vdb_dims dims;
    vdb_partition p;
    if (!item->partitioner ||
        vdb_shape_parse_json(&ignored, item->shape, strlen(item->shape), &dims) != VARSDB_OK)
        return 0;
    varsdb_shape shape = vdb_dims_shape(&dims);
    return vdb_partition_plan(&ignored, item->partitioner, item->dtype, &shape, &p) == VARSDB_OK ? p.parts
                                                                                                 : 0;
}

/* The number of the part that the name would be, and the bytes of the whole's; -1: it is no such name. */
static int64_t part_number(const char *name, size_t *whole)
{
    const char *slash = strrchr(name, '/');
    if (!slash || strncmp(slash, "/part_", 6) != 0 || !slash[6] ||
        slash[6 + strspn(slash + 6, "0123456789")] || (slash[6] == '0' && slash[7]) || strlen(slash + 6) > 18)
        return -1;
    *whole = (size_t)(slash - name);
    return strtoll(slash + 6, NULL, 10);
}

/* Two that are made again: one is partitioned, and the other has a part's name. */
static int check_among(const vdb_restore_plan *p, const vdb_restore_item *item)
{
    size_t bytes = 0;
    int64_t number = part_number(item->name, &bytes);
    if (number < 0)
        return VARSDB_OK;
    char *whole = vdb_strndup(item->name, bytes);
    if (!whole)
        return vdb_fail_nomem(&p->db->error);
    const vdb_restore_item *found = bsearch(whole, p->items, p->chosen, sizeof *p->items, by_name);
    vdb_free(whole);
    if (!found || found->outcome != VARSDB_RECREATED || number >= parts_of(found))
        return VARSDB_OK;
    return vdb_fail(&p->db->error, VARSDB_EXISTS, "variable %.300s would have the name of a part of %.300s",
                    item->name, found->name);
}

int vdb_restore_check_parts(const vdb_restore_plan *p)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < p->chosen; i++) {
        const vdb_restore_item *item = &p->items[i];
        size_t bytes = strlen(item->name);
        if (item->outcome != VARSDB_RECREATED)
            continue;
        rc = vdb_part_name_check(p->db, item->name, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_part_names_free(p->db, item->name, bytes, parts_of(item), item->name, bytes);
        if (rc == VARSDB_OK)
            rc = check_among(p, item);
    }
    return rc;
}
