/*
 * slim_layers.h - tf-slim's layers as far as variables go: conv2d, batch_norm and
 * fully_connected.  There is no mathematics here; each layer opens its scope and gets
 * or creates the model variables that tf-slim's would.
 *
 * What arg_scope gives to weights, here the enclosing scope gives: its initializer and
 * its regularizer.  Everything that is not a weight says its own.
 */
#ifndef SLIM_LAYERS_H
#define SLIM_LAYERS_H

#include "varsdb.h"

/* Where networks collect moving statistics, by habit. */
#define SLIM_MOVING "moving_vars"

enum {
    SLIM_VARIABLES_MAX = 64
};

/* One tower: the variables that its layers asked for, in order. */
struct slim {
    varsdb *db;
    const varsdb_variable *variables[SLIM_VARIABLES_MAX];
    int count, created;
};

enum slim_after {
    SLIM_BIASES,           /* the default */
    SLIM_BATCH_NORM,       /* normalizer_fn=batch_norm: it has beta, so there are no biases */
    SLIM_BATCH_NORM_SCALED /* with scale=True: gamma too */
};

static inline int slim_variable(struct slim *s, const char *name, const varsdb_variable_options *options)
{
    const varsdb_variable *variable;
    int created;
    int rc = varsdb_model_variable(s->db, name, options, &created, &variable);

    if (rc != VARSDB_OK)
        return rc;
    if (s->count < SLIM_VARIABLES_MAX)
        s->variables[s->count++] = variable;
    s->created += created;
    return VARSDB_OK;
}

static inline int slim_moving(struct slim *s, const char *name, int64_t size, const char *initializer)
{
    static const char *const collections[] = {SLIM_MOVING, NULL};

    return slim_variable(s, name,
                         VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_FLOAT32,
                                     .initializer = initializer, .trainable = VARSDB_NO,
                                     .collections = collections));
}

/* scope NULL takes "BatchNorm", "BatchNorm_1", ...  Its variables are not regularized. */
static inline int slim_batch_norm(struct slim *s, const char *scope, int64_t size, int scale)
{
    VARSDB_IN_SCOPE (s->db, scope, .default_name = "BatchNorm", .regularizer = "none") {
        int rc = slim_variable(
            s, "beta",
            VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_FLOAT32, .initializer = "zeros"));

        if (rc == VARSDB_OK && scale)
            rc = slim_variable(
                s, "gamma",
                VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_FLOAT32, .initializer = "ones"));
        if (rc == VARSDB_OK)
            rc = slim_moving(s, "moving_mean", size, "zeros");
        return rc == VARSDB_OK ? slim_moving(s, "moving_variance", size, "ones") : rc;
    }
    return varsdb_errcode(s->db);
}

static inline int slim_biases(struct slim *s, int64_t size)
{
    return slim_variable(s, "biases",
                         VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_FLOAT32,
                                     .initializer = "zeros", .regularizer = "none"));
}

/* What follows the weights of a layer, in its scope. */
static inline int slim_finish(struct slim *s, int64_t outputs, enum slim_after after)
{
    if (after == SLIM_BIASES)
        return slim_biases(s, outputs);
    return slim_batch_norm(s, NULL, outputs, after == SLIM_BATCH_NORM_SCALED);
}

/* scope NULL takes "Conv", "Conv_1", ... */
static inline int slim_conv2d(struct slim *s, const char *scope, int64_t inputs, int64_t outputs,
                              int64_t kernel, enum slim_after after)
{
    VARSDB_IN_SCOPE (s->db, scope, .default_name = "Conv") {
        int rc = slim_variable(
            s, "weights",
            VARSDB_WITH(.shape = VARSDB_SHAPE(kernel, kernel, inputs, outputs), .dtype = VARSDB_FLOAT32));

        return rc == VARSDB_OK ? slim_finish(s, outputs, after) : rc;
    }
    return varsdb_errcode(s->db);
}

/* scope NULL takes "fully_connected", "fully_connected_1", ... */
static inline int slim_fully_connected(struct slim *s, const char *scope, int64_t inputs, int64_t outputs,
                                       enum slim_after after)
{
    VARSDB_IN_SCOPE (s->db, scope, .default_name = "fully_connected") {
        int rc = slim_variable(s, "weights",
                               VARSDB_WITH(.shape = VARSDB_SHAPE(inputs, outputs), .dtype = VARSDB_FLOAT32));

        return rc == VARSDB_OK ? slim_finish(s, outputs, after) : rc;
    }
    return varsdb_errcode(s->db);
}

#endif /* SLIM_LAYERS_H */
