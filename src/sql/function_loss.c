/* function_loss.c - losses, from the sums that the library makes its own of. */
#include "function.h"
#include "regularizer.h"
#include "selection.h"

static void add_block(void *sums, const vdb_block *b)
{
    vdb_loss_sums_add(sums, b->dtype, b->data, b->first, b->count);
}

static int sum(vdb_stored *s, vdb_error *e, vdb_loss_sums *out)
{
    vdb_selection selection;
    if (!vdb_dtype_has_numbers(s->dtype))
        return vdb_fail(e, VARSDB_INVALID, "variable %.200s holds %s, which has no loss", s->name,
                        varsdb_dtype_name(s->dtype));
    int rc = vdb_selection_parse(e, s, NULL, &selection);
    return rc == VARSDB_OK ? vdb_selection_each(&selection, s, e, add_block, out) : rc;
}

/* Of the two, `which` is given the scale. */
static int loss(vdb_call *c, vdb_regularizer *r, double *which)
{
    vdb_stored s;
    vdb_loss_sums sums = {0};
    double scale = 1;
    int rc = vdb_call_find(c, &s);
    if (rc == VARSDB_OK && vdb_call_has(c, 1))
        rc = vdb_call_number(c, 1, "scale", &scale);
    if (rc == VARSDB_OK && !(scale >= 0 && scale - scale == 0))
        rc = vdb_fail(&c->error, VARSDB_INVALID, "%s: scale is finite and not below 0", c->usage);
    if (rc == VARSDB_OK && s.initialized)
        rc = sum(&s, &c->error, &sums);
    *which = scale;
    if (rc == VARSDB_OK && s.initialized)
        sqlite3_result_double(c->context, vdb_regularizer_loss(r, vdb_long_sum_total(&sums.magnitudes),
                                                               vdb_long_sum_total(&sums.squares)));
    vdb_stored_release(&s);
    return rc;
}

int vdb_function_l1_loss(vdb_call *c)
{
    vdb_regularizer r = {0, 0};
    return loss(c, &r, &r.l1);
}

int vdb_function_l2_loss(vdb_call *c)
{
    vdb_regularizer r = {0, 0};
    return loss(c, &r, &r.l2);
}

/* A part's regularizer is its variable's, and there it is counted. */
static int find_whole(vdb_call *c, vdb_stored *s)
{
    int rc = vdb_call_find(c, s);
    if (rc == VARSDB_OK && s->is_part)
        rc = vdb_fail(&c->error, VARSDB_INVALID, "%s: a part has no loss of its own; variable %.200s has one",
                      c->usage, s->name);
    return rc;
}

int vdb_function_regularization_loss(vdb_call *c)
{
    vdb_sql_registry *registry;
    vdb_stored s = {0};
    double value;
    int rc = vdb_call_has(c, 0) ? find_whole(c, &s) : VARSDB_OK;
    bool is_null = s.variable && !s.initialized;
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(c->sql, VDB_SQL_READ, &c->error, &registry);
    if (rc == VARSDB_OK && !is_null) {
        rc = varsdb_regularization_loss(registry->db, s.variable, &value);
        if (rc == VARSDB_OK)
            sqlite3_result_double(c->context, value);
        else
            vdb_fail(&c->error, rc, "%s", varsdb_errmsg(registry->db));
    }
    vdb_stored_release(&s);
    return rc;
}
