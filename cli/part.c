/* part.c - see part.h. */
#include "part.h"

#include <string.h>

#include "pick.h"

static void set_shape(part *p, const varsdb_shape *shape)
{
    memcpy(p->dims, shape->dims, sizeof *p->dims * (size_t)shape->rank);
    p->shape = (varsdb_shape){shape->rank, p->dims};
}

static int find_geometry(void *payload, const varsdb_part *info)
{
    part *p = payload;
    if (info->index != p->index)
        return 0;
    p->count = info->count;
    p->offset = info->offset;
    p->axis = info->axis;
    set_shape(p, &info->shape);
    return 1;
}

const varsdb_variable *part_pick(cli *c, const char *name, part *out, int *status)
{
    const varsdb_variable *variable = NULL;
    *out = (part){.given = true};
    *status = CLI_DONE;
    int rc = varsdb_find_part(c->db, name, &variable, &out->index);
    if (rc == VARSDB_OK)
        rc = varsdb_list_parts(c->db, variable, find_geometry, out);
    if (rc == VARSDB_OK || rc == VARSDB_CANCELLED)
        return variable;
    if (rc != VARSDB_NOTFOUND) {
        *status = cli_fail_db(c);
        return NULL;
    }
    variable = pick_variable(c, name, status);
    *out = (part){.given = false};
    if (variable && varsdb_variable_shape(variable)->rank)
        set_shape(out, varsdb_variable_shape(variable));
    return variable;
}

int part_slice(cli *c, const char *text, const part *p, const varsdb_variable *variable, slice *out)
{
    int status = slice_parse(c, text, &p->shape, out);
    if (status == CLI_DONE && p->given)
        slice_move(out, varsdb_variable_shape(variable), p->axis, p->offset);
    return status;
}
