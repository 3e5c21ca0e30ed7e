/*
 * actor_logger.c PATH JOURNAL NUMBER SEED - creates and assigns variables until it is killed, and keeps
 * a journal of it (journal.h), in which it goes on where its predecessor was killed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "../support/actor.h"
#include "../support/journal.h"
#include "../support/whole.h"

static bool record(int fd, journal_kind kind, uint32_t name, int64_t number)
{
    journal_record r = {kind, name, number};
    return write(fd, &r, sizeof r) == (ssize_t)sizeof r && fdatasync(fd) == 0;
}

/* The greatest number so far; what a kill left of a last record is cut off. */
static bool resume(int fd, int64_t *number)
{
    journal_record r;
    off_t whole = 0;
    *number = 0;
    while (pread(fd, &r, sizeof r, whole) == (ssize_t)sizeof r) {
        *number = r.number > *number ? r.number : *number;
        whole += (off_t)sizeof r;
    }
    return ftruncate(fd, whole) == 0;
}

static int write_value(varsdb *db, const char *writer, uint32_t i, int64_t number)
{
    char name[JOURNAL_NAME_BYTES];
    int created = 0;
    const varsdb_variable *v;
    snprintf(name, sizeof name, "writer%s/v%" PRIu32, writer, i);
    int rc = whole_get(db, name, journal_elements(i), number, &created, &v);
    return rc == VARSDB_OK && !created ? whole_assign(db, v, number) : rc;
}

static int work(varsdb *db, int fd, const char *writer, test_random *random)
{
    int64_t number;
    if (!resume(fd, &number))
        return VARSDB_IO;
    for (;;) {
        uint32_t i = (uint32_t)random_below(random, JOURNAL_NAMES);
        number++;
        if (!record(fd, JOURNAL_INTENT, i, number))
            return VARSDB_IO;
        int rc = write_value(db, writer, i, number);
        if (rc != VARSDB_OK)
            return rc;
        if (!record(fd, JOURNAL_DONE, i, number))
            return VARSDB_IO;
    }
}

int main(int argc, char **argv)
{
    varsdb *db;
    if (argc != 5)
        return 2;
    test_random random = {strtoull(argv[4], NULL, 10)};
    int fd = open(argv[2], O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int rc = varsdb_open(argv[1], VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db);
    if (rc == VARSDB_OK && fd >= 0)
        rc = work(db, fd, argv[3], &random);
    fprintf(stderr, "logger %s: %s: %s\n", argv[3], varsdb_errname(rc), varsdb_errmsg(db));
    varsdb_close(db);
    return 1;
}
