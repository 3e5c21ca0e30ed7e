/* small_files.c - see small_files.h. */
#include <stdbool.h>

#include "format/crc32.h"
#include "format/tf_slice.h"
#include "npys.h"
#include "small_files.h"
#include "tf_files.h"
#include "torches.h"

static const char bytes[] = "\1\0\1\0\1\1\0\1abcdefghijklmnopqrstuvwxyz012345"; /* the first may be bools */
#define BYTES (sizeof bytes - 1)

/* ---- safetensors */

static void make_safetensors(const test_folder *f, const char *path)
{
    (void)f;
    safetensors_write(
        path,
        "{\"__metadata__\":{\"n\\u00e9\":\"\\\"q\\\"\",\"b\":\"\"},\"scalar\":{\"dtype\":\"F64\",\"shape\":[]"
        ","
        "\"data_offsets\":[8,16]},\"flags\":{\"shape\":[2,4],\"data_offsets\":[0,8],\"dtype\":\"BOOL\"},"
        "\"none\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[16,16]},"
        "\"t\\\"\\ud83d\\ude00\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[16,20]}}  ",
        bytes, 20);
}

static void make_set(const test_folder *f, const char *path)
{
    static const char index[] =
        "{\"metadata\":{\"total_size\":12,\"of\":[1,{\"a\":null}]},\"weight_map\":{\"z\":\"2.safetensors\","
        "\"a\\u0062\":\"\\u0031.safetensors\",\"c\":\"2.safetensors\"},\"other\":[true]}";
    char part[PATH_BYTES];
    safetensors_write(folder_path(f, "1.safetensors", part),
                      "{\"ab\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[0,4]}}", bytes, 4);
    safetensors_write(folder_path(f, "2.safetensors", part),
                      "{\"__metadata__\":{\"k\":\"v\"},"
                      "\"z\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                      "\"c\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[4,8]}}",
                      bytes, 8);
    file_write(path, index, sizeof index - 1);
}

/* ---- NumPy */

static void make_npy(const test_folder *f, const char *path)
{
    char header[NPY_HEADER_BYTES];
    (void)f;
    npy_write(path, 1, npy_header(">c8", true, "(2, 2)", header), bytes, 32);
}

static zip_piece array_of(const char *name, const char *descr, const char *shape, size_t data_bytes)
{
    char header[NPY_HEADER_BYTES];
    zip_piece p = {.name = name};
    p.data = npy_make(1, npy_header(descr, false, shape, header), bytes, data_bytes, &p.data_bytes);
    p.crc = vdb_crc32(0, p.data, p.data_bytes);
    return p;
}

/* One as zipfile writes it, and one of zip64 with a descriptor behind it. */
static void make_npz(const test_folder *f, const char *path)
{
    zip_maker z;
    zip_piece pieces[] = {array_of("x.npy", "<i4", "(3,)", 12),
                          array_of("y/z.npy", "|b1", "()", 1),
                          {.name = "note.txt", .data = "n", .data_bytes = 1}};
    (void)f;
    pieces[1].zip64 = pieces[1].descriptor = true;
    pieces[2].crc = vdb_crc32(0, "n", 1);
    zip_make(&z, pieces, 3, "a comment", true);
    file_write(path, z.data, z.bytes);
    free(z.data);
    for (int i = 0; i < 2; i++)
        free((void *)(uintptr_t)pieces[i].data);
}

/* ---- PyTorch */

/* What a trainer keeps beside tensors: numbers of all sizes, a text that is used again, pairs. */
static void put_state(zip_maker *m)
{
    static const char list[] = "](NK\1M\1\1J\1\0\0\x80\x88\x8a\x09\1\0\0\0\0\0\0\0\1e";
    static const char real[] = "G\x3f\xf0\0\0\0\0\0\0";
    static const char pairs[] = "ccollections\nOrderedDict\n](]q\3(h\1K\3eh\1K\2\x86"
                                "e\x85R}b";
    torch_text(m, "state");
    torch_put(m, "}(");
    torch_text(m, "lr");
    zip_put(m, "q\1", 2);
    zip_put(m, real, sizeof real - 1);
    torch_text(m, "list");
    zip_put(m, list, sizeof list - 1);
    torch_put(m, "K\7ctorch\nSize\n(K\2K\3t\x85R");
    torch_text(m, "pairs");
    zip_put(m, pairs, sizeof pairs - 1);
    torch_put(m, "u");
}

