/* subject.c - see subject.h. */
#include "subject.h"

#include <string.h>

#include "nearby.h"
#include "pick.h"

static void set_shape(subject *s, const varsdb_shape *shape)
{
    s->rank = shape->rank;
    if (shape->rank)
        memcpy(s->dims, shape->dims, sizeof *s->dims * (size_t)shape->rank);
}

void subject_of(const varsdb_variable *variable, subject *out)
{
    *out = (subject){.variable = variable, .dtype = varsdb_variable_dtype(variable)};
    set_shape(out, varsdb_variable_shape(variable));
}

typedef struct search {
    const char *name;
    bool found;
    varsdb_variable_cb callback;
    void *payload;
} search;

static int compare_name(void *payload, const varsdb_variable_info *info)
{
    search *s = payload;
    if (strcmp(info->name, s->name) != 0)
        return 0;
    s->found = true;
    s->callback(s->payload, info);
    return 1;
}

/* Calls back for that one of the snapshot's; OK also when there is none. */
static int find(cli *c, int64_t snapshot, search *s)
{
    char scope[PICK_NAME_MAX] = "";
    const char *slash = strrchr(s->name, '/');
    size_t bytes = slash ? (size_t)(slash - s->name) : 0;
    /* Only names beside it need be looked at. */
    if (bytes && bytes < sizeof scope)
        memcpy(scope, s->name, bytes);
    int rc = varsdb_list_snapshot_variables(c->db, snapshot, VARSDB_FILTER(.scope = *scope ? scope : NULL),
                                            compare_name, s);
    return s->found ? VARSDB_OK : rc;
}

static int take_shape(void *payload, const varsdb_variable_info *info)
{
    subject *s = payload;
    s->dtype = info->dtype;
    set_shape(s, &info->shape);
    return 0;
}

int subject_at(cli *c, int64_t snapshot, const char *name, subject *out)
{
    char shown[CLI_SHOWN_MAX], near[SUGGEST_TEXT_MAX];
    subject found = {.snapshot = snapshot, .name = name};
    search s = {.name = name, .callback = take_shape, .payload = &found};
    if (find(c, snapshot, &s) != VARSDB_OK)
        return cli_fail_db(c);
    if (!s.found)
        return cli_fail(c, CLI_NO, "snapshot #%lld has no variable %s%s", (long long)snapshot,
                        cli_shown(shown, name), nearby_variable_at(c, snapshot, name, near));
    *out = found;
    return CLI_DONE;
}

varsdb_shape subject_shape(const subject *s)
{
    return (varsdb_shape){s->rank, s->dims};
}

int subject_read_range(cli *c, const subject *s, uint64_t offset, void *buffer, size_t bytes)
{
    return s->variable ? varsdb_read_range(c->db, s->variable, offset, buffer, bytes)
                       : varsdb_read_range_at(c->db, s->snapshot, s->name, offset, buffer, bytes);
}

int subject_read_strings(cli *c, const subject *s, varsdb_string_cb callback, void *payload)
{
    return s->variable ? varsdb_read_strings(c->db, s->variable, callback, payload)
                       : varsdb_read_strings_at(c->db, s->snapshot, s->name, callback, payload);
}

int subject_describe(cli *c, const subject *s, varsdb_variable_cb callback, void *payload)
{
    search at = {.name = s->name, .callback = callback, .payload = payload};
    return s->variable ? varsdb_describe(c->db, s->variable, callback, payload) : find(c, s->snapshot, &at);
}
