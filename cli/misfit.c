/* misfit.c - see misfit.h. */
#include "misfit.h"

#include <stdio.h>
#include <string.h>

void misfit_print(char out[MISFIT_TEXT_MAX], const varsdb_variable *here, const char *dtype,
                  const char *shape)
{
    const char *own = varsdb_dtype_name(varsdb_variable_dtype(here));
    bool same = strcmp(own, dtype) == 0;
    char text[SHAPE_TEXT_MAX] = "";
    shape_print(text, varsdb_variable_shape(here));
    snprintf(out, MISFIT_TEXT_MAX, "%s%s%s here, %s%s%.*s there", same ? "" : own, same ? "" : " ", text,
             same ? "" : dtype, same ? "" : " ", SHAPE_TEXT_MAX, shape);
}
