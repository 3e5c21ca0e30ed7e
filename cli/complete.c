/* complete.c - see complete.h. */
#include "complete.h"

#include <string.h>

#include "cli.h"

#define NAMES_MAX 1000 /* nobody reads more, and a key should answer at once */

typedef struct search {
    const char *prefix;
    complete_cb callback;
    void *payload;
    size_t found;
} search;

static void offer(search *s, const char *word)
{
    if (strncmp(word, s->prefix, strlen(s->prefix)) != 0)
        return;
    s->callback(s->payload, word);
    s->found++;
}

static int see(void *payload, const varsdb_variable_info *info)
{
    search *s = payload;
    offer(s, info->name);
    return s->found >= NAMES_MAX;
}

void complete_words(varsdb *db, const char *before, const char *prefix, complete_cb callback, void *payload)
{
    search s = {.prefix = prefix, .callback = callback, .payload = payload};
    if (!before) {
        for (const cli_command *command = cli_commands(); command->name; command++)
            offer(&s, command->name);
        offer(&s, "use");
        offer(&s, "quit");
    } else if (db) {
        varsdb_list_variables(db, NULL, see, &s);
    }
}
