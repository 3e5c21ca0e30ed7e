/*
 * planted.c - one fault in each function, which the analyzers must find, and one that is none.
 *
 * If they are all silent about src/ and cli/ because of an option, or of what analysis.h says, they are
 * silent here too.
 */
#include <stdint.h>

int used_after_free(void);
int used_after_free(void)
{
    int *p = vdb_calloc(1, sizeof *p);
    if (!p)
        return 0;
    vdb_free(p);
    return *p;
}

void freed_twice(void);
void freed_twice(void)
{
    char *p = vdb_strdup("p");
    vdb_free(p);
    vdb_free(p);
}

int out_of_memory(void);
int out_of_memory(void)
{
    int *p = vdb_calloc(1, sizeof *p);
    int n = *p;
    vdb_free(p);
    return n;
}

int64_t widened_too_late(int a, int b);
int64_t widened_too_late(int a, int b)
{
    return a * b;
}

int not_there(vdb_error *e, const int *p);
int not_there(vdb_error *e, const int *p)
{
    if (!p)
        vdb_fail(e, VARSDB_INVALID, "it is not there");
    return *p;
}

/* Who fails does not answer OK: what is not there is not looked at. */
static int find(vdb_error *e, const int *p, const int **out)
{
    if (!p)
        return vdb_fail(e, VARSDB_NOTFOUND, "it is not there");
    *out = p;
    return VARSDB_OK;
}

int no_fault(vdb_error *e, const int *p);
int no_fault(vdb_error *e, const int *p)
{
    const int *found = NULL;
    int rc = find(e, p, &found);
    return rc == VARSDB_OK ? *found : rc;
}
