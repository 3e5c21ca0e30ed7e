/* every_format.h - a small file of each format that is read, with the same tensor x: int16 [3, 4096], whose
 * element i is every_element(i), beside what the format can have besides. */
#ifndef TEST_EVERY_FORMAT_H
#define TEST_EVERY_FORMAT_H

#include "format/crc32.h"
#include "format/tf_slice.h"
#include "npys.h"
#include "tf_files.h"
#include "torches.h"

#ifndef VARSDB_OMIT_ZLIB
#include <zlib.h>
#endif

#define EVERY_ROWS     3
#define EVERY_COLUMNS  4096
#define EVERY_ELEMENTS (EVERY_ROWS * EVERY_COLUMNS)
#define EVERY_BYTES    (2 * EVERY_ELEMENTS)

static inline uint16_t every_element(size_t i)
{
    return (uint16_t)(i * 5 + i / 251);
}

/* x in columns, or in rows; with the high byte first, or last. */
static inline const unsigned char *every_x(bool columns, bool big)
{
    static unsigned char data[EVERY_BYTES + 16]; /* and y: four int16, which are 0 */
    for (size_t at = 0; at < EVERY_ELEMENTS; at++) {
        size_t i = columns ? at % EVERY_ROWS * EVERY_COLUMNS + at / EVERY_ROWS : at;
        data[2 * at + big] = (unsigned char)every_element(i);
        data[2 * at + !big] = (unsigned char)(every_element(i) >> 8);
    }
    return data;
}

static inline void every_safetensors(const test_folder *f, const char *path)
{
    (void)f;
    safetensors_write(path,
                      "{\"__metadata__\":{\"format\":\"pt\",\"note\":\"n\\u00e9\"},"
                      "\"x\":{\"dtype\":\"I16\",\"shape\":[3,4096],\"data_offsets\":[0,24576]},"
                      "\"y\":{\"dtype\":\"I16\",\"shape\":[4],\"data_offsets\":[24576,24584]}}",
                      every_x(false, false), EVERY_BYTES + 8);
}

static inline void every_set(const test_folder *f, const char *path)
{
    static const char index[] =
        "{\"metadata\":{\"total_size\":24584},\"weight_map\":{\"x\":\"1.safetensors\","
        "\"y\":\"2.safetensors\"}}";
    char part[PATH_BYTES];
    safetensors_write(folder_path(f, "1.safetensors", part),
                      "{\"x\":{\"dtype\":\"I16\",\"shape\":[3,4096],\"data_offsets\":[0,24576]}}",
                      every_x(false, false), EVERY_BYTES);
    safetensors_write(folder_path(f, "2.safetensors", part),
                      "{\"__metadata__\":{\"a\":\"b\"},\"y\":{\"dtype\":\"I16\",\"shape\":[4],"
                      "\"data_offsets\":[0,8]}}",
                      every_x(false, false), 8);
    file_write(path, index, sizeof index - 1);
}

static inline void every_npy(const test_folder *f, const char *path)
{
    char header[NPY_HEADER_BYTES];
    (void)f;
    npy_write(path, 1, npy_header(">i2", true, "(3, 4096)", header), every_x(true, true), EVERY_BYTES);
}

static inline zip_piece every_array(const char *name, const char *descr, bool columns, bool big)
{
    char header[NPY_HEADER_BYTES];
    zip_piece p = {.name = name};
    p.data = npy_make(1, npy_header(descr, columns, "(3, 4096)", header), every_x(columns, big), EVERY_BYTES,
                      &p.data_bytes);
    p.crc = vdb_crc32(0, p.data, p.data_bytes);
    return p;
}

static inline void every_npz_of(const char *path, zip_piece pieces[2])
{
    zip_maker z;
    zip_make(&z, pieces, 2, "", false);
    file_write(path, z.data, z.bytes);
    free(z.data);
    free((void *)(uintptr_t)pieces[0].data);
    free((void *)(uintptr_t)pieces[1].data);
}

