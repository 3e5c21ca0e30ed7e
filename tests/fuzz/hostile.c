/* hostile.c - see hostile.h. */
#include "hostile.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "small.h"

#define CHANGES_MAX     64
#define LOOSE_BYTES_MAX 4096
#define ROWS            8
#define FILE_BYTES      ((size_t)1 << 20)
#define WRITE_VERSION   18 /* where a file says how it is journaled; the next byte is for readers */
#define JOURNAL_WAL     2

static char directory[128], path[160], copy_path[168];
static unsigned char *small;
static size_t small_bytes;

static void must(int good)
{
    if (!good)
        abort();
}

/* ---- reading the input */

enum {
    KIND_NULL,
    KIND_BYTE,
    KIND_INTEGER,
    KIND_REAL,
    KIND_TEXT,
    KIND_BLOB,
    KIND_LONG_TEXT,
    KIND_LONG_BLOB,
    KINDS,
    KIND_PATCH /* of bytes in the file */
};

typedef struct change {
    unsigned kind;
    size_t which, row; /* of a patch: which offset */
    int64_t integer;
    double real;
    uint8_t *bytes;
    size_t count;
} change;

typedef struct input {
    const uint8_t *at;
    size_t left;
} input;

/* The next bytes, zeros when there are too few. */
static void take(input *in, void *out, size_t bytes)
{
    size_t have = bytes < in->left ? bytes : in->left;
    memset(out, 0, bytes);
    if (have) {
        memcpy(out, in->at, have);
        in->at += have;
        in->left -= have;
    }
}

static uint8_t take_byte(input *in)
{
    uint8_t byte;
    take(in, &byte, 1);
    return byte;
}

static void take_bytes(input *in, change *c, size_t count)
{
    c->bytes = malloc(count + 1);
    must(c->bytes != NULL);
    c->count = count;
    take(in, c->bytes, count);
}

static void take_value(input *in, change *c)
{
    if (c->kind == KIND_BYTE)
        c->integer = (int8_t)take_byte(in);
    else if (c->kind == KIND_INTEGER)
        take(in, &c->integer, sizeof c->integer);
    else if (c->kind == KIND_REAL)
        take(in, &c->real, sizeof c->real);
    else if (c->kind == KIND_TEXT || c->kind == KIND_BLOB)
        take_bytes(in, c, take_byte(in));
    if (c->kind != KIND_LONG_TEXT && c->kind != KIND_LONG_BLOB)
        return;
    input none = {0};
    take_bytes(&none, c, (size_t)take_byte(in) << 8);
    memset(c->bytes, 'a', c->count);
}

static change take_change(input *in)
{
    change c = {0};
    unsigned op = take_byte(in);
    if (op & 0x80) {
        c.kind = op % KINDS;
        c.which = take_byte(in) % small_edits();
        c.row = take_byte(in) % ROWS;
        take_value(in, &c);
    } else {
        c.kind = KIND_PATCH;
        take(in, &c.which, 3);
        take_bytes(in, &c, op % 32 + 1);
    }
    return c;
}

/* ---- changing rows */

/* The small registry on a connection of its own, whose changes are rolled back. */
static struct loose {
    sqlite3 *db;
    sqlite3_stmt *edits[SMALL_EDITS_MAX], *hashes[SMALL_EDITS_MAX], *fits[SMALL_FITS_MAX + 1], *begin, *end,
        *release;
    uint32_t *was; /* the places that its tables are loose by */
    size_t count;
} loose;

static sqlite3_stmt *prepare_once(sqlite3_stmt **statement, const char *sql)
{
    if (!*statement)
        must(sqlite3_prepare_v3(loose.db, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK);
    return *statement;
}

static bool run_once(sqlite3_stmt **statement, const char *sql)
{
    bool done = sqlite3_step(prepare_once(statement, sql)) == SQLITE_DONE;
    sqlite3_reset(*statement);
    return done;
}

static void change_row(const change *c)
{
    sqlite3_stmt *statement = prepare_once(&loose.edits[c->which], small_edit(c->which));
    if (c->kind == KIND_BYTE || c->kind == KIND_INTEGER)
        sqlite3_bind_int64(statement, 1, c->integer);
    else if (c->kind == KIND_REAL)
        sqlite3_bind_double(statement, 1, c->real);
    else if (c->kind == KIND_TEXT || c->kind == KIND_LONG_TEXT)
        sqlite3_bind_text(statement, 1, (const char *)c->bytes, (int)c->count, SQLITE_STATIC);
    else if (c->kind != KIND_NULL)
        sqlite3_bind_blob(statement, 1, c->bytes, (int)c->count, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)c->row);
    sqlite3_step(statement); /* an id stays an integer, whatever is asked for */
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (small_hash(c->which))
        must(run_once(&loose.hashes[c->which], small_hash(c->which)));
}

