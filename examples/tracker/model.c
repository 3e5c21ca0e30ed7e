/* model.c - logistic regression by gradient descent on two clouds of points, which a seed makes. */
#include <math.h>

#include "tracker.h"

const float learning_rate = 0.5F;

/* The splitmix64 generator, uniform in (0, 1]. */
static double draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)(((z ^ (z >> 31)) >> 11) + 1) * 0x1p-53;
}

static double draw_normal(uint64_t *state)
{
    double radius = sqrt(-2.0 * log(draw(state)));

    return radius * cos(6.283185307179586 * draw(state));
}

/* Two clouds on either side of the origin, along a direction of the seed's. */
void make_data(struct model *model, int64_t seed)
{
    uint64_t state = (uint64_t)seed;
    double direction[FEATURES];

    for (int f = 0; f < FEATURES; f++)
        direction[f] = draw_normal(&state) / sqrt(FEATURES);
    for (int s = 0; s < SAMPLES; s++) {
        model->labels[s] = draw(&state) < 0.5;
        for (int f = 0; f < FEATURES; f++) {
            double centre = model->labels[s] ? direction[f] : -direction[f];

            model->inputs[s][f] = (float)(1.5 * centre + draw_normal(&state));
        }
    }
}

static float predict(const struct model *model, int sample)
{
    float sum = model->bias;

    for (int f = 0; f < FEATURES; f++)
        sum += model->weights[f] * model->inputs[sample][f];
    return 1.0F / (1.0F + expf(-sum));
}

void train_epoch(struct model *model)
{
    float gradient[FEATURES] = {0}, bias_gradient = 0;

    for (int s = 0; s < SAMPLES; s++) {
        float error = predict(model, s) - (float)model->labels[s];

        for (int f = 0; f < FEATURES; f++)
            gradient[f] += error * model->inputs[s][f];
        bias_gradient += error;
    }
    for (int f = 0; f < FEATURES; f++)
        model->weights[f] -= learning_rate * gradient[f] / SAMPLES;
    model->bias -= learning_rate * bias_gradient / SAMPLES;
}

struct scores measure(const struct model *model)
{
    struct scores scores = {0};

    for (int s = 0; s < SAMPLES; s++) {
        double p = (double)predict(model, s);

        scores.loss -= log(fmax(model->labels[s] ? p : 1.0 - p, 1e-12)) / SAMPLES;
        scores.accuracy += ((p > 0.5) == model->labels[s]) / (double)SAMPLES;
    }
    return scores;
}
