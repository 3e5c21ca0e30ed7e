/* elementary.c - see elementary.h: exact reductions, then Taylor series by Horner. */
#include "elementary.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the first has 21 trailing zero bits, so that exponent * LN2_HIGH is exact. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW  0x1.a39ef35793c76p-33
#define TWO_PI   0x1.921fb54442d18p+2

#define MANTISSA_BITS 52
#define MANTISSA_MASK ((UINT64_C(1) << MANTISSA_BITS) - 1)
#define EXPONENT_BIAS 1023
#define SQRT_2        0x1.6a09e667f3bcdp+0
#define NEGLIGIBLE    0x1p-28 /* beside 1: its square is below half a unit in the last place */

/* x = m * 2^exponent with m in [sqrt(1/2), sqrt(2)]. */
static double split(double x, int *exponent)
{
    int scale = 0;
    if (x < 0x1p-1022) {
        x *= 0x1p+54;
        scale = 54;
    }
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int power = (int)(bits >> MANTISSA_BITS) - EXPONENT_BIAS;
    bits = (bits & MANTISSA_MASK) | ((uint64_t)EXPONENT_BIAS << MANTISSA_BITS);
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > SQRT_2) {
        m *= 0.5;
        power++;
    }
    *exponent = power - scale;
    return m;
}

static double horner(const double *coefficients, size_t count, double x)
{
    double sum = coefficients[count - 1];
    for (size_t i = count - 1; i > 0; i--)
        sum = sum * x + coefficients[i - 1];
    return sum;
}

/* log m = 2 artanh s with s = (m - 1)/(m + 1), |s| < 0.172: terms s^3/3 to s^23/23. */
double vdb_log(double x)
{
    static const double odd[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23};
    assert(x > 0);
    int exponent;
    double f = split(x, &exponent) - 1.0;
    double s = f / (2.0 + f);
    double square = s * s;
    double tail = s * square * horner(odd, sizeof odd / sizeof odd[0], square);
    double low = 2.0 * tail + (double)exponent * LN2_LOW;
    return (double)exponent * LN2_HIGH + (2.0 * s + low);
}

/* Both for |y| <= pi/4, where the first term left out is below 2^-58 of the result. */
static double sine(double y)
{
    static const double c[] = {
        -1.0 / 6,        1.0 / 120,          -1.0 / 5040,         1.0 / 362880,
        -1.0 / 39916800, 1.0 / 6227020800.0, -1.0 / 1307674368e3, 1.0 / 355687428096e3};
    double square = y * y;
    return y + y * square * horner(c, sizeof c / sizeof c[0], square);
}

static double cosine(double y)
{
    static const double c[] = {1.0 / 24,          -1.0 / 720,           1.0 / 40320,        -1.0 / 3628800,
                               1.0 / 479001600.0, -1.0 / 87178291200.0, 1.0 / 20922789888e3};
    double square = y * y;
    return 1.0 - (0.5 * square - square * square * horner(c, sizeof c / sizeof c[0], square));
}

/* The quarter turn nearest to t, and the angle in radians from it; t minus it is exact. */
static int quarter(double t, double *angle)
{
    assert(t >= 0 && t < 1);
    int q = (int)(4.0 * t + 0.5);
    *angle = (t - 0.25 * q) * TWO_PI;
    return q & 3;
}

double vdb_cos_turn(double t)
{
    double y;
    switch (quarter(t, &y)) {
    case 0:
        return cosine(y);
    case 1:
        return -sine(y);
    case 2:
        return -cosine(y);
    default:
        return sine(y);
    }
}

double vdb_sin_turn(double t)
{
    double y;
    switch (quarter(t, &y)) {
    case 0:
        return sine(y);
    case 1:
        return cosine(y);
    case 2:
        return -sine(y);
    default:
        return -cosine(y);
    }
}

/* Of 1/2 <= a < 1 and b <= a.  A step of Newton's from the root of the rounded sum; the remainder
 * root^2 - a^2 - b^2 is written so that little of it cancels (Borges, "An improved algorithm for
 * hypot(a,b)", 2019).  The C library does the same, with the same bits. */
static double hypot_scaled(double a, double b)
{
    double root = vdb_sqrt(a * a + b * b), remainder;
    if (root <= 2 * b) {
        double beyond = root - b;
        remainder = a * (2 * beyond - a) + (beyond - 2 * (a - b)) * beyond;
    } else {
        double beyond = root - a;
        remainder = 2 * beyond * (a - 2 * b) + ((4 * beyond - b) * b + beyond * beyond);
    }
    return root - remainder / (2 * root);
}

double vdb_hypot(double x, double y)
{
    if (isinf(x) || isinf(y))
        return INFINITY;
    if (isnan(x) || isnan(y))
        return NAN;
    double a = fabs(x), b = fabs(y), large = a > b ? a : b, small = a > b ? b : a;
    if (small <= large * NEGLIGIBLE)
        return large;
    int exponent;
    double scaled = frexp(large, &exponent);
    return ldexp(hypot_scaled(scaled, ldexp(small, -exponent)), exponent);
}
