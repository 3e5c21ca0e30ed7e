/* scene.c - see scene.h. */
#include "scene.h"

#include <errno.h>
#include <xxhash.h>

#include "internal.h"
#include "opened.h"
#include "small_chunks.h"

#define PAGE "1024"

typedef struct bytes {
    char *data;
    size_t count;
} bytes;

/* A file, and what lies beside it. */
typedef struct image {
    bytes main, side;
    const char *suffix;
} image;

static test_folder folder;
static image images[SCENE_IMAGES];

const char *scene_mode_name(scene_mode mode)
{
    static const char *const names[] = {"own, log", "host, journal", "host, log"};
    return names[mode];
}

const unsigned char *scene_value(int which)
{
    static unsigned char value[SCENE_LARGE];
    for (size_t i = 0; i < SCENE_LARGE; i++)
        value[i] = (unsigned char)((i / SCENE_CHUNK + 1) * (size_t)which + i % 251);
    return value;
}

void scene_saw(scene *s, const void *data, size_t count)
{
    s->seen = XXH3_64bits_withSeed(data, count, s->seen);
}

void scene_saw_text(scene *s, const char *text)
{
    scene_saw(s, text ? text : "-", text ? strlen(text) + 1 : 1);
}

int scene_keep(scene *s, int rc)
{
    if (rc != VARSDB_OK && !*s->said)
        snprintf(s->said, sizeof s->said, "%s", varsdb_errmsg(s->db));
    return rc;
}

/* ---- what is there */

static void must(varsdb *db, int rc)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
}

static const varsdb_variable *make(varsdb *db, const char *name, const varsdb_variable_options *options)
{
    const varsdb_variable *v;
    must(db, varsdb_get_variable(db, name, options, NULL, &v));
    return v;
}

static const varsdb_variable *make_bytes(varsdb *db, const char *name, int64_t count, int which)
{
    return make(db, name,
                VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(count), .value = scene_value(which),
                            .value_bytes = (size_t)count));
}

static void run(const char *path, const char *sql)
{
    sqlite3 *stock;
    char *why = NULL;
    ck_assert_int_eq(sqlite3_open(path, &stock), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(stock, sql, NULL, NULL, &why) == SQLITE_OK, "%s", why);
    ck_assert_int_eq(sqlite3_close(stock), SQLITE_OK);
}

/* A save that died: its chunks are garbage. */
static void leave_garbage(varsdb *db, const char *path)
{
    const varsdb_variable *garbage = make_bytes(db, "garbage", SCENE_LARGE, 99);
    run(path, "INSERT INTO varsdb_sessions SELECT 1, 1, 'dead', '', 0, '', 0;"
              "INSERT INTO varsdb_pins SELECT DISTINCT 1, chunk_id FROM varsdb_tensor_chunks x "
              "JOIN varsdb_variables v ON v.tensor_id = x.tensor_id WHERE v.name = 'garbage'");
    must(db, varsdb_delete_variable(db, garbage));
}

