/*
 * audit.h - whether a registry's rows agree with each other, by SQL and digests of our own
 * reckoning: every digest and sum is right, every reference leads somewhere, nothing is left over.
 */
#ifndef TESTS_AUDIT_H
#define TESTS_AUDIT_H

#include "registry.h"

/* Fails the test at the first thing that is wrong.  Reads what is committed. */
void audit(const registry *r);

#endif
