/*
 * nearby.h - "did you mean": what is in the registry that is called nearly so.  Each writes
 * "; did you mean a, b or c?" to out, or "" when nothing is near or the registry cannot be
 * asked, and returns out.  However large a registry is, they take a fraction of a second: they
 * look along the path that was given first, and then at the first NEARBY_MOST names.
 *
 * They ask the registry, after which varsdb_errmsg is another: take its text before.
 */
#ifndef CLI_NEARBY_H
#define CLI_NEARBY_H

#include "cli.h"
#include "suggest.h"

#define NEARBY_MOST 200000

const char *nearby_variable(cli *c, const char *name, char out[SUGGEST_TEXT_MAX]);
/* Of those that a snapshot has. */
const char *nearby_variable_at(cli *c, int64_t snapshot, const char *name, char out[SUGGEST_TEXT_MAX]);
/* Full names of scopes; they end in a slash when `name` does. */
const char *nearby_scope(cli *c, const char *name, char out[SUGGEST_TEXT_MAX]);
const char *nearby_collection(cli *c, const char *name, char out[SUGGEST_TEXT_MAX]);
const char *nearby_namespace(cli *c, const char *name, char out[SUGGEST_TEXT_MAX]);
const char *nearby_snapshot(cli *c, const char *selector, char out[SUGGEST_TEXT_MAX]);
/* Of a spec's, as "zeroes" or "constnat(1)"; "" for one that there is, and for NULL. */
const char *nearby_initializer(const char *spec, char out[SUGGEST_TEXT_MAX]);
/* A column or a view that a query named; message is what was said of it. */
const char *nearby_in_query(const char *message, char out[SUGGEST_TEXT_MAX]);

/* Which of the namespace, the scope and the collection that were asked for is none, with what may have been
 * meant: "there is no scope layr1 in namespace main; did you mean layer1?".  "" if all are there. */
#define NEARBY_REASON_MAX ((size_t)3 * SUGGEST_TEXT_MAX)
const char *nearby_reason(cli *c, char out[NEARBY_REASON_MAX]);

#endif
