/* expected.h - what is expected of the real files: EXPECT.tsv has a line for each, its path (of a checkpoint:
 * its prefix), a tab, "accept", "refuse" or "partial", a tab, and why. */
#ifndef TEST_EXPECTED_H
#define TEST_EXPECTED_H

#include "tensor_files.h"

typedef enum expectation {
    EXPECT_REFUSE,
    EXPECT_ACCEPT,
    EXPECT_PARTIAL /* listed, and taken when what no registry can have is left out */
} expectation;

static inline expectation expected_word(const char *line, const char *tab)
{
    static const char *const words[] = {"refuse", "accept", "partial"};
    for (int i = 0; i < 3; i++) {
        size_t bytes = strlen(words[i]);
        if (strncmp(tab + 1, words[i], bytes) == 0 && (tab[1 + bytes] == '\t' || tab[1 + bytes] == '\n'))
            return (expectation)i;
    }
    ck_abort_msg("EXPECT.tsv: %s", line);
}

/* Calls `each` for the lines whose path begins with `kind`, and returns how many there are; without the real
 * files, which is said, 0. A line that is not understood fails the test. */
static inline int expected_each(const char *kind, void (*each)(const char *path, expectation what))
{
    char root[PATH_BYTES], path[PATH_BYTES * 2], line[PATH_BYTES];
    int count = 0;
    if (!fixtures_folder(kind, root))
        return 0;
    root[strlen(root) - strlen(kind)] = '\0'; /* which ends in a slash, or is none */
    snprintf(path, sizeof path, "%sEXPECT.tsv", root);
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s is not there", path);
    while (fgets(line, sizeof line, f)) {
        char *tab = strchr(line, '\t');
        if (*line == '#')
            continue;
        ck_assert_msg(tab && strchr(line, '\n'), "EXPECT.tsv: %s", line);
        expectation what = expected_word(line, tab);
        *tab = '\0';
        if (strncmp(line, kind, strlen(kind)) != 0)
            continue;
        snprintf(path, sizeof path, "%s%s", root, line);
        each(path, what);
        count++;
    }
    fclose(f);
    return count;
}

#endif