static inline void every_npz(const test_folder *f, const char *path)
{
    zip_piece pieces[] = {every_array("x.npy", "<i2", false, false), every_array("z.npy", ">i2", true, true)};
    (void)f;
    every_npz_of(path, pieces);
}

#ifndef VARSDB_OMIT_ZLIB
static inline void every_deflate(zip_piece *p)
{
    z_stream z = {0};
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, p->data_bytes);
    unsigned char *packed = malloc(room);
    ck_assert_ptr_nonnull(packed);
    z.next_in = (unsigned char *)(uintptr_t)p->data;
    z.avail_in = (uInt)p->data_bytes;
    z.next_out = packed;
    z.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    p->bytes = (uint32_t)p->data_bytes;
    free((void *)(uintptr_t)p->data);
    p->data = packed;
    p->data_bytes = z.total_out;
    p->method = 8;
    deflateEnd(&z);
}

static inline void every_deflated(const test_folder *f, const char *path)
{
    zip_piece pieces[] = {every_array("x.npy", "<i2", false, false),
                          every_array("z.npy", "<i2", true, false)};
    (void)f;
    every_deflate(&pieces[0]);
    every_deflate(&pieces[1]);
    every_npz_of(path, pieces);
}
#endif

/* x lies in columns, and y is a part of it. */
static inline void every_torch_pickle(zip_maker *pickle)
{
    const torch_view views[] = {{.name = "x",
                                 .type = "ShortStorage",
                                 .items = EVERY_ELEMENTS,
                                 .rank = 2,
                                 .dims = {EVERY_ROWS, EVERY_COLUMNS},
                                 .strides = {1, EVERY_ROWS}},
                                {.name = "y",
                                 .type = "ShortStorage",
                                 .items = EVERY_ELEMENTS,
                                 .offset = 2,
                                 .rank = 1,
                                 .dims = {4},
                                 .strides = {3},
                                 .parameter = true}};
    torch_pickle(pickle, views, 2, NULL);
}

static inline void every_torch(const test_folder *f, const char *path)
{
    zip_maker pickle = {0};
    (void)f;
    every_torch_pickle(&pickle);
    torch_archive(path, &pickle, every_x(true, false), EVERY_BYTES, "little");
    free(pickle.data);
}

static inline void every_old_torch(const test_folder *f, const char *path)
{
    zip_maker pickle = {0};
    (void)f;
    every_torch_pickle(&pickle);
    torch_legacy(path, &pickle, every_x(true, false), EVERY_ELEMENTS, EVERY_BYTES);
    free(pickle.data);
}

static inline void every_gguf_text(zip_maker *m, const char *text)
{
    zip_number(m, strlen(text), 8);
    zip_put(m, text, strlen(text));
}

static inline void every_gguf(const test_folder *f, const char *path)
{
    zip_maker m = {0};
    (void)f;
    zip_put(&m, "GGUF", 4);
    zip_number(&m, 3, 4);
    zip_number(&m, 2, 8); /* tensors */
    zip_number(&m, 1, 8); /* pairs */
    every_gguf_text(&m, "general.name");
    zip_number(&m, 8, 4); /* a text */
    every_gguf_text(&m, "every");
    every_gguf_text(&m, "x");
    zip_number(&m, 2, 4); /* dimensions, the innermost first */
    zip_number(&m, EVERY_COLUMNS, 8);
    zip_number(&m, EVERY_ROWS, 8);
    zip_number(&m, 25, 4); /* int16 */
    zip_number(&m, 0, 8);
    every_gguf_text(&m, "y");
    zip_number(&m, 1, 4);
    zip_number(&m, 4, 8);
    zip_number(&m, 25, 4);
    zip_number(&m, EVERY_BYTES, 8);
    while (m.bytes % 32)
        zip_number(&m, 0, 1);
    zip_put(&m, every_x(false, false), EVERY_BYTES + 8);
    file_write(path, m.data, m.bytes);
    free(m.data);
}

