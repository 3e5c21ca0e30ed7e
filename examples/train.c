/*
 * train.c - trains a small network whose variables live in a registry.
 *
 *     train FILE [STEPS [FROZEN]]
 *
 * The network reads noisy pictures of digits: two dense layers, tanh between them,
 * softmax cross-entropy, minibatch gradient descent with momentum.  Run it again on
 * the same file and it goes on from the step where it stopped; with 0 STEPS it only
 * tests what is there.  The layer FROZEN is not trained.
 *
 * What it keeps, and how:
 *   layer1/weights ...                 model variables: what the network is
 *   layer1/weights/momentum ...        plain variables: the optimizer's memory
 *   layer1/weights/moving_average ...  plain variables: smoothed copies for inference
 *   global_step                        a plain variable in a collection of its own
 *   snapshots                          all of these at a step, with the loss and accuracy
 *                                      that they had; the last ten are kept
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "varsdb.h"

enum {
    STEPS_DEFAULT = 600,
    STEPS_MAX = 1000000,
    SAVE_EVERY = 100,
    KEEP_SNAPSHOTS = 10,
    NAME_ROOM = 64
};

static const char *const layer_names[LAYERS] = {"layer1", "layer2"};
static const int64_t seed = 20; /* of a new registry: it starts from the same weights every time */

/* Where a parameter and what is kept beside it live in the registry. */
struct handles {
    const varsdb_variable *value, *momentum, *average;
};

struct model {
    struct network net;
    struct handles weights[LAYERS], biases[LAYERS];
    const varsdb_variable *global_step;
    int created, reused; /* variables, when the model was built */
};

/* Says what the last call on db complained about, at once: the next call replaces it. */
static int complain(const varsdb *db)
{
    fprintf(stderr, "train: %s\n", varsdb_errmsg(db));
    return varsdb_errcode(db);
}

/* ---- The model's variables ---- */

static int count_created(varsdb *db, struct model *model, int rc, int created)
{
    if (rc != VARSDB_OK)
        return complain(db);
    model->created += created;
    model->reused += !created;
    return VARSDB_OK;
}

/*
 * Gets or creates `name/suffix`, which starts from `values` and is no part of the
 * model, and reads it back.  The initial value counts when it is created only: a
 * companion that exists keeps its own.
 */
static int build_companion(varsdb *db, struct model *model, const char *name, const char *suffix,
                           const varsdb_shape *shape, float *values, size_t bytes,
                           const varsdb_variable **out)
{
    char full[NAME_ROOM];
    int created = 0;
    int rc;

    snprintf(full, sizeof full, "%s/%s", name, suffix);
    rc = varsdb_get_variable(
        db, full, VARSDB_WITH(.shape = shape, .value = values, .value_bytes = bytes, .trainable = VARSDB_NO),
        &created, out);
    rc = count_created(db, model, rc, created);
    if (rc == VARSDB_OK && varsdb_read(db, *out, values, bytes) != VARSDB_OK)
        rc = complain(db);
    return rc;
}

/*
 * Gets or creates one parameter below the current scope with its companions, and
 * reads their values.  Who creates them and who finds them run the same code.
 */
static int build_parameter(varsdb *db, struct model *model, const char *name, const varsdb_shape *shape,
                           const char *initializer, struct parameter *p, struct handles *handles)
{
    size_t bytes = p->count * sizeof *p->value;
    int created = 0;
    int rc = varsdb_model_variable(db, name, VARSDB_WITH(.shape = shape, .initializer = initializer),
                                   &created, &handles->value);

    rc = count_created(db, model, rc, created);
    if (rc != VARSDB_OK)
        return rc;
    /* The variable that is averaged joins the collection, not its average. */
    if (varsdb_read(db, handles->value, p->value, bytes) != VARSDB_OK ||
        varsdb_collect(db, VARSDB_MOVING_AVERAGE, handles->value) != VARSDB_OK)
        return complain(db);
    memcpy(p->average, p->value, bytes);
    rc = build_companion(db, model, name, "moving_average", shape, p->average, bytes, &handles->average);
    if (rc != VARSDB_OK)
        return rc;
    return build_companion(db, model, name, "momentum", shape, p->velocity, bytes, &handles->momentum);
}

static int build_layer(varsdb *db, struct model *model, int l)
{
    struct layer *layer = &model->net.layers[l];
    int64_t inputs = (int64_t)layer->inputs, outputs = (int64_t)layer->outputs;

    VARSDB_IN_SCOPE (db, layer_names[l]) {
        int rc = build_parameter(db, model, "weights", VARSDB_SHAPE(inputs, outputs), "glorot_uniform",
                                 &layer->weights, &model->weights[l]);

        if (rc != VARSDB_OK)
            return rc;
        return build_parameter(db, model, "biases", VARSDB_SHAPE(outputs), "zeros", &layer->biases,
                               &model->biases[l]);
    }
    return complain(db); /* the scope could not be entered, so its block was skipped */
}

static int build_global_step(varsdb *db, struct model *model)
{
    static const char *const collections[] = {VARSDB_GLOBAL, "global_step", NULL};
    int created = 0;
    int rc =
        varsdb_get_variable(db, "global_step",
                            VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = VARSDB_INT64, .initializer = "zeros",
                                        .trainable = VARSDB_NO, .collections = collections),
                            &created, &model->global_step);

    rc = count_created(db, model, rc, created);
    if (rc == VARSDB_OK &&
        varsdb_read(db, model->global_step, &model->net.step, sizeof model->net.step) != VARSDB_OK)
        rc = complain(db);
    return rc;
}

