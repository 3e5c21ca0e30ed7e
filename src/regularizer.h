/*
 * regularizer.h - l1(s), l2(s), l1_l2(s1, s2) as specs.  No I/O.
 */
#ifndef VDB_REGULARIZER_H
#define VDB_REGULARIZER_H

#include "error.h"

/* Known and with valid arguments (finite, >= 0); "none" is allowed.  VARSDB_INVALID. */
int vdb_regularizer_check(vdb_error *e, const char *text);

#endif
