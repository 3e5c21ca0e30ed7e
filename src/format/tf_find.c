/*
 * tf_find.c - which index people mean: they name the prefix, a data shard, the folder,
 * the "checkpoint" file, or a saved model.
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <ctype.h>
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "../mem.h"
#include "tf_bundle.h"

#define STATE_NAME      "checkpoint"
#define STATE_KEY       "model_checkpoint_path"
#define STATE_BYTES_MAX (1u << 20)
#define SHARD_MIDDLE    ".data-"
#define GRAPH_SUFFIX    ".meta"

static size_t folder_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

static bool ends_in(const char *text, size_t bytes, const char *suffix)
{
    size_t suffix_bytes = strlen(suffix);
    return bytes > suffix_bytes && memcmp(text + bytes - suffix_bytes, suffix, suffix_bytes) == 0;
}

static mode_t kind_of_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* *out: the path's first bytes and the suffix, if there is such a file. */
static int try_with(vdb_error *e, const char *path, size_t bytes, const char *suffix, char **out)
{
    vdb_buf tried = {0};
    int rc = vdb_buf_append(&tried, path, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&tried, suffix);
    if (rc != VARSDB_OK)
        vdb_fail_nomem(e);
    else if (kind_of_file(tried.data) == S_IFREG)
        *out = vdb_buf_detach(&tried);
    vdb_buf_release(&tried);
    return rc;
}

/* ---- The state file ----------------------------------------------------- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_space(cursor *c)
{
    while (c->at < c->end && (isspace((unsigned char)*c->at) || *c->at == '#')) {
        if (*c->at == '#')
            while (c->at < c->end && *c->at != '\n')
                c->at++;
        else
            c->at++;
    }
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = memchr(digits, tolower((unsigned char)c), sizeof digits - 1);
    return found ? (int)(found - digits) : (int)sizeof digits;
}

/* Digits of a base, at most so many. */
static char take_digits(cursor *c, int base, int most)
{
    int value = 0;
    for (int i = 0; i < most && c->at < c->end && digit(*c->at) < base; i++)
        value = value * base + digit(*c->at++);
    return (char)value;
}

/* Behind the backslash. */
static char take_escape(cursor *c)
{
    static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
    if (c->at == c->end)
        return '\\';
    if (digit(*c->at) < 8)
        return take_digits(c, 8, 3);
    char letter = *c->at++;
    if (letter == 'x' || letter == 'X')
        return take_digits(c, 16, 2);
    const char *known = memchr(from, letter, sizeof from - 1);
    return known ? to[known - from] : letter;
}

/* The quote is next. */
static int take_string(cursor *c, vdb_buf *out)
{
    char quote = *c->at++;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && c->at < c->end && *c->at != quote) {
        char one = *c->at++;
        if (one == '\\')
            one = take_escape(c);
        rc = vdb_buf_append(out, &one, 1);
    }
    c->at += c->at < c->end;
    return rc;
}

/* The value of the key at the outermost level; what is unknown is passed over. */
static int parse_state(const char *text, size_t bytes, vdb_buf *out)
{
    cursor c = {text, text + bytes};
    vdb_buf other = {0};
    bool wanted = false;
    int depth = 0, rc = VARSDB_OK;
    for (skip_space(&c); c.at < c.end && rc == VARSDB_OK; skip_space(&c)) {
        const char *begin = c.at;
        if (*c.at == '"' || *c.at == '\'') {
            vdb_buf_reset(&other);
            rc = take_string(&c, wanted && !depth ? out : &other);
        } else if (isalnum((unsigned char)*c.at) || *c.at == '_') {
            while (c.at < c.end && (isalnum((unsigned char)*c.at) || *c.at == '_'))
                c.at++;
            size_t n = (size_t)(c.at - begin);
            wanted = n == sizeof STATE_KEY - 1 && memcmp(begin, STATE_KEY, n) == 0;
            if (wanted && !depth)
                vdb_buf_reset(out);
        } else {
            depth += *c.at == '{' || *c.at == '<';
            depth -= *c.at == '}' || *c.at == '>';
            c.at++;
        }
    }
    vdb_buf_release(&other);
    return rc;
}

