/*
 * network.h - a small network that reads digits: the arithmetic of train.c alone.
 *
 * Dense layers with tanh between them, softmax cross-entropy, minibatch gradient
 * descent with momentum, and moving averages of the parameters.
 */
#ifndef EXAMPLE_NETWORK_H
#define EXAMPLE_NETWORK_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"

enum {
    LAYERS = 2,
    HIDDEN = 32,
    WIDEST = DIGITS_PIXELS,
    BATCH = 32,
    TESTS = 1000
};

static const size_t widths[LAYERS + 1] = {DIGITS_PIXELS, HIDDEN, DIGITS_CLASSES};
static const uint64_t first_test = UINT64_C(1) << 48; /* pictures from here on are never trained on */
static const float learning_rate = 0.05F, momentum = 0.9F, average_decay = 0.99F;

/* A weight or bias tensor, and what the training keeps beside it. */
struct parameter {
    size_t count;
    float *value, *velocity, *average, *gradient;
};

struct layer {
    size_t inputs, outputs;
    int frozen;                       /* training leaves it as it is */
    struct parameter weights, biases; /* weights[i * outputs + o] leads from input i to output o */
};

struct network {
    struct layer layers[LAYERS];
    int64_t step;
};

/* The outputs of every layer for one picture; [0] is the picture itself. */
typedef float activations[LAYERS + 1][WIDEST];

static int allocate_parameter(struct parameter *p, size_t count)
{
    p->count = count;
    p->value = calloc(4 * count, sizeof *p->value);
    if (p->value == NULL)
        return 0;
    p->velocity = p->value + count;
    p->average = p->velocity + count;
    p->gradient = p->average + count;
    return 1;
}

/* All zeros; returns 0 when there is no memory.  To be freed in either case. */
static int allocate_network(struct network *net)
{
    int ok = 1;

    memset(net, 0, sizeof *net);
    for (int l = 0; l < LAYERS && ok; l++) {
        struct layer *layer = &net->layers[l];

        layer->inputs = widths[l];
        layer->outputs = widths[l + 1];
        ok = allocate_parameter(&layer->weights, layer->inputs * layer->outputs) &&
             allocate_parameter(&layer->biases, layer->outputs);
    }
    return ok;
}

static void free_network(struct network *net)
{
    for (int l = 0; l < LAYERS; l++) {
        free(net->layers[l].weights.value);
        free(net->layers[l].biases.value);
    }
}

static void softmax(float *x, size_t n)
{
    float max = x[0], sum = 0.0F;

    for (size_t i = 1; i < n; i++)
        max = fmaxf(max, x[i]);
    for (size_t i = 0; i < n; i++)
        sum += x[i] = expf(x[i] - max);
    for (size_t i = 0; i < n; i++)
        x[i] /= sum;
}

static void forward(const struct network *net, int averaged, activations a)
{
    for (int l = 0; l < LAYERS; l++) {
        const struct layer *layer = &net->layers[l];
        const float *weights = averaged ? layer->weights.average : layer->weights.value;
        const float *biases = averaged ? layer->biases.average : layer->biases.value;

        memcpy(a[l + 1], biases, layer->outputs * sizeof *biases);
        for (size_t i = 0; i < layer->inputs; i++)
            for (size_t o = 0; o < layer->outputs; o++)
                a[l + 1][o] += a[l][i] * weights[i * layer->outputs + o];
        if (l == LAYERS - 1)
            softmax(a[l + 1], layer->outputs);
        else
            for (size_t o = 0; o < layer->outputs; o++)
                a[l + 1][o] = tanhf(a[l + 1][o]);
    }
}

/* Adds one picture's share to the gradients of the batch's mean loss. */
static void backward(struct network *net, activations a, size_t digit)
{
    float delta[WIDEST], below[WIDEST];

    /* Softmax with cross-entropy has the simple derivative p - [is the digit]. */
    for (size_t o = 0; o < DIGITS_CLASSES; o++)
        delta[o] = (a[LAYERS][o] - (o == digit ? 1.0F : 0.0F)) / BATCH;
    for (int l = LAYERS - 1; l >= 0; l--) {
        struct layer *layer = &net->layers[l];

        for (size_t o = 0; o < layer->outputs; o++)
            layer->biases.gradient[o] += delta[o];
        for (size_t i = 0; i < layer->inputs; i++) {
            float sum = 0.0F;

            for (size_t o = 0; o < layer->outputs; o++) {
                layer->weights.gradient[i * layer->outputs + o] += a[l][i] * delta[o];
                sum += layer->weights.value[i * layer->outputs + o] * delta[o];
            }
            below[i] = sum * (1.0F - a[l][i] * a[l][i]); /* tanh' = 1 - tanh^2 */
        }
        memcpy(delta, below, layer->inputs * sizeof *delta);
    }
}

static void update_parameter(struct parameter *p, float decay)
{
    for (size_t i = 0; i < p->count; i++) {
        p->velocity[i] = momentum * p->velocity[i] + p->gradient[i];
        p->value[i] -= learning_rate * p->velocity[i];
        p->average[i] += (1.0F - decay) * (p->value[i] - p->average[i]);
        p->gradient[i] = 0.0F;
    }
}

/* One minibatch; returns its mean loss. */
static double train_step(struct network *net)
{
    /* Young averages forget faster, or they would stick to the random start. */
    float decay = fminf(average_decay, (1.0F + (float)net->step) / (10.0F + (float)net->step));
    double loss = 0.0;
    activations a;

    for (uint64_t k = 0; k < BATCH; k++) {
        size_t digit = digits_draw((uint64_t)net->step * BATCH + k, a[0]);

        forward(net, 0, a);
        loss -= log(fmax(a[LAYERS][digit], 1e-30));
        backward(net, a, digit);
    }
    for (int l = 0; l < LAYERS; l++) {
        if (net->layers[l].frozen)
            continue;
        update_parameter(&net->layers[l].weights, decay);
        update_parameter(&net->layers[l].biases, decay);
    }
    net->step++;
    return loss / BATCH;
}

/* Share of unseen pictures that are read rightly, in percent; *loss is the mean over them. */
static double test(const struct network *net, int averaged, double *loss)
{
    activations a;
    int right = 0;

    *loss = 0.0;
    for (uint64_t n = 0; n < TESTS; n++) {
        size_t digit = digits_draw(first_test + n, a[0]), best = 0;

        forward(net, averaged, a);
        for (size_t o = 1; o < DIGITS_CLASSES; o++)
            best = a[LAYERS][o] > a[LAYERS][best] ? o : best;
        right += best == digit;
        *loss -= log(fmax(a[LAYERS][digit], 1e-30)) / TESTS;
    }
    return 100.0 * right / TESTS;
}

#endif /* EXAMPLE_NETWORK_H */
