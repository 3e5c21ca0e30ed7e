/* npz_member.c - the bytes of a zip archive's member; see npz.h. */
#ifndef VARSDB_OMIT_NUMPY

#include <string.h>

#include "../mem.h"
#include "crc32.h"
#include "npz.h"

/* What deflate cannot do better than: a bit for 258 bytes, twice, and a little to begin with. */
#define RATIO_MAX   1032u
#define RATIO_BEGIN 64u

/* A stored member is read through from its begin to here, since its checksum wants the header. */
#define NEAR_BYTES (VDB_NPY_PREFIX_BYTES + VDB_NPY_HEADER_MAX)

const char *vdb_npz_why_unread(const vdb_zip_member *m)
{
    switch (m->method) {
    case VDB_ZIP_STORED:
        return NULL;
    case VDB_ZIP_DEFLATED:
#ifdef VARSDB_OMIT_ZLIB
        return "is deflated, and this varsdb was built without zlib";
#else
        return NULL;
#endif
    default:
        return "is compressed in a way that is not read";
    }
}

int vdb_npz_check_size(vdb_error *e, const vdb_zip_member *m)
{
    if (m->method != VDB_ZIP_STORED && m->bytes > RATIO_BEGIN &&
        (m->bytes - RATIO_BEGIN) / RATIO_MAX > m->stored_bytes)
        return vdb_fail(e, VARSDB_FORMAT,
                        "it is said to have %llu bytes, which %llu deflated ones cannot become",
                        (unsigned long long)m->bytes, (unsigned long long)m->stored_bytes);
    return VARSDB_OK;
}

/* ---- Inflating ---------------------------------------------------------- */

#ifndef VARSDB_OMIT_ZLIB

static int fail_sizes(vdb_error *e, const char *which)
{
    return vdb_fail(e, VARSDB_FORMAT, "what is deflated is %s than the zip archive says", which);
}

static void *take_memory(void *opaque, uInt count, uInt bytes)
{
    (void)opaque;
    return vdb_calloc(count, bytes);
}

static void give_memory(void *opaque, void *p)
{
    (void)opaque;
    vdb_free(p);
}

static int begin_inflating(vdb_error *e, vdb_npz_stream *s)
{
    int rc;
    if (s->inflates) {
        rc = inflateReset(&s->inflater);
    } else {
        s->inflater = (z_stream){.zalloc = take_memory, .zfree = give_memory};
        rc = inflateInit2(&s->inflater, -MAX_WBITS);
        s->inflates = rc == Z_OK;
    }
    s->inflater.avail_in = 0;
    s->taken = 0;
    s->ended = false;
    return rc == Z_OK ? VARSDB_OK : vdb_fail_nomem(e);
}

static int refill(vdb_error *e, vdb_npz_stream *s)
{
    uint64_t left = s->member->stored_bytes - s->taken;
    size_t bytes = left < sizeof s->packed ? (size_t)left : sizeof s->packed;
    int rc = vdb_input_read(e, s->in, s->member->offset + s->taken, s->packed, bytes);
    if (rc != VARSDB_OK)
        return rc;
    s->inflater.next_in = s->packed;
    s->inflater.avail_in = (uInt)bytes;
    s->taken += bytes;
    return VARSDB_OK;
}

/* As many bytes as there are, at most so many; fewer only at the end. */
static int inflate_some(vdb_error *e, vdb_npz_stream *s, unsigned char *out, size_t bytes, size_t *got)
{
    s->inflater.next_out = out;
    s->inflater.avail_out = (uInt)bytes;
    while (s->inflater.avail_out && !s->ended) {
        if (!s->inflater.avail_in && s->taken < s->member->stored_bytes) {
            int rc = refill(e, s);
            if (rc != VARSDB_OK)
                return rc;
        }
        int rc = inflate(&s->inflater, Z_NO_FLUSH);
        if (rc == Z_MEM_ERROR)
            return vdb_fail_nomem(e);
        if (rc == Z_BUF_ERROR)
            return fail_sizes(e, "shorter");
        if (rc != Z_OK && rc != Z_STREAM_END)
            return vdb_fail(e, VARSDB_FORMAT, "what is deflated is damaged%s%s", s->inflater.msg ? ": " : "",
                            s->inflater.msg ? s->inflater.msg : "");
        s->ended = rc == Z_STREAM_END;
    }
    *got = bytes - s->inflater.avail_out;
    return VARSDB_OK;
}