/* All of the model in one transaction: nobody ever finds half of it. */
static int build_model(varsdb *db, struct model *model)
{
    int rc = VARSDB_OK;

    if (varsdb_begin(db) != VARSDB_OK)
        return complain(db);
    for (int l = 0; l < LAYERS && rc == VARSDB_OK; l++)
        rc = build_layer(db, model, l);
    if (rc == VARSDB_OK)
        rc = build_global_step(db, model);
    if (rc == VARSDB_OK && varsdb_commit(db) != VARSDB_OK)
        rc = complain(db);
    if (rc != VARSDB_OK)
        (void)varsdb_rollback(db);
    return rc;
}

static int assign_parameter(varsdb *db, const struct parameter *p, const struct handles *handles)
{
    size_t bytes = p->count * sizeof *p->value;
    int rc = varsdb_assign(db, handles->value, p->value, bytes);

    if (rc == VARSDB_OK)
        rc = varsdb_assign(db, handles->momentum, p->velocity, bytes);
    if (rc == VARSDB_OK)
        rc = varsdb_assign(db, handles->average, p->average, bytes);
    return rc;
}

/* Weights, momentum and step belong together: all of them are written, or none. */
static int save_model(varsdb *db, const struct model *model)
{
    int rc = varsdb_begin(db);

    for (int l = 0; l < LAYERS && rc == VARSDB_OK; l++) {
        rc = assign_parameter(db, &model->net.layers[l].weights, &model->weights[l]);
        if (rc == VARSDB_OK)
            rc = assign_parameter(db, &model->net.layers[l].biases, &model->biases[l]);
    }
    if (rc == VARSDB_OK)
        rc = varsdb_assign(db, model->global_step, &model->net.step, sizeof model->net.step);
    if (rc == VARSDB_OK)
        rc = varsdb_commit(db);
    if (rc != VARSDB_OK) {
        (void)complain(db);
        (void)varsdb_rollback(db);
    }
    return rc;
}

/* ---- Reporting and the program ---- */

struct scores {
    double loss, accuracy;
};

static struct scores report(const struct network *net)
{
    double loss, average_loss;
    double accuracy = test(net, 0, &loss), average_accuracy = test(net, 1, &average_loss);

    printf("step %6lld  loss %.4f  accuracy %5.1f%%   moving averages: loss %.4f  accuracy %5.1f%%\n",
           (long long)net->step, loss, accuracy, average_loss, average_accuracy);
    fflush(stdout);
    return (struct scores){loss, accuracy};
}

/* Who trains a step again, after a restore, means the new one. */
static int take_snapshot(varsdb *db, const struct network *net, struct scores scores)
{
    char metadata[64];

    snprintf(metadata, sizeof metadata, "{\"loss\":%.4f,\"accuracy\":%.1f}", scores.loss, scores.accuracy);
    if (varsdb_take_snapshot(db,
                             VARSDB_SNAPSHOT(.step = &net->step, .metadata = metadata, .replace = 1,
                                             .keep_last = KEEP_SNAPSHOTS),
                             NULL) != VARSDB_OK)
        return complain(db);
    return VARSDB_OK;
}

static int train(varsdb *db, struct model *model, long steps)
{
    struct network *net = &model->net;
    int64_t end = net->step + steps;
    struct scores scores = report(net);

    /* What was found has a snapshot of its own already. */
    if (model->created > 0 && take_snapshot(db, net, scores) != VARSDB_OK)
        return VARSDB_ERROR;
    while (net->step < end) {
        if (!isfinite(train_step(net))) {
            fprintf(stderr, "train: the loss at step %lld is not finite\n", (long long)net->step);
            return VARSDB_ERROR;
        }
        if (net->step % SAVE_EVERY == 0 || net->step == end) {
            int rc = save_model(db, model);

            if (rc == VARSDB_OK)
                rc = take_snapshot(db, net, report(net));
            if (rc != VARSDB_OK)
                return rc;
        }
    }
    return VARSDB_OK;
}

/* Returns 0 when there is no such layer. */
static int freeze(struct network *net, const char *name)
{
    for (int l = 0; l < LAYERS; l++) {
        if (strcmp(layer_names[l], name) == 0) {
            net->layers[l].frozen = 1;
            return 1;
        }
    }
    fprintf(stderr, "train: there is no layer %s to freeze\n", name);
    return 0;
}

static int run(varsdb *db, long steps, const char *frozen)
{
    struct model model = {0};
    int rc = VARSDB_NOMEM;

    if (!allocate_network(&model.net)) {
        fprintf(stderr, "train: out of memory\n");
        goto out;
    }
    if (frozen != NULL && !freeze(&model.net, frozen)) {
        rc = VARSDB_INVALID;
        goto out;
    }
    rc = build_model(db, &model);
    if (rc != VARSDB_OK)
        goto out;
    if (model.created > 0)
        printf("created %d variables", model.created);
    else
        printf("reused %d variables", model.reused);
    printf(" in %s; going on at step %lld\n", varsdb_path(db), (long long)model.net.step);
    rc = train(db, &model, steps);
out:
    free_network(&model.net);
    return rc;
}

int main(int argc, char **argv)
{
    varsdb *db = NULL;
    char *end = NULL;
    long steps = argc > 2 ? strtol(argv[2], &end, 10) : STEPS_DEFAULT;
    int rc;

    if (argc < 2 || argc > 4 || (argc > 2 && *end != '\0') || steps < 0 || steps > STEPS_MAX) {
        fprintf(stderr, "usage: train FILE [STEPS [FROZEN]]   (0 to %d steps, %d if not given)\n", STEPS_MAX,
                STEPS_DEFAULT);
        return 2;
    }
    rc = varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed), &db);
    rc = rc == VARSDB_OK ? run(db, steps, argc > 3 ? argv[3] : NULL) : complain(db);
    varsdb_close(db);
    return rc == VARSDB_OK ? 0 : 1;
}
