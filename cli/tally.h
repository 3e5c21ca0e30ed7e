/*
 * tally.h - how many there are of each kind, in words: "12 restored, 3 untouched".
 */
#ifndef CLI_TALLY_H
#define CLI_TALLY_H

#include "cli.h"

#define TALLY_TEXT_MAX 256

/* Kinds without any are left out, but for `always` (-1: no exception).  Returns out. */
const char *tally_text(char out[TALLY_TEXT_MAX], const int64_t *counts, const char *const *words, int kinds,
                       int always);

/* What came of each variable was listed; with `changed` it was also done. */
typedef struct tally_of {
    const int64_t *counts;
    const char *const *words;
    int kinds, always;
    bool changed, dry_run;
} tally_of;
/* The line after the rows. */
void tally_note(cli *c, tally_of of);
/* What does not fit was refused, and listed with all others: those rows are the answer, and nothing is
 * changed.  Returns the status of the refusal. */
int tally_end_refused(cli *c, out_rows *rows, tally_of of);

#endif
