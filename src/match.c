/* match.c - see match.h. */
#include "match.h"

#define SHOWN "'%.200s'"

#ifndef VARSDB_OMIT_REGEX

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "mem.h"

#define PATTERN_BYTES_MAX 65536u
#define STEPS_MAX         10000000u /* of matching, for one text */
#define START_STEPS_MAX   1000000u  /* from one place in it */
#define START_STEPS_LEAST 1000u
#define DEPTH_MAX         100000u
#define HEAP_KIB_MAX      32768u
#define RESULT_BYTES_MAX  ((size_t)16 << 20) /* of a replacement */
#define REASON_BYTES      256

struct vdb_match {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_code *code;
    pcre2_match_data *found;
    char *pattern; /* for messages */
};

static void *allocate(PCRE2_SIZE bytes, void *unused)
{
    (void)unused;
    return vdb_malloc(bytes);
}

static void release(void *p, void *unused)
{
    (void)unused;
    vdb_free(p);
}

static void reason_of(int code, char reason[REASON_BYTES])
{
    reason[0] = '\0';
    pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, REASON_BYTES);
}

static int compile(vdb_error *e, vdb_match *m)
{
    pcre2_compile_context *context = pcre2_compile_context_create(m->memory);
    if (!context)
        return vdb_fail_nomem(e);
    int code;
    char reason[REASON_BYTES];
    PCRE2_SIZE at;
    pcre2_set_max_pattern_length(context, PATTERN_BYTES_MAX);
    m->code = pcre2_compile((PCRE2_SPTR)m->pattern, PCRE2_ZERO_TERMINATED,
                            PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, context);
    pcre2_compile_context_free(context);
    if (m->code)
        return VARSDB_OK;
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return vdb_fail_nomem(e);
    reason_of(code, reason);
    return vdb_fail(e, VARSDB_INVALID, "the regular expression " SHOWN " is not valid at byte %zu: %s",
                    m->pattern, (size_t)at, reason);
}

static int prepare(vdb_error *e, const char *pattern, vdb_match *m)
{
    m->pattern = vdb_strdup(pattern);
    m->memory = pcre2_general_context_create(allocate, release, NULL);
    if (!m->pattern || !m->memory)
        return vdb_fail_nomem(e);
    int rc = compile(e, m);
    if (rc != VARSDB_OK)
        return rc;
    m->found = pcre2_match_data_create_from_pattern(m->code, m->memory);
    m->limits = pcre2_match_context_create(m->memory);
    if (!m->found || !m->limits)
        return vdb_fail_nomem(e);
    pcre2_set_depth_limit(m->limits, DEPTH_MAX);
    pcre2_set_heap_limit(m->limits, HEAP_KIB_MAX);
    return VARSDB_OK;
}

int vdb_match_new(vdb_error *e, const char *pattern, vdb_match **out)
{
    vdb_match *m = vdb_calloc(1, sizeof *m);
    if (!m)
        return vdb_fail_nomem(e);
    int rc = prepare(e, pattern, m);
    if (rc == VARSDB_OK)
        *out = m;
    else
        vdb_match_free(m);
    return rc;
}

void vdb_match_free(vdb_match *m)
{
    if (!m)
        return;
    pcre2_match_data_free(m->found);
    pcre2_match_context_free(m->limits);
    pcre2_code_free(m->code);
    pcre2_general_context_free(m->memory);
    vdb_free(m->pattern);
    vdb_free(m);
}

static int fail(const vdb_match *m, vdb_error *e, int code, const char *text, size_t bytes)
{
    char reason[REASON_BYTES];
    int shown = bytes < 200 ? (int)bytes : 200;
    if (code == PCRE2_ERROR_NOMEMORY)
        return vdb_fail_nomem(e);
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_HEAPLIMIT)
        return vdb_fail(e, VARSDB_INVALID,
                        "the regular expression " SHOWN " takes too long on '%.*s'; make it simpler",
                        m->pattern, shown, text);
    reason_of(code, reason);
    return vdb_fail(e, VARSDB_INVALID, "the regular expression " SHOWN " cannot be used on '%.*s': %s",
                    m->pattern, shown, text, reason);
}

/* PCRE2 counts steps anew at every place where a match may begin, so that the longer a text is, the
 * fewer they may be; one pass over it and back is always among them. */
