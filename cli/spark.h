/*
 * spark.h - a row of numbers as one line of bars.
 */
#ifndef CLI_SPARK_H
#define CLI_SPARK_H

#include <stddef.h>

#include "sink.h"

/* From the least to the greatest, one character each; where there are more values than `columns`, the
 * greatest of several.  What is not finite is an x, and neither moves the others. */
void spark_print(sink *to, const double *values, size_t count, size_t columns);

#endif
