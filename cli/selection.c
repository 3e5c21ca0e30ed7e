/* selection.c - see selection.h. */
#include "selection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sqltext.h"

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

typedef struct gathering {
    cli *c;
    pick_names *names;
    int status;
} gathering;

static int gather(void *payload, const varsdb_variable_info *info)
{
    gathering *g = payload;
    g->status = pick_add(g->c, g->names, info->name);
    return g->status != CLI_DONE;
}

static int list_names(cli *c, const varsdb_filter *filter, int64_t snapshot, selection *s)
{
    gathering g = {c, &s->names, CLI_DONE};
    int rc = snapshot ? varsdb_list_snapshot_variables(c->db, snapshot, filter, gather, &g)
                      : varsdb_list_variables(c->db, filter, gather, &g);
    if (g.status != CLI_DONE)
        return g.status;
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    if (s->names.count)
        qsort(s->names.names, s->names.count, sizeof *s->names.names, compare_names);
    s->listed = true;
    return CLI_DONE;
}

/* "0" is the character after "/": what begins with "scope/" lies between the two. */
static bool write_scope(FILE *f, const char *scope)
{
    char *literal = NULL;
    if (sqltext_literal(&literal, scope) != 0)
        return false;
    fprintf(f, " AND (v.scope = %s OR (v.scope > %s || '/' AND v.scope < %s || '0'))", literal, literal,
            literal);
    free(literal);
    return true;
}

static bool write_present(FILE *f, const char *space, const varsdb_filter *filter)
{
    const char *name = filter->collection ? filter->collection : VARSDB_GLOBAL;
    char *collection = NULL;
    bool whole = sqltext_literal(&collection, name) == 0;
    if (whole)
        fprintf(
            f,
            "FROM variables v WHERE v.namespace = %s AND v.id IN (SELECT m.id FROM collection_variables m "
            "WHERE m.namespace = %s AND m.collection = %s)",
            space, space, collection);
    free(collection);
    return whole && (!filter->scope || !*filter->scope || write_scope(f, filter->scope));
}

static char *make_from(cli *c, const varsdb_filter *filter, int64_t snapshot)
{
    char *text = NULL, *space = NULL;
    size_t bytes = 0;
    FILE *f = open_memstream(&text, &bytes);
    bool whole = f && sqltext_literal(&space, varsdb_namespace(c->db)) == 0;
    if (whole && snapshot)
        fprintf(f, "FROM snapshot_variables v WHERE v.snapshot_id = %lld", (long long)snapshot);
    else if (whole)
        whole = write_present(f, space, filter);
    free(space);
    if (f && fclose(f) == 0 && whole)
        return text;
    free(text);
    return NULL;
}

int selection_make(cli *c, const varsdb_filter *filter, int64_t snapshot, selection *out)
{
    selection s = {.from = make_from(c, filter, snapshot)};
    int status = s.from ? CLI_DONE : cli_fail_memory(c);
    bool scope = filter->scope && *filter->scope;
    /* The view of snapshots has neither scopes nor collections. */
    if (status == CLI_DONE && (filter->match || filter->glob || (snapshot && (scope || filter->collection))))
        status = list_names(c, filter, snapshot, &s);
    if (status != CLI_DONE) {
        selection_release(&s);
        return status;
    }
    *out = s;
    return CLI_DONE;
}

bool selection_has(const selection *s, const char *name)
{
    return !s->listed || (s->names.count && bsearch(&name, s->names.names, s->names.count,
                                                    sizeof *s->names.names, compare_names));
}

void selection_release(selection *s)
{
    free(s->from);
    pick_release(&s->names);
    *s = (selection){0};
}
