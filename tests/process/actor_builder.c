/* actor_builder.c PATH - builds the model of anonymous.h, and says what its variables are called. */
#include "../support/actor.h"
#include "../support/anonymous.h"

static int build(varsdb *db)
{
    char names[ANONYMOUS_VARIABLES][ANONYMOUS_BYTES];
    int created = 0;
    int rc = anonymous_build(db, names, &created);
    if (rc != VARSDB_OK) {
        actor_say("%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
        return 1;
    }
    for (int i = 0; i < ANONYMOUS_VARIABLES; i++)
        actor_say("%s", names[i]);
    actor_say("%d", created);
    return 0;
}

int main(int argc, char **argv)
{
    char line[ACTOR_LINE_BYTES];
    varsdb *db;
    if (argc != 2)
        return 2;
    actor_say("ready");
    if (!actor_hear(line))
        return 2;
    int failed = 1;
    if (varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db) == VARSDB_OK)
        failed = build(db);
    else
        actor_say("%s", varsdb_errmsg(db));
    varsdb_close(db);
    return failed;
}
