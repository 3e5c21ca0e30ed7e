/* import_plan.c - see import_plan.h. */
#include "import_plan.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "name.h"
#include "reader.h"
#include "renames.h"

#define SHOWN "'%.200s'"

typedef struct rules {
    vdb_match *include, *exclude; /* NULL: not given */
    vdb_renames renames;
    const char *separator, *scope;
    bool full_names;
} rules;

static int compile(vdb_error *e, const char *pattern, vdb_match **out)
{
    return pattern ? vdb_match_new(e, pattern, out) : VARSDB_OK;
}

static void release_rules(rules *r)
{
    vdb_match_free(r->include);
    vdb_match_free(r->exclude);
    vdb_renames_close(&r->renames);
}

static int make_rules(vdb_error *e, const varsdb_import_options *o, rules *r)
{
    *r = (rules){.separator = o->separator, .scope = o->scope, .full_names = vdb_import_full_names(o)};
    if (o->separator && !*o->separator)
        return vdb_fail(e, VARSDB_INVALID, "the separator is empty; it must be a text such as \".\"");
    int rc = compile(e, o->include, &r->include);
    if (rc == VARSDB_OK)
        rc = compile(e, o->exclude, &r->exclude);
    if (rc == VARSDB_OK)
        rc = vdb_renames_open(e, o->renames, o->rename_count, &r->renames);
    return rc;
}

/* ---- One tensor --------------------------------------------------------- */

static int decide_left_out(vdb_error *e, const rules *r, const char *name, bool *out)
{
    bool included = true, excluded = false;
    int rc = VARSDB_OK;
    if (r->include)
        rc = vdb_match_find(r->include, e, name, strlen(name), &included);
    if (rc == VARSDB_OK && r->exclude)
        rc = vdb_match_find(r->exclude, e, name, strlen(name), &excluded);
    *out = !included || excluded;
    return rc;
}

static int append_separated(vdb_buf *out, const char *name, const char *separator)
{
    int rc = VARSDB_OK;
    const char *at;
    while (rc == VARSDB_OK && separator && (at = strstr(name, separator))) {
        rc = vdb_buf_append(out, name, (size_t)(at - name));
        if (rc == VARSDB_OK)
            rc = vdb_buf_append_text(out, "/");
        name = at + strlen(separator);
    }
    return rc == VARSDB_OK ? vdb_buf_append_text(out, name) : rc;
}

static int make_name(vdb_error *e, const rules *r, const char *file_name, char **out)
{
    vdb_buf renamed = {0}, name = {0};
    int rc = vdb_renames_apply(&r->renames, e, file_name, &renamed);
    if (rc != VARSDB_OK)
        goto out;
    if (r->scope && *r->scope)
        rc = vdb_buf_printf(&name, "%s/", r->scope);
    if (rc == VARSDB_OK)
        rc = append_separated(&name, renamed.data, r->separator);
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    else
        *out = vdb_buf_detach(&name);
out:
    vdb_buf_release(&renamed);
    vdb_buf_release(&name);
    return rc;
}

static int check_item(vdb_error *e, const vdb_import_item *item, const char *unread)
{
    int rc = VARSDB_OK;
    if (item->left_out)
        return rc;
    if (unread)
        rc = vdb_fail(e, VARSDB_UNSUPPORTED, "it %s; exclude it to import the others", unread);
    else
        rc = vdb_name_check_stored(e, "variable", item->name, strlen(item->name));
    return rc == VARSDB_OK ? rc : vdb_fail_in(e, "tensor " SHOWN, item->info->name);
}

static int plan_item(vdb_error *e, const rules *r, const char *file_name, const char *unread,
                     vdb_import_item *item)
{
    int rc = decide_left_out(e, r, file_name, &item->left_out);
    if (rc == VARSDB_OK)
        rc = make_name(e, r, file_name, &item->name);
    return rc == VARSDB_OK ? check_item(e, item, unread) : rc;
}

/* ---- All ---------------------------------------------------------------- */

/* What is left out stands behind what is not, so that two that are not are neighbours. */
static int by_name(const void *a, const void *b)
{
    const vdb_import_item *const *x = a, *const *y = b;
    int difference = strcmp((*x)->name, (*y)->name);
    return difference ? difference : (*x)->left_out - (*y)->left_out;
}

static int refuse_clashes(vdb_error *e, const vdb_import_plan *p)
{
    for (size_t i = 1; i < p->count; i++) {
        const vdb_import_item *a = p->by_name[i - 1], *b = p->by_name[i];
        if (!a->left_out && !b->left_out && strcmp(a->name, b->name) == 0)
            return vdb_fail(e, VARSDB_INVALID,
                            "tensors " SHOWN " and " SHOWN " would both become variable " SHOWN,
                            a->info->name, b->info->name, a->name);
    }
    return VARSDB_OK;
}

static int sort_names(vdb_error *e, vdb_import_plan *p)
{
    p->by_name = vdb_calloc(p->count, sizeof *p->by_name);
    if (!p->by_name)
        return vdb_fail_nomem(e);
    for (size_t i = 0; i < p->count; i++)
        p->by_name[i] = &p->items[i];
    if (p->count)
        qsort(p->by_name, p->count, sizeof *p->by_name, by_name);
    return refuse_clashes(e, p);
}

/* What the rules are about. */
static const char *name_of(const varsdb_reader *reader, const rules *r, size_t i)
{
    const vdb_tensor_entry *t = vdb_reader_entry(reader, i);
    return r->full_names && t->full_name ? t->full_name : t->info.name;
}

static int plan_items(vdb_error *e, const varsdb_reader *reader, const rules *r, vdb_import_plan *p)
{
    size_t count = varsdb_reader_count(reader);
    int rc = VARSDB_OK;
    p->items = vdb_calloc(count, sizeof *p->items);
    if (!p->items)
        return vdb_fail_nomem(e);
    for (; p->count < count && rc == VARSDB_OK; p->count++) {
        vdb_import_item *item = &p->items[p->count];
        item->tensor = p->count;
        item->info = varsdb_reader_tensor(reader, p->count);
        rc = plan_item(e, r, name_of(reader, r, p->count), vdb_reader_entry(reader, p->count)->unread, item);
    }
    return rc;
}

int vdb_import_plan_make(vdb_error *e, const varsdb_reader *reader, const varsdb_import_options *options,
                         vdb_import_plan *out)
{
    rules r;
    vdb_import_plan plan = {0};
    int rc = make_rules(e, options, &r);
    if (rc == VARSDB_OK)
        rc = plan_items(e, reader, &r, &plan);
    if (rc == VARSDB_OK)
        rc = sort_names(e, &plan);
    release_rules(&r);
    if (rc == VARSDB_OK)
        *out = plan;
    else
        vdb_import_plan_release(&plan);
    return rc;
}

bool vdb_import_full_names(const varsdb_import_options *options)
{
    return options->names && strcmp(options->names, "full") == 0;
}

bool vdb_import_plan_has(const vdb_import_plan *plan, const char *name)
{
    size_t low = 0, high = plan->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int difference = strcmp(plan->by_name[middle]->name, name);
        if (difference == 0)
            return true;
        if (difference < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

void vdb_import_plan_release(vdb_import_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        vdb_free(plan->items[i].name);
    vdb_free(plan->items);
    vdb_free(plan->by_name);
    *plan = (vdb_import_plan){0};
}
