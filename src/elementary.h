/*
 * elementary.h - logarithm, cosine and sine of our own, from + - * / in a fixed
 * order and no contracted multiply-add, so that initial values are the same bits
 * with every compiler, level and machine.  Accuracy: a few units in the last
 * place, on the ranges that initializers need.  No I/O.
 */
#ifndef VDB_ELEMENTARY_H
#define VDB_ELEMENTARY_H

double vdb_log(double x);      /* x finite and > 0 */
double vdb_cos_turn(double t); /* cos(2 pi t), t in [0, 1) */
double vdb_sin_turn(double t); /* sin(2 pi t), t in [0, 1) */

#endif
