/* anonymous.c - see anonymous.h. */
#include "anonymous.h"

#include <stdio.h>

const char *const anonymous_names[ANONYMOUS_VARIABLES] = {
    "conv/weights",
    "conv/biases",
    "conv_1/weights",
    "conv_1/biases",
    "block/conv/weights",
    "block/conv_1/weights",
    "block/conv_1/norm/gamma",
    "block_1/conv/weights",
    "block_1/conv_1/weights",
    "block_1/conv_1/norm/gamma",
    "conv_2/weights",
};

typedef struct builder {
    varsdb *db;
    char (*names)[ANONYMOUS_BYTES];
    int count, created, rc;
} builder;

static void variable(builder *b, const char *name)
{
    int created = 0;
    const varsdb_variable *v;
    if (b->rc != VARSDB_OK)
        return;
    b->rc = b->count < ANONYMOUS_VARIABLES
                ? varsdb_model_variable(b->db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(3)), &created, &v)
                : VARSDB_ERROR;
    if (b->rc != VARSDB_OK)
        return;
    snprintf(b->names[b->count++], ANONYMOUS_BYTES, "%s", varsdb_variable_name(v));
    b->created += created;
}

static void convolution(builder *b, const char *first, const char *second)
{
    VARSDB_IN_SCOPE (b->db, NULL, .default_name = "conv") {
        variable(b, first);
        if (second)
            variable(b, second);
    }
}

static void block(builder *b)
{
    VARSDB_IN_SCOPE (b->db, NULL, .default_name = "block") {
        convolution(b, "weights", NULL);
        VARSDB_IN_SCOPE (b->db, NULL, .default_name = "conv") {
            variable(b, "weights");
            VARSDB_IN_SCOPE (b->db, NULL, .default_name = "norm")
                variable(b, "gamma");
        }
    }
}

int anonymous_build(varsdb *db, char names[ANONYMOUS_VARIABLES][ANONYMOUS_BYTES], int *created)
{
    builder b = {.db = db, .names = names};
    convolution(&b, "weights", "biases");
    convolution(&b, "weights", "biases");
    block(&b);
    block(&b);
    convolution(&b, "weights", NULL);
    if (b.rc == VARSDB_OK && b.count != ANONYMOUS_VARIABLES)
        b.rc = VARSDB_ERROR;
    *created = b.created;
    return b.rc;
}