/* The tables take any value, as a stranger's may hold any.  Their SQL stays as long as it is, so that every
 * byte stays where it is: what became of these is undone in the file. */
static void loosen(sqlite3 *db)
{
    small_run(db, "PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON;"
                  "UPDATE main.sqlite_schema SET sql = replace(replace(replace(replace(sql,"
                  " ' STRICT, WITHOUT', '         WITHOUT'), ' STRICT', '       '), 'NOT NULL', '        '),"
                  " ' ANY', '    ') WHERE type = 'table';"
                  "PRAGMA writable_schema = RESET");
}

/* Into pages of the connection itself: sqlite3_serialize then has what is not committed. */
static void make_loose(void)
{
    sqlite3 *from = small_connect(":memory:");
    loose.db = small_connect(":memory:");
    small_run(loose.db, "PRAGMA page_size = 512");
    must(sqlite3_deserialize(from, "main", small, (sqlite3_int64)small_bytes, (sqlite3_int64)small_bytes,
                             SQLITE_DESERIALIZE_READONLY) == SQLITE_OK);
    sqlite3_backup *copy = sqlite3_backup_init(loose.db, "main", from, "main");
    must(copy && sqlite3_backup_step(copy, -1) == SQLITE_DONE && sqlite3_backup_finish(copy) == SQLITE_OK);
    must(sqlite3_close(from) == SQLITE_OK);
    loosen(loose.db);
    sqlite3_int64 bytes;
    unsigned char *file = sqlite3_serialize(loose.db, "main", &bytes, 0);
    loose.was = malloc(small_bytes * sizeof *loose.was);
    must(file && loose.was && (size_t)bytes == small_bytes);
    for (size_t i = 0; i < small_bytes; i++)
        if (file[i] != small[i])
            loose.was[loose.count++] = (uint32_t)i;
    must(loose.count > 0 && loose.count < LOOSE_BYTES_MAX);
    sqlite3_free(file);
}

static unsigned char *change_rows(const change *changes, size_t count, size_t *bytes)
{
    sqlite3_int64 size;
    must(run_once(&loose.begin, "SAVEPOINT changed"));
    for (size_t i = 0; i < count; i++)
        if (changes[i].kind < KINDS)
            change_row(&changes[i]);
    for (size_t i = 0; small_fits()[i]; i++)
        must(run_once(&loose.fits[i], small_fits()[i]));
    unsigned char *file = sqlite3_serialize(loose.db, "main", &size, 0);
    must(file != NULL && (size_t)size >= small_bytes);
    for (size_t i = 0; i < loose.count; i++)
        file[loose.was[i]] = small[loose.was[i]];
    *bytes = (size_t)size;
    must(run_once(&loose.end, "ROLLBACK TO changed") && run_once(&loose.release, "RELEASE changed"));
    return file;
}

/* ---- the file */

static void write_file(const void *data, size_t bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, data, bytes) == (ssize_t)bytes);
    close(fd);
}

static void patch(unsigned char *file, size_t bytes, const change *c)
{
    size_t offset = c->which % bytes;
    memcpy(file + offset, c->bytes, c->count < bytes - offset ? c->count : bytes - offset);
}

static void write_changed(const change *changes, size_t count)
{
    size_t bytes;
    unsigned char *file = change_rows(changes, count, &bytes);
    file[WRITE_VERSION] = file[WRITE_VERSION + 1] = JOURNAL_WAL;
    for (size_t i = 0; i < count; i++)
        if (changes[i].kind == KIND_PATCH)
            patch(file, bytes, &changes[i]);
    write_file(file, bytes);
    sqlite3_free(file);
}

static void make_directory(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/varsdb-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm"
             : temporary                   ? temporary
                                           : "/tmp");
    must(mkdtemp(directory) != NULL);
    snprintf(path, sizeof path, "%s/f.db", directory);
    snprintf(copy_path, sizeof copy_path, "%s-copy", path);
}

static void prepare(void)
{
    if (!small) {
        make_directory();
        small = small_make(path, &small_bytes);
        must(small_bytes < FILE_BYTES);
        hostile_remove();
        make_loose();
    }
    make_directory();
}

void hostile_write(const uint8_t *data, size_t size)
{
    change changes[CHANGES_MAX];
    size_t count = 0;
    input in = {data, size};
    prepare();
    if (size >= 16 && memcmp(data, "SQLite format 3", 16) == 0) {
        write_file(data, size);
        return;
    }
    while (in.left && count < CHANGES_MAX)
        changes[count++] = take_change(&in);
    write_changed(changes, count);
    for (size_t i = 0; i < count; i++)
        free(changes[i].bytes);
}

void hostile_remove(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", "-turnstile", "-copy"};
    char name[sizeof path + 16];
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    rmdir(directory);
}

const char *hostile_path(void)
{
    return path;
}

const char *hostile_copy(void)
{
    return copy_path;
}

const char *const *hostile_views(void)
{
    return small_views();
}