static int read_state(vdb_error *e, const char *path, vdb_buf *out)
{
    vdb_input in;
    void *room = NULL;
    vdb_buf text = {0};
    int rc = vdb_input_open(e, path, &in);
    if (rc != VARSDB_OK)
        return rc;
    if (in.bytes > STATE_BYTES_MAX)
        rc = vdb_fail(e, VARSDB_FORMAT, "'%s' has %llu bytes, too many for the state of a checkpoint", path,
                      (unsigned long long)in.bytes);
    else if (vdb_buf_extend(&text, (size_t)in.bytes, &room) != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    else
        rc = vdb_input_read(e, &in, 0, room, (size_t)in.bytes);
    if (rc == VARSDB_OK && parse_state(text.data, text.size, out) != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    vdb_input_close(&in);
    vdb_buf_release(&text);
    return rc;
}

/* What it names lies beside it, wherever it lay when that was written. */
static int follow_state(vdb_error *e, const char *path, char **out)
{
    vdb_buf named = {0}, beside = {0};
    const char *name = NULL;
    int rc = read_state(e, path, &named);
    if (rc != VARSDB_OK || !named.size)
        goto out; /* it is another kind of file */
    name = named.data + folder_bytes(named.data);
    rc = vdb_buf_append(&beside, path, folder_bytes(path));
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(&beside, name);
    if (rc != VARSDB_OK)
        vdb_fail_nomem(e);
    else if (*name && strlen(named.data) == named.size)
        rc = try_with(e, beside.data, beside.size, VDB_TF_SUFFIX, out);
    if (rc == VARSDB_OK && !*out)
        rc = vdb_fail(e, VARSDB_CANTOPEN,
                      "'%s' names '%.200s', and no '%.200s" VDB_TF_SUFFIX
                      "' is beside it; name the checkpoint itself",
                      path, named.data, name);
out:
    vdb_buf_release(&named);
    vdb_buf_release(&beside);
    return rc;
}

/* ---- Folders ------------------------------------------------------------ */

/* The one index in it; *several when there are more. */
static int find_index(vdb_error *e, const char *folder, char **out, bool *several)
{
    vdb_buf path = {0};
    int rc = VARSDB_OK;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && rc == VARSDB_OK && !*several && (entry = readdir(d));) {
        if (!ends_in(entry->d_name, strlen(entry->d_name), VDB_TF_SUFFIX))
            continue;
        vdb_buf_reset(&path);
        if (vdb_buf_printf(&path, "%s/%s", folder, entry->d_name) != VARSDB_OK)
            rc = vdb_fail_nomem(e);
        else if (kind_of_file(path.data) == S_IFREG && *out)
            *several = true;
        else if (kind_of_file(path.data) == S_IFREG)
            *out = vdb_buf_detach(&path);
    }
    if (d)
        closedir(d);
    if (rc != VARSDB_OK || *several) {
        vdb_free(*out);
        *out = NULL;
    }
    vdb_buf_release(&path);
    return rc;
}

static int find_in_folder(vdb_error *e, const char *path, char **out)
{
    char *state = NULL;
    bool several = false;
    size_t bytes = strlen(path);
    while (bytes > 1 && path[bytes - 1] == '/')
        bytes--;
    int rc = try_with(e, path, bytes, "/" STATE_NAME, &state);
    if (rc == VARSDB_OK && state)
        rc = follow_state(e, state, out);
    if (rc == VARSDB_OK && !*out)
        rc = try_with(e, path, bytes, "/variables/variables" VDB_TF_SUFFIX, out);
    if (rc == VARSDB_OK && !*out)
        rc = find_index(e, path, out, &several);
    if (rc == VARSDB_OK && several)
        rc = vdb_fail(e, VARSDB_CANTOPEN, "'%s' holds several checkpoints; name one of them", path);
    vdb_free(state);
    return rc;
}

/* ---- Files -------------------------------------------------------------- */

/* Bytes of the prefix if it is the name of a shard, else 0. */
static size_t shard_prefix(const char *path)
{
    static const char of[] = "-of-";
    size_t bytes = strlen(path);
    const char *end = path + bytes;
    for (int part = 0; part < 2; part++) {
        const char *digits = end;
        while (digits > path && isdigit((unsigned char)digits[-1]))
            digits--;
        const char *before = part ? SHARD_MIDDLE : of;
        size_t n = strlen(before);
        if (end - digits < 5 || (size_t)(digits - path) <= n || memcmp(digits - n, before, n) != 0)
            return 0;
        end = digits - n;
    }
    return (size_t)(end - path);
}

static int find_beside(vdb_error *e, const char *path, char **out)
{
    const char *name = path + folder_bytes(path);
    size_t prefix = shard_prefix(path);
    if (strcmp(name, STATE_NAME) == 0 && kind_of_file(path) == S_IFREG) {
        int rc = follow_state(e, path, out);
        if (rc != VARSDB_OK || *out)
            return rc;
    }
    if (!prefix)
        return VARSDB_OK;
    int rc = try_with(e, path, prefix, VDB_TF_SUFFIX, out);
    if (rc == VARSDB_OK && !*out)
        rc = vdb_fail(e, VARSDB_CANTOPEN,
                      "'%s' is a data file of a TensorFlow checkpoint, and no '%.*s" VDB_TF_SUFFIX
                      "' is beside it",
                      path, (int)(prefix < 200 ? prefix : 200), path);
    return rc;
}

int vdb_tf_find(vdb_error *e, const char *path, char **out)
{
    size_t bytes = strlen(path);
    mode_t kind = kind_of_file(path);
    if (kind == S_IFDIR)
        return find_in_folder(e, path, out);
    if (kind == S_IFREG && !ends_in(path, bytes, GRAPH_SUFFIX))
        return find_beside(e, path, out);
    if (kind == S_IFREG)
        bytes -= sizeof GRAPH_SUFFIX - 1;
    else if (kind)
        return VARSDB_OK;
    return try_with(e, path, bytes, VDB_TF_SUFFIX, out);
}

#endif