/* Two views of a storage, one of them tied and a parameter, and one that says its dtype. */
static void put_tensors(zip_maker *m, const char *part)
{
    const torch_view x = {.type = "ShortStorage",
                          .items = 16,
                          .offset = 1,
                          .rank = 3,
                          .dims = {2, 1, 3},
                          .strides = {3, 1, 1},
                          .part = part,
                          .parameter = true};
    const torch_view y = {.type = "ShortStorage",
                          .items = 16,
                          .offset = 8,
                          .rank = 2,
                          .dims = {2, 3},
                          .strides = {1, 2},
                          .part = part};
    const torch_view z = {.dtype = "float16", .items = 32, .rank = 1, .dims = {4}, .strides = {2}};
    torch_text(m, "x");
    torch_tensor(m, &x);
    zip_put(m, "q\2", 2);
    torch_text(m, "again");
    zip_put(m, "h\2", 2);
    torch_text(m, "in");
    torch_put(m, "](");
    torch_tensor(m, &y);
    torch_put(m, "}");
    zip_put(m, "K\5", 2);
    torch_tensor(m, part ? &y : &z);
    torch_put(m, "se");
}

static zip_maker pickle_of(const char *part)
{
    zip_maker m = {0};
    zip_put(&m, "\x80\2}(", 4);
    put_tensors(&m, part);
    put_state(&m);
    torch_put(&m, "u.");
    return m;
}

static void make_torch(const test_folder *f, const char *path)
{
    zip_maker pickle = pickle_of(NULL);
    (void)f;
    torch_archive(path, &pickle, bytes, 32, "big");
    free(pickle.data);
}

static void make_old_torch(const test_folder *f, const char *path)
{
    zip_maker pickle = pickle_of("(U\1"
                                 "1K\1K\17t");
    (void)f;
    torch_legacy(path, &pickle, bytes, 16, 32);
    free(pickle.data);
}

/* ---- GGUF */

static void put_gguf_text(zip_maker *m, const char *text)
{
    zip_number(m, strlen(text), 8);
    zip_put(m, text, strlen(text));
}

static void put_pair(zip_maker *m, const char *key, uint64_t type)
{
    put_gguf_text(m, key);
    zip_number(m, type, 4);
}

static void put_gguf_tensor(zip_maker *m, const char *name, int rank, const uint64_t *dims, uint64_t type,
                            uint64_t offset)
{
    put_gguf_text(m, name);
    zip_number(m, (uint64_t)rank, 4);
    for (int i = 0; i < rank; i++)
        zip_number(m, dims[i], 8);
    zip_number(m, type, 4);
    zip_number(m, offset, 8);
}

static void make_gguf(const test_folder *f, const char *path)
{
    static const uint64_t x[] = {3, 2}, q[] = {32};
    zip_maker m = {0};
    (void)f;
    zip_put(&m, "GGUF", 4);
    zip_number(&m, 3, 4);
    zip_number(&m, 2, 8); /* tensors */
    zip_number(&m, 5, 8); /* pairs */
    put_pair(&m, "general.alignment", 4);
    zip_number(&m, 16, 4);
    put_pair(&m, "name", 8);
    put_gguf_text(&m, "n\"");
    put_pair(&m, "flag", 7);
    zip_number(&m, 1, 1);
    put_pair(&m, "words", 9);
    zip_number(&m, 8, 4);
    zip_number(&m, 2, 8);
    put_gguf_text(&m, "a");
    put_gguf_text(&m, "");
    put_pair(&m, "numbers", 9);
    zip_number(&m, 6, 4);
    zip_number(&m, 2, 8);
    zip_number(&m, 0x3f800000, 4);
    zip_number(&m, 0, 4);
    put_gguf_tensor(&m, "x", 2, x, 25, 0);
    put_gguf_tensor(&m, "q", 1, q, 8, 16);
    while (m.bytes % 16)
        zip_number(&m, 0, 1);
    zip_put(&m, bytes, 12);
    zip_number(&m, 0, 4);
    zip_put(&m, bytes, 34);
    file_write(path, m.data, m.bytes);
    free(m.data);
}

/* ---- TensorFlow */

/* vdb_tensor_source_cb */
static int from_memory(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t count)
{
    const char *const *data = payload;
    memcpy(buffer, data[tag] + offset, count);
    return VARSDB_OK;
}

/* Strings, flags and a number that the graph of objects gives another name, in two shards. */
static void make_checkpoint(const test_folder *f, const char *path)
{
    static const char texts[] = "\1\0\0\0\0\0\0\0a\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0bcd";
    static const char graph[] = "\x1d\0\0\0\0\0\0\0"
                                "\x0a\0\x0a\x19\x12\x0b\x0a\1V\x12\3w/n\x1a\1w\x12\x0a\x12\2no\x1a\4none";
    const char *data[] = {graph, texts, bytes, bytes};
    const int64_t three[] = {3}, flags[] = {2, 4};
    vdb_error e;
    vdb_output_tensor tensors[] = {
        {"_CHECKPOINTABLE_OBJECT_GRAPH", VARSDB_STRING, {0, NULL}, sizeof graph - 1, 0, NULL},
        {"s", VARSDB_STRING, {1, three}, sizeof texts - 1, 1, NULL},
        {"f", VARSDB_BOOL, {2, flags}, 8, 2, NULL},
        {"w", VARSDB_INT16, {0, NULL}, 2, 3, NULL}};
    vdb_writing w = {.path = path,
                     .tensors = tensors,
                     .count = 4,
                     .source = from_memory,
                     .payload = data,
                     .max_shard_bytes = 40};
    (void)f;
    ck_assert_msg(vdb_format_tensorflow.write(&e, &w) == VARSDB_OK, "%s", e.text);
}