/* vdb_tensor_source_cb */
static inline int every_bytes(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    static const char texts[] = "\1\0\0\0\0\0\0\0a\3\0\0\0\0\0\0\0bcd";
    (void)payload;
    memcpy(buffer, (tag == 2 ? (const char *)texts : (const char *)every_x(false, false)) + offset, bytes);
    return VARSDB_OK;
}

/* Two shards, and strings. */
static inline void every_tensorflow(const test_folder *f, const char *path)
{
    const int64_t x[] = {EVERY_ROWS, EVERY_COLUMNS}, y[] = {4}, s[] = {2};
    vdb_error e;
    vdb_output_tensor tensors[] = {{"x", VARSDB_INT16, {2, x}, EVERY_BYTES, 0, NULL},
                                   {"y", VARSDB_INT16, {1, y}, 8, 1, NULL},
                                   {"s", VARSDB_STRING, {1, s}, 20, 2, NULL}};
    const vdb_writing w = {
        .path = path, .tensors = tensors, .count = 3, .source = every_bytes, .max_shard_bytes = EVERY_BYTES};
    (void)f;
    ck_assert_msg(vdb_format_tensorflow.write(&e, &w) == VARSDB_OK, "%s", e.text);
}

/* x in two slices of rows. */
static inline void every_sliced(const test_folder *f, const char *path)
{
    static const char extents[] = "\x3a\x08\x0a\4\x08\0\x10\1\x0a\0\x3a\x08\x0a\4\x08\1\x10\2\x0a\0";
    const vdb_tf_extent slices[2][2] = {{{0, 1}, {0, VDB_TF_SLICE_ALL}}, {{1, 2}, {0, VDB_TF_SLICE_ALL}}};
    const int64_t all[] = {EVERY_ROWS, EVERY_COLUMNS}, dims[2][2] = {{1, EVERY_COLUMNS}, {2, EVERY_COLUMNS}};
    const unsigned char *data = every_x(false, false);
    const vdb_tf_entry whole = {.dtype = 5};
    const varsdb_shape shape = {2, all};
    vdb_buf key[2] = {{0}}, value[3] = {{0}};
    char shard[PATH_BYTES];
    for (int i = 0; i < 2; i++) {
        vdb_tf_slice_key(&key[i], "x", 1, 2, slices[i]);
        tf_print_entry(&value[i], 5, (varsdb_shape){2, dims[i]}, i * 2 * EVERY_COLUMNS, data,
                       (size_t)(i + 1) * 2 * EVERY_COLUMNS);
    }
    vdb_tf_write_entry(&value[2], &whole, &shape);
    vdb_buf_append(&value[2], extents, sizeof extents - 1);
    const tf_item items[] = {{"", 0, TF_HEADER, sizeof TF_HEADER - 1},
                             {key[0].data, key[0].size, value[0].data, value[0].size},
                             {key[1].data, key[1].size, value[1].data, value[1].size},
                             {"x", 1, value[2].data, value[2].size}};
    tf_write_items(path, items, 4, 64);
    file_write(folder_path(f, "m.data-00000-of-00001", shard), data, EVERY_BYTES);
    for (int i = 0; i < 3; i++)
        vdb_buf_release(&value[i]);
    vdb_buf_release(&key[0]);
    vdb_buf_release(&key[1]);
}

static const struct {
    const char *name, *file;
    void (*make)(const test_folder *f, const char *path);
} every_format[] = {
    {"safetensors", "m.safetensors", every_safetensors},
    {"set", "m.safetensors.index.json", every_set},
    {"npy", "x.npy", every_npy},
    {"npz", "m.npz", every_npz},
#ifndef VARSDB_OMIT_ZLIB
    {"deflated npz", "m.npz", every_deflated},
#endif
    {"pytorch", "m.pt", every_torch},
    {"old pytorch", "m.pt", every_old_torch},
    {"gguf", "m.gguf", every_gguf},
    {"tensorflow", "m.index", every_tensorflow},
    {"sliced tensorflow", "m.index", every_sliced},
};
#define EVERY_FORMATS ((int)(sizeof every_format / sizeof *every_format))

#endif