static void limit_steps(vdb_match *m, size_t bytes)
{
    size_t share = STEPS_MAX / (bytes + 1), pass = 2 * bytes + START_STEPS_LEAST;
    size_t steps = share > pass ? share : pass;
    pcre2_set_match_limit(m->limits, steps < START_STEPS_MAX ? (uint32_t)steps : START_STEPS_MAX);
}

int vdb_match_find(vdb_match *m, vdb_error *e, const char *text, size_t bytes, bool *out)
{
    limit_steps(m, bytes);
    int code = pcre2_match(m->code, (PCRE2_SPTR)text, bytes, 0, 0, m->found, m->limits);
    if (code < 0 && code != PCRE2_ERROR_NOMATCH)
        return fail(m, e, code, text, bytes);
    *out = code >= 0;
    return VARSDB_OK;
}

static int substitute(vdb_match *m, const char *text, size_t bytes, const char *replacement, char *result,
                      PCRE2_SIZE *result_bytes)
{
    const uint32_t options =
        PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH;
    return pcre2_substitute(m->code, (PCRE2_SPTR)text, bytes, 0, options, m->found, m->limits,
                            (PCRE2_SPTR)replacement, PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)result,
                            result_bytes);
}

/* Into out, which is empty, growing it once if the first guess was too small. */
static int replace_into(vdb_match *m, const char *text, size_t bytes, const char *replacement, vdb_buf *out,
                        int *code)
{
    size_t room = bytes < RESULT_BYTES_MAX / 2 ? bytes * 2 + 64 : RESULT_BYTES_MAX;
    for (int attempt = 0;; attempt++) {
        void *result;
        PCRE2_SIZE result_bytes = room;
        vdb_buf_reset(out);
        if (vdb_buf_extend(out, room, &result) != VARSDB_OK)
            return VARSDB_NOMEM;
        *code = substitute(m, text, bytes, replacement, result, &result_bytes);
        bool too_small = *code == PCRE2_ERROR_NOMEMORY && result_bytes > room && result_bytes != PCRE2_UNSET;
        if (!too_small || attempt || result_bytes > RESULT_BYTES_MAX) {
            out->size = *code > 0 ? result_bytes : 0;
            out->data[out->size] = '\0';
            return too_small ? VARSDB_INVALID : VARSDB_OK;
        }
        room = result_bytes;
    }
}

int vdb_match_replace(vdb_match *m, vdb_error *e, const char *text, size_t bytes, const char *replacement,
                      vdb_buf *out, bool *changed)
{
    int code = 0;
    limit_steps(m, bytes);
    int rc = replace_into(m, text, bytes, replacement, out, &code);
    if (rc == VARSDB_NOMEM)
        return vdb_fail_nomem(e);
    if (rc == VARSDB_INVALID)
        return vdb_fail(e, VARSDB_INVALID, "the replacement " SHOWN " makes too long a text", replacement);
    if (code < 0) {
        rc = fail(m, e, code, text, bytes);
        return rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, "the replacement " SHOWN, replacement);
    }
    *changed = code > 0;
    return VARSDB_OK;
}

#else /* VARSDB_OMIT_REGEX: there never is a vdb_match */

int vdb_match_new(vdb_error *e, const char *pattern, vdb_match **out)
{
    (void)out;
    return vdb_fail(e, VARSDB_UNSUPPORTED,
                    "the regular expression " SHOWN " cannot be used: this varsdb was built without PCRE2; "
                    "build it without VARSDB_OMIT_REGEX, or varsdb.c with VARSDB_WITH_REGEX",
                    pattern);
}

void vdb_match_free(vdb_match *m)
{
    (void)m;
}

int vdb_match_find(vdb_match *m, vdb_error *e, const char *text, size_t bytes, bool *out)
{
    (void)m, (void)bytes, (void)out;
    return vdb_match_new(e, text, NULL);
}

int vdb_match_replace(vdb_match *m, vdb_error *e, const char *text, size_t bytes, const char *replacement,
                      vdb_buf *out, bool *changed)
{
    (void)m, (void)bytes, (void)replacement, (void)out, (void)changed;
    return vdb_match_new(e, text, NULL);
}

#endif
