/*
 * client.h - an SQL client: a connection to a registry's file, with our functions on it.
 */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "registry.h"
#include "varsdb_sql.h"

static registry r;
static sqlite3 *client;

static inline sqlite3 *client_connect(const char *path, int flags)
{
    sqlite3 *out;
    ck_assert_int_eq(sqlite3_open_v2(path, &out, flags, NULL), SQLITE_OK);
    sqlite3_extended_result_codes(out, 1);
    sqlite3_busy_timeout(out, 5000);
    ck_assert_int_eq(sqlite3_varsdb_init(out, NULL, NULL), SQLITE_OK);
    return out;
}

static inline void client_open(void)
{
    registry_open(&r);
    client = client_connect(r.path, SQLITE_OPEN_READWRITE);
}

static inline void client_close(void)
{
    ck_assert_int_eq(sqlite3_close(client), SQLITE_OK);
    registry_close(&r);
}

/* As SQLite prints it, but without memory of its own, which a test may have taken away. */
static inline char *client_print(sqlite3_stmt *s, int i, char *at, char *end)
{
    int room = (int)(end - at);
    const unsigned char *blob;
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL:
        return at + snprintf(at, (size_t)room, "-");
    case SQLITE_INTEGER:
        return at + snprintf(at, (size_t)room, "%lld", (long long)sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
        sqlite3_snprintf(room, at, "%!.15g", sqlite3_column_double(s, i));
        return at + strlen(at);
    case SQLITE_BLOB:
        blob = sqlite3_column_blob(s, i);
        for (int k = 0; k < sqlite3_column_bytes(s, i) && at < end; k++)
            at += snprintf(at, (size_t)(end - at), "%02x", blob[k]);
        return at;
    default:
        sqlite3_snprintf(room, at, "%s", sqlite3_column_text(s, i));
        return at + strlen(at);
    }
}

/* All that a query yields: columns by "|", rows by ";", NULL as "-", blobs in hex.  Or "CODE: message".
 * Valid until four more calls. */
static inline const char *asked(sqlite3 *on, const char *sql)
{
    static char texts[4][8192];
    static unsigned turn;
    char *out = texts[turn++ % 4], *at = out, *end = out + sizeof texts[0] - 64;
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(on, sql, -1, &s, NULL);
    *out = '\0';
    while (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s) && at < end; i++) {
            at += snprintf(at, (size_t)(end - at), "%s", i ? "|" : at > out ? ";" : "");
            at = client_print(s, i, at, end);
        }
        code = SQLITE_OK;
    }
    if (code != SQLITE_DONE)
        snprintf(out, sizeof texts[0], "%d: %s", sqlite3_extended_errcode(on), sqlite3_errmsg(on));
    sqlite3_finalize(s);
    return out;
}

static inline void check_query(const char *file, int line, sqlite3 *on, const char *sql, const char *expected)
{
    const char *is = asked(on, sql);
    if (strcmp(is, expected) != 0)
        ck_abort_msg("%s:%d: %s\ngives %s\nnot   %s", file, line, sql, is, expected);
}

/* It fails with that code, and with a message that has the text. */
static inline void check_refusal(const char *file, int line, sqlite3 *on, const char *sql, int code,
                                 const char *text)
{
    char begin[32];
    const char *is = asked(on, sql);
    snprintf(begin, sizeof begin, "%d: ", code);
    if (strncmp(is, begin, strlen(begin)) != 0 || !strstr(is, text))
        ck_abort_msg("%s:%d: %s\ngives %s\nnot   %s...%s", file, line, sql, is, begin, text);
}

#define query(sql, expected)        check_query(__FILE__, __LINE__, client, sql, expected)
#define refused(sql, code, text)    check_refusal(__FILE__, __LINE__, client, sql, code, text)
#define query_on(on, sql, expected) check_query(__FILE__, __LINE__, on, sql, expected)

static inline void run(sqlite3 *on, const char *sql)
{
    ck_assert_msg(sqlite3_exec(on, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(on));
}

#endif
