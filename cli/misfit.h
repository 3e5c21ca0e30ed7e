/*
 * misfit.h - why a value does not go into a variable: its shape and dtype, and those of the other side.
 */
#ifndef CLI_MISFIT_H
#define CLI_MISFIT_H

#include "shape.h"

#define MISFIT_TEXT_MAX (SHAPE_TEXT_MAX * 2 + 128)

/* "[33] here, [32] there", with the dtypes where these differ; there is short, for tables. */
void misfit_print(char out[MISFIT_TEXT_MAX], const varsdb_variable *here, const char *dtype,
                  const char *shape);

#endif