static void fill_kinds(varsdb *db)
{
    static const char *const names[] = {"one", "", "thrice"};
    const varsdb_variable *v;
    v = make(db, "text",
             VARSDB_WITH(.dtype = VARSDB_STRING, .shape = VARSDB_SHAPE(3), .initializer = "none"));
    must(db, varsdb_assign_strings(db, v, names, NULL, 3));
    make(db, "parted",
         VARSDB_WITH(.shape = VARSDB_SHAPE(4, 2), .initializer = "ones", .partitioner = "fixed_size(2,0)"));
    make(db, "empty", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    must(db, varsdb_set_scope_defaults(
                 db, "model", &(varsdb_scope_defaults){.initializer = "ones", .regularizer = "l2(2)"}));
    must(db, varsdb_model_variable(db, "model/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)), NULL, &v));
    must(db, varsdb_set_attribute(db, v, "unit", "\"metre\""));
    must(db, varsdb_local_variable(db, "count", VARSDB_WITH(.value_json = "7"), NULL, &v));
    must(db, varsdb_create_global_step(db, &v));
    must(db, varsdb_set_attribute(db, NULL, "purpose", "{\"a\":[1]}"));
}

static void fill(varsdb *db, const char *path)
{
    static const int64_t step = 10;
    const varsdb_variable *a = make_bytes(db, "a", SCENE_LARGE, 1);
    must(db, varsdb_collect(db, "kept", make_bytes(db, "b", 40, 2)));
    fill_kinds(db);
    const varsdb_variable *lost = make_bytes(db, "lost/c", SCENE_LARGE, 3);
    must(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s", .step = &step, .metadata = "{\"loss\":1}"),
                                  NULL));
    must(db, varsdb_assign(db, a, scene_value(4), SCENE_LARGE));
    must(db, varsdb_delete_variable(db, lost));
    must(db, varsdb_use_namespace(db, "other"));
    make_bytes(db, "a", 40, 8);
    must(db, varsdb_use_namespace(db, "main"));
    leave_garbage(db, path);
}

/* ---- images */

static bytes read_bytes(const char *path)
{
    bytes b;
    b.data = file_read(path, &b.count);
    return b;
}

static void write_bytes(const char *path, bytes b, const char *suffix)
{
    char name[PATH_BYTES + 16];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    file_write(name, b.data, b.count);
}

static bytes read_beside(const char *path, const char *suffix)
{
    char name[PATH_BYTES + 16];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    return read_bytes(name);
}

/* What the header says of the journal. */
static void set_journal(bytes *b, bool log)
{
    b->data[18] = b->data[19] = log ? 2 : 1;
}

static void make_log(scene *s)
{
    scene_lay(s, SCENE_FULL);
    must(s->db, scene_open(s, 0));
    make_bytes(s->db, "a/new/one", SCENE_LARGE, 12);
    run(s->path, "CREATE TABLE mine (a); DROP TABLE mine"); /* the first page is in the log */
    images[SCENE_LOG] = (image){read_bytes(s->path), read_beside(s->path, "-wal"), "-wal"};
    images[SCENE_TORN] = (image){read_bytes(s->path), read_beside(s->path, "-wal"), "-wal"};
    memset(images[SCENE_TORN].main.data, 0, 512);
    scene_close(s);
}

static void make_hot(scene *s)
{
    sqlite3 *stock;
    scene_lay(s, SCENE_ODD);
    ck_assert_int_eq(sqlite3_open(s->path, &stock), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(stock,
                     "PRAGMA cache_size=4; BEGIN; UPDATE varsdb_chunks SET data = zeroblob(4096);"
                     "UPDATE varsdb_variables SET version = 77; DELETE FROM varsdb_tensor_chunks",
                     NULL, NULL, NULL),
        SQLITE_OK);
    images[SCENE_HOT] = (image){read_bytes(s->path), read_beside(s->path, "-journal"), "-journal"};
    ck_assert_int_eq((unsigned char)images[SCENE_HOT].side.data[0], 0xd9); /* its magic number */
    ck_assert_int_eq(sqlite3_exec(stock, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(stock), SQLITE_OK);
}

void scene_set_up(scene *s)
{
    static const int64_t seed = 3;
    unsigned char data[SCENE_LARGE + 8] = {0};
    *s = (scene){0};
    folder_make_in_memory(&folder);
    folder_path(&folder, "fault.db", s->path);
    folder_path(&folder, "copy.db", s->copy);
    folder_path(&folder, "t.safetensors", s->tensors);
    folder_path(&folder, "out.safetensors", s->out);
    varsdb_close(opened(s->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(s->path, 64, SCENE_CHUNK));
    run(s->path, "PRAGMA journal_mode=DELETE; PRAGMA page_size=" PAGE "; VACUUM; PRAGMA journal_mode=WAL");
    images[SCENE_EMPTY].main = read_bytes(s->path);
    varsdb *db = opened(s->path, VARSDB_OPEN(.seed = &seed));
    fill(db, s->path);
    varsdb_close(db);
    images[SCENE_FULL].main = read_bytes(s->path);
    images[SCENE_ODD].main = read_bytes(s->path);
    set_journal(&images[SCENE_ODD].main, false);
    memcpy(data, scene_value(5), SCENE_LARGE);
    safetensors_write(s->tensors,
                      "{\"x\":{\"dtype\":\"U8\",\"shape\":[12288],\"data_offsets\":[0,12288]},"
                      "\"y\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[12288,12296]}}",
                      data, sizeof data);
    make_log(s);
    make_hot(s);
}

void scene_tear_down(scene *s)
{
    scene_clear(s);
    folder_remove(&folder);
    for (int i = 0; i < SCENE_IMAGES; i++) {
        free(images[i].main.data);
        free(images[i].side.data);
    }
}

/* ---- a copy */

bool scene_has_unnamed(char name[SCENE_SAID_BYTES])
{
    DIR *d = opendir(folder.path);
    bool found = false;
    if (!d)
        ck_abort_msg("%s: %s", folder.path, strerror(errno));
    for (struct dirent *entry; !found && (entry = readdir(d));)
        if (entry->d_type == DT_REG && entry->d_name[0] == '.') {
            snprintf(name, SCENE_SAID_BYTES, "%s", entry->d_name);
            found = true;
        }
    closedir(d);
    return found;
}

void scene_clear(const scene *s)
{
    DIR *d = opendir(folder.path);
    if (!d)
        ck_abort_msg("%s: %s", folder.path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(d));)
        if (entry->d_type == DT_REG && strcmp(entry->d_name, strrchr(s->tensors, '/') + 1) != 0)
            unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
}

void scene_lay(scene *s, scene_image which)
{
    image *i = &images[which];
    scene_clear(s);
    s->seen = 0;
    *s->said = '\0';
    if (i->main.data && (which == SCENE_FULL || which == SCENE_EMPTY))
        set_journal(&i->main, s->mode != SCENE_HOST_DELETE);
    if (i->main.data)
        write_bytes(s->path, i->main, "");
    if (i->side.data)
        write_bytes(s->path, i->side, i->suffix);
}

/* Its cache is smaller than the file, so that what it writes is not all kept until it commits. */
void scene_connect(scene *s)
{
    if (s->mode == SCENE_OWN || s->host)
        return;
    const char *settings = s->mode == SCENE_HOST_WAL ? "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"
                                                     : "PRAGMA synchronous=EXTRA; PRAGMA cache_size=20";
    int code = sqlite3_open(s->path, &s->host);
    if (code == SQLITE_OK)
        code = sqlite3_extended_result_codes(s->host, 1);
    if (code == SQLITE_OK)
        code = sqlite3_exec(s->host, settings, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        ck_abort_msg("the host cannot open: %s", sqlite3_errstr(code));
}

static int open_on_host(scene *s, unsigned flags)
{
    static const int64_t seed = 3;
    scene_connect(s);
    return varsdb_open_on(s->host, NULL, VARSDB_OPEN(.seed = &seed, .flags = flags), NULL, &s->db);
}

int scene_open(scene *s, unsigned flags)
{
    static const int64_t seed = 3;
    int rc = s->mode == SCENE_OWN
                 ? varsdb_open(s->path, VARSDB_OPEN(.seed = &seed, .flags = flags, .timeout_ms = -1), &s->db)
                 : open_on_host(s, flags);
    if (rc == VARSDB_OK && s->db->chunk_bytes == SCENE_CHUNK)
        s->db->save_bytes = SCENE_CHUNK;
    return rc;
}

void scene_close(scene *s)
{
    varsdb_close(s->db);
    s->db = NULL;
    if (sqlite3_close(s->host) != SQLITE_OK)
        ck_abort_msg("the host cannot close");
    s->host = NULL;
}
