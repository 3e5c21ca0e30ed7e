/*
 * slim.c - a small network as tf-slim builds it, in two towers that share it.
 *
 *     slim FILE
 *
 * Layers without a name are called after their kind and counted: Conv, Conv_1.  The
 * second tower goes to the same scope again, with reuse: the counting starts anew there,
 * so the same layers come to the same names, and nothing may be created.  Printed are
 * every variable's name, shape and collections; slim.expected has them as tf-slim's
 * documentation gives them.
 */
#include <stdio.h>

#include "slim_layers.h"

enum {
    COLUMN_NAME = 45,
    COLUMN_SHAPE = 11
};

/* 3 x 3 over 8 x 8 pixels in 3 colours, twice halved, then 10 classes. */
static int build(struct slim *s)
{
    int rc = slim_conv2d(s, NULL, 3, 8, 3, SLIM_BATCH_NORM);

    if (rc == VARSDB_OK)
        rc = slim_conv2d(s, NULL, 8, 16, 3, SLIM_BATCH_NORM_SCALED);
    if (rc == VARSDB_OK)
        rc = slim_conv2d(s, NULL, 16, 16, 1, SLIM_BIASES);
    if (rc == VARSDB_OK)
        rc = slim_batch_norm(s, NULL, 16, 0);
    if (rc == VARSDB_OK)
        rc = slim_fully_connected(s, NULL, 64, 32, SLIM_BATCH_NORM);
    if (rc == VARSDB_OK)
        rc = slim_fully_connected(s, NULL, 32, 32, SLIM_BIASES);
    return rc == VARSDB_OK ? slim_fully_connected(s, "logits", 32, 10, SLIM_BIASES) : rc;
}

/* arg_scope([conv2d, fully_connected], weights_initializer=xavier, weights_regularizer=l2) */
static int build_first(struct slim *s, const varsdb_scope **net)
{
    int rc = varsdb_enter_scope(
        s->db, "net", VARSDB_SCOPE(.initializer = "glorot_uniform", .regularizer = "l2(0.0005)"), net);

    if (rc == VARSDB_OK)
        rc = build(s);
    return rc == VARSDB_OK ? varsdb_leave_scope(s->db, *net) : rc;
}

static int build_second(struct slim *s, const varsdb_scope *net)
{
    const varsdb_scope *again;
    int rc = varsdb_reenter_scope(s->db, net, VARSDB_SCOPE(.reuse = VARSDB_REQUIRE), &again);

    if (rc == VARSDB_OK)
        rc = build(s);
    return rc == VARSDB_OK ? varsdb_leave_scope(s->db, again) : rc;
}

/* ---- what came of it */

static int note_member(void *payload, const varsdb_variable_info *info)
{
    int64_t *wanted = payload;

    if (info->id == *wanted)
        *wanted = 0;
    return 0;
}

/* The collections that the variable is in, always in this order. */
static int print_collections(varsdb *db, int64_t id)
{
    static const char *const names[] = {VARSDB_GLOBAL,         VARSDB_LOCAL,
                                        VARSDB_MODEL,          VARSDB_TRAINABLE,
                                        VARSDB_MOVING_AVERAGE, VARSDB_REGULARIZATION_LOSSES,
                                        VARSDB_GLOBAL_STEP,    SLIM_MOVING};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t wanted = id;
        int rc = varsdb_list_variables(db, VARSDB_FILTER(.collection = names[i]), note_member, &wanted);

        if (rc != VARSDB_OK)
            return rc;
        if (wanted == 0)
            printf(" %s", names[i]);
    }
    printf("\n");
    return VARSDB_OK;
}

static int print_row(void *payload, const varsdb_variable_info *info)
{
    printf("%-*s %-*s", COLUMN_NAME, info->name, COLUMN_SHAPE, info->shape_json);
    return print_collections(payload, info->id) != VARSDB_OK;
}

static int print_table(varsdb *db)
{
    printf("%-*s %-*s collections\n", COLUMN_NAME, "name", COLUMN_SHAPE, "shape");
    return varsdb_list_variables(db, NULL, print_row, db);
}

static int shared(const struct slim *first, const struct slim *second)
{
    int count = 0;

    for (int i = 0; i < first->count && i < second->count; i++)
        count += first->variables[i] == second->variables[i];
    return count;
}

static int run(varsdb *db)
{
    struct slim first = {.db = db}, second = {.db = db};
    const varsdb_scope *net;
    const varsdb_variable *step;
    int rc = build_first(&first, &net);

    if (rc == VARSDB_OK)
        rc = build_second(&second, net);
    if (rc == VARSDB_OK)
        rc = varsdb_get_or_create_global_step(db, NULL, &step);
    if (rc == VARSDB_OK)
        rc = print_table(db);
    if (rc != VARSDB_OK)
        return rc;
    printf("first tower: %d variables, %d created\n", first.count, first.created);
    printf("second tower: %d variables, %d created, %d of them the first's\n", second.count, second.created,
           shared(&first, &second));
    return VARSDB_OK;
}

int main(int argc, char **argv)
{
    varsdb *db;
    int rc;

    if (argc != 2) {
        fprintf(stderr, "usage: slim FILE\n");
        return 2;
    }
    rc = varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db);
    if (rc == VARSDB_OK)
        rc = run(db);
    if (rc != VARSDB_OK)
        fprintf(stderr, "%s\n", varsdb_errmsg(db));
    varsdb_close(db);
    return rc == VARSDB_OK ? 0 : 1;
}
