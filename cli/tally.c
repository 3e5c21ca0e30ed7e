/* tally.c - see tally.h. */
#include "tally.h"

#include <stdio.h>

const char *tally_text(char out[TALLY_TEXT_MAX], const int64_t *counts, const char *const *words, int kinds,
                       int always)
{
    size_t used = 0;
    *out = '\0';
    for (int n = 0; n < kinds && used < TALLY_TEXT_MAX; n++)
        if (counts[n] || n == always)
            used += (size_t)snprintf(out + used, TALLY_TEXT_MAX - used, "%s%lld %s", used ? ", " : "",
                                     (long long)counts[n], words[n]);
    return out;
}

void tally_note(cli *c, tally_of of)
{
    char text[TALLY_TEXT_MAX];
    const char *end = of.changed   ? ""
                      : of.dry_run ? " (dry run: nothing is changed)"
                                   : " (nothing is changed)";
    sink_flush(&c->out); /* on a terminal the rows come first */
    cli_note("%s: %s%s", c->args[0], tally_text(text, of.counts, of.words, of.kinds, of.always), end);
}

int tally_end_refused(cli *c, out_rows *rows, tally_of of)
{
    int status = cli_fail_db(c);
    if (out_end(rows, true) != 0)
        return cli_fail_memory(c);
    of.changed = false;
    tally_note(c, of);
    return status;
}
