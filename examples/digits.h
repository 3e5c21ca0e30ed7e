/*
 * digits.h - an endless set of small noisy pictures of the digits 0 to 9.
 *
 * Picture n is a function of n alone, so a program that knows how far it came can
 * go on with exactly the pictures that it would have seen without a pause.
 */
#ifndef EXAMPLE_DIGITS_H
#define EXAMPLE_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    DIGITS_SIDE = 8,
    DIGITS_PIXELS = DIGITS_SIDE * DIGITS_SIDE,
    DIGITS_CLASSES = 10
};
enum {
    DIGITS_GLYPH_WIDTH = 5,
    DIGITS_GLYPH_HEIGHT = 7
};

/* Seven rows of five pixels, the leftmost in bit 4. */
static const uint8_t digits_glyphs[DIGITS_CLASSES][DIGITS_GLYPH_HEIGHT] = {
    {0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e}, {0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e},
    {0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f}, {0x0e, 0x11, 0x01, 0x06, 0x01, 0x11, 0x0e},
    {0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02}, {0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e},
    {0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e}, {0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08},
    {0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e}, {0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c},
};

/* The splitmix64 generator. */
static uint64_t digits_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Uniform in [0, 1). */
static float digits_uniform(uint64_t *state)
{
    return (float)(digits_random(state) >> 40) * 0x1p-24F;
}

/* Draws picture n, shifted and noisy, and returns the digit that it shows. */
static size_t digits_draw(uint64_t n, float image[DIGITS_PIXELS])
{
    uint64_t state = n * UINT64_C(0xd1342543de82ef95);
    size_t digit = digits_random(&state) % DIGITS_CLASSES;
    size_t left = digits_random(&state) % (DIGITS_SIDE - DIGITS_GLYPH_WIDTH + 1);
    size_t top = digits_random(&state) % (DIGITS_SIDE - DIGITS_GLYPH_HEIGHT + 1);
    float ink = 0.5F + 0.5F * digits_uniform(&state);

    for (size_t i = 0; i < DIGITS_PIXELS; i++)
        image[i] = 0.8F * (digits_uniform(&state) - 0.5F);
    for (size_t y = 0; y < DIGITS_GLYPH_HEIGHT; y++)
        for (size_t x = 0; x < DIGITS_GLYPH_WIDTH; x++)
            if (digits_glyphs[digit][y] >> (DIGITS_GLYPH_WIDTH - 1 - x) & 1)
                image[(top + y) * DIGITS_SIDE + left + x] += ink;
    return digit;
}

#endif /* EXAMPLE_DIGITS_H */
