/* tf_case.h - a test of one checkpoint made by hand, p.index with one shard: it is opened, or refused.  Each
 * file that includes this has its own. */
#ifndef TEST_TF_CASE_H
#define TEST_TF_CASE_H

#include "tf_files.h"

static test_folder folder;
static char path[PATH_BYTES], shard[PATH_BYTES];
static varsdb_reader *reader;

static inline void tf_case_open(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "p.index", path);
    folder_path(&folder, "p.data-00000-of-00001", shard);
    reader = NULL;
}

static inline void tf_case_close(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static inline int open_it(const char *named)
{
    varsdb_close_reader(reader);
    return varsdb_open_reader(named, &reader);
}

static inline void check_says(const char *said)
{
    ck_assert_msg(strstr(varsdb_reader_errmsg(reader), said) != NULL, "'%s' is not in: %s", said,
                  varsdb_reader_errmsg(reader));
}

static inline void check_refused(int code, const char *said)
{
    int rc = open_it(path);
    ck_assert_msg(rc == code, "%d: %s", rc, varsdb_reader_errmsg(reader));
    check_says(said);
}

#endif