static int inflate_exactly(vdb_error *e, vdb_npz_stream *s, unsigned char *out, size_t bytes)
{
    const size_t most = (size_t)VDB_NPZ_PIECE_BYTES * 16;
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        size_t some = bytes < most ? bytes : most, got = 0;
        rc = inflate_some(e, s, out, some, &got);
        if (rc == VARSDB_OK && got < some)
            rc = fail_sizes(e, "shorter");
        out += got;
        bytes -= got;
    }
    return rc;
}

/* After the last byte comes the end of what is deflated, and nothing after it. */
static int end_inflating(vdb_error *e, vdb_npz_stream *s)
{
    unsigned char more;
    size_t got = 0;
    int rc = inflate_some(e, s, &more, 1, &got);
    if (rc == VARSDB_OK && (got || s->inflater.avail_in || s->taken < s->member->stored_bytes))
        rc = fail_sizes(e, "longer");
    return rc;
}

#else

/* Such a member is never read. */
static int begin_inflating(vdb_error *e, vdb_npz_stream *s)
{
    (void)s;
    return vdb_fail(e, VARSDB_UNSUPPORTED, "this varsdb was built without zlib");
}

static int inflate_exactly(vdb_error *e, vdb_npz_stream *s, unsigned char *out, size_t bytes)
{
    (void)out;
    (void)bytes;
    return begin_inflating(e, s);
}

static int end_inflating(vdb_error *e, vdb_npz_stream *s)
{
    return begin_inflating(e, s);
}

#endif

/* ---- Reading ------------------------------------------------------------ */

static bool is_deflated(const vdb_npz_stream *s)
{
    return s->member->method == VDB_ZIP_DEFLATED;
}

static int begin(vdb_error *e, vdb_npz_stream *s, const vdb_zip_member *m)
{
    s->member = m;
    s->next = 0;
    s->whole = true;
    s->crc = 0;
    int rc = is_deflated(s) ? begin_inflating(e, s) : VARSDB_OK;
    if (rc != VARSDB_OK)
        s->member = NULL;
    return rc;
}

static int end(vdb_error *e, vdb_npz_stream *s)
{
    int rc = is_deflated(s) ? end_inflating(e, s) : VARSDB_OK;
    if (rc == VARSDB_OK && s->crc != s->member->crc)
        rc = vdb_fail(e, VARSDB_FORMAT,
                      "its checksum is %08x, and the zip archive says %08x; the file is damaged", s->crc,
                      s->member->crc);
    if (rc == VARSDB_OK)
        s->verified = s->member;
    return rc;
}

/* The next bytes. */
static int proceed(vdb_error *e, vdb_npz_stream *s, unsigned char *out, size_t bytes)
{
    int rc = is_deflated(s) ? inflate_exactly(e, s, out, bytes)
                            : vdb_input_read(e, s->in, s->member->offset + s->next, out, bytes);
    if (rc == VARSDB_OK) {
        s->next += bytes;
        if (s->whole)
            s->crc = vdb_crc32(s->crc, out, bytes);
        if (s->whole && s->next == s->member->bytes)
            rc = end(e, s);
    }
    if (rc != VARSDB_OK)
        s->member = NULL;
    return rc;
}

static int pass(vdb_error *e, vdb_npz_stream *s, uint64_t to)
{
    int rc = VARSDB_OK;
    while (s->next < to && rc == VARSDB_OK) {
        uint64_t left = to - s->next;
        rc = proceed(e, s, s->passed, left < sizeof s->passed ? (size_t)left : sizeof s->passed);
    }
    return rc;
}

int vdb_npz_read_member(vdb_error *e, vdb_npz_stream *s, const vdb_zip_member *m, uint64_t offset,
                        void *buffer, size_t bytes)
{
    int rc = VARSDB_OK;
    if (!bytes)
        return rc;
    if (s->member != m || offset < s->next)
        rc = begin(e, s, m);
    if (rc == VARSDB_OK && !is_deflated(s) && offset > s->next && (s->next || offset > NEAR_BYTES)) {
        s->whole = false;
        s->next = offset;
    }
    if (rc == VARSDB_OK)
        rc = pass(e, s, offset);
    return rc == VARSDB_OK ? proceed(e, s, buffer, bytes) : rc;
}

int vdb_npz_verify_member(vdb_error *e, vdb_npz_stream *s, const vdb_zip_member *m)
{
    int rc = s->verified == m ? VARSDB_OK : begin(e, s, m);
    return rc == VARSDB_OK && s->verified != m ? pass(e, s, m->bytes) : rc;
}

void vdb_npz_stream_release(vdb_npz_stream *s)
{
#ifndef VARSDB_OMIT_ZLIB
    if (s->inflates)
        inflateEnd(&s->inflater);
    s->inflates = false;
#endif
    s->member = NULL;
}

#endif