/* By the state that is beside it, in which texts are written in all ways that there are. */
static void make_state(const test_folder *f, const char *path)
{
    static const char state[] =
        "# of no use\nall_model_checkpoint_paths: \"old\"\nx { model_checkpoint_path: 'y' }\n"
        "model_checkpoint_path: \"/gone/\\155\\x61\\n.index\\\"\"\n"
        "model_checkpoint_path: '/gone/\\155'\n";
    char index[PATH_BYTES];
    (void)path;
    make_checkpoint(f, folder_path(f, "m.index", index));
    file_write(folder_path(f, "checkpoint", index), state, sizeof state - 1);
}

/* x in two slices of rows, beside fields that are of later versions. */
static void make_sliced(const test_folder *f, const char *path)
{
    static const char header[] = "\x08\1\x10\0\x1a\x07\x08\1\x10\1\x1a\1\2\x29"
                                 "12345678";
    static const char extents[] = "\x3a\x08\x0a\4\x08\0\x10\1\x0a\0\x3a\x08\x0a\4\x08\1\x10\2\x0a\0";
    const vdb_tf_extent slices[2][2] = {{{0, 1}, {0, VDB_TF_SLICE_ALL}}, {{1, 2}, {0, VDB_TF_SLICE_ALL}}};
    const int64_t all[] = {3, 2}, dims[2][2] = {{1, 2}, {2, 2}};
    const vdb_tf_entry whole = {.dtype = 5};
    const varsdb_shape shape = {2, all};
    vdb_buf key[2] = {{0}}, value[3] = {{0}};
    char part[PATH_BYTES];
    for (int i = 0; i < 2; i++) {
        vdb_tf_slice_key(&key[i], "x", 1, 2, slices[i]);
        tf_print_entry(&value[i], 5, (varsdb_shape){2, dims[i]}, i * 4, bytes, (size_t)(i + 1) * 4);
    }
    vdb_tf_write_entry(&value[2], &whole, &shape);
    vdb_buf_append(&value[2], extents, sizeof extents - 1);
    const tf_item items[] = {{"", 0, header, sizeof header - 1},
                             {key[0].data, key[0].size, value[0].data, value[0].size},
                             {key[1].data, key[1].size, value[1].data, value[1].size},
                             {"x", 1, value[2].data, value[2].size}};
    tf_write_items(path, items, 4, 4096);
    file_write(folder_path(f, "m.data-00000-of-00001", part), bytes, 12);
    for (int i = 0; i < 3; i++)
        vdb_buf_release(&value[i]);
    vdb_buf_release(&key[0]);
    vdb_buf_release(&key[1]);
}

/* The first block ends before the one of metadata, of which the file's end tells. */
void small_file_mend(const char *file, unsigned char *data, size_t count, size_t at)
{
    enum {
        FOOTER = 48,
        TRAILER = 5 /* the type, which is counted, and the checksum */
    };
    const size_t name = strlen(file);
    uint64_t meta = 0;
    if (name < 6 || strcmp(file + name - 6, ".index") != 0 || count < FOOTER)
        return;
    const unsigned char *from = data + count - FOOTER;
    if (!vdb_tf_take_varint(&from, data + count, &meta) || meta < TRAILER || meta > count - FOOTER ||
        at > meta - TRAILER)
        return;
    const uint32_t crc = vdb_crc32c_mask(vdb_crc32c(0, data, (size_t)meta - 4));
    for (unsigned i = 0; i < 4; i++)
        data[meta - 4 + i] = (unsigned char)(crc >> (8 * i));
}

const small_file small_files[] = {
    {"safetensors", "m.safetensors", make_safetensors},
    {"set", "m.safetensors.index.json", make_set},
    {"npy", "x.npy", make_npy},
    {"npz", "m.npz", make_npz},
    {"pytorch", "m.pt", make_torch},
    {"old pytorch", "m.pt", make_old_torch},
    {"gguf", "m.gguf", make_gguf},
    {"tensorflow", "m.index", make_checkpoint},
    {"folder", "", make_state},
    {"sliced tensorflow", "m.index", make_sliced},
};
const int small_file_count = sizeof small_files / sizeof *small_files;

const small_file *small_file_named(const char *name)
{
    for (int i = 0; i < small_file_count; i++)
        if (strcmp(small_files[i].name, name) == 0)
            return &small_files[i];
    ck_abort_msg("there is no small file '%s'", name);
}
