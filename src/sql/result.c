/* result.c - see result.h. */
#include "result.h"

#include "name.h"

/* Reads as the tensor is: little-endian, unaligned. */
#define ELEMENT(type) \
    type x;           \
    memcpy(&x, (const char *)data + i * sizeof x, sizeof x)

static void result_unsigned(sqlite3_context *context, uint64_t x)
{
    if (x <= INT64_MAX)
        sqlite3_result_int64(context, (int64_t)x);
    else
        sqlite3_result_double(context, (double)x);
}

#define INTEGER(dtype, type)              \
    case dtype: {                         \
        ELEMENT(type);                    \
        sqlite3_result_int64(context, x); \
        return;                           \
    }

void vdb_result_element(sqlite3_context *context, varsdb_dtype dtype, const void *data, size_t i)
{
    double other = 0;
    switch (dtype) {
        INTEGER(VARSDB_BOOL, uint8_t)
        INTEGER(VARSDB_UINT8, uint8_t)
        INTEGER(VARSDB_UINT16, uint16_t)
        INTEGER(VARSDB_UINT32, uint32_t)
        INTEGER(VARSDB_INT8, int8_t)
        INTEGER(VARSDB_INT16, int16_t)
        INTEGER(VARSDB_INT32, int32_t)
        INTEGER(VARSDB_INT64, int64_t)
    case VARSDB_UINT64: {
        ELEMENT(uint64_t);
        result_unsigned(context, x);
        return;
    }
    case VARSDB_FLOAT32: {
        ELEMENT(float);
        sqlite3_result_double(context, (double)x);
        return;
    }
    case VARSDB_FLOAT64: {
        ELEMENT(double);
        sqlite3_result_double(context, x);
        return;
    }
    default:
        varsdb_element_real(dtype, data, i, &other);
        sqlite3_result_double(context, other);
    }
}

void vdb_result_string(sqlite3_context *context, const char *string, size_t bytes)
{
    if (vdb_utf8_valid(string, bytes))
        sqlite3_result_text64(context, string, bytes, SQLITE_TRANSIENT, SQLITE_UTF8);
    else
        sqlite3_result_blob64(context, string, bytes, SQLITE_TRANSIENT);
}

int vdb_result_of_stored(sqlite3_context *context, vdb_stored *s, vdb_error *e, int64_t i)
{
    const char *string;
    size_t bytes;
    int rc = VARSDB_OK;
    if (s->dtype == VARSDB_STRING) {
        rc = vdb_stored_string(s, e, i, &string, &bytes);
        if (rc == VARSDB_OK)
            vdb_result_string(context, string, bytes);
        return rc;
    }
    if (i < s->first || i - s->first >= s->count)
        rc = vdb_stored_load(s, e, i);
    if (rc == VARSDB_OK)
        vdb_result_element(context, s->dtype, s->window, (size_t)(i - s->first));
    return rc;
}
