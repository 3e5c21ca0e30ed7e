/* test_tf_names.c - variables called as a checkpoint's graph of objects tells, and written as they came. */
#include "../support/tf_files.h"

#define KEY  "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE"
#define KEY2 "layer/bias/.ATTRIBUTES/VARIABLE_VALUE"

static test_folder folder;
static char path[PATH_BYTES], registry[PATH_BYTES];
static varsdb *db;

static void setup(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "p.index", path);
    folder_path(&folder, "r.db", registry);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
}

static void teardown(void)
{
    varsdb_close(db);
    folder_remove(&folder);
}

static void put_body(vdb_buf *out, unsigned char tag, const void *body, size_t bytes)
{
    vdb_buf_append(out, &tag, 1);
    vdb_tf_put_varint(out, bytes);
    vdb_buf_append(out, body, bytes);
}

static void put_attribute(vdb_buf *node, const char *full_name, const char *key)
{
    vdb_buf attribute = {0};
    put_body(&attribute, 0x0a, "VARIABLE_VALUE", 14);
    if (full_name)
        put_body(&attribute, 0x12, full_name, strlen(full_name));
    put_body(&attribute, 0x1a, key, strlen(key));
    put_body(node, 0x12, attribute.data, attribute.size);
    vdb_buf_release(&attribute);
}

static int from_memory(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const char *const *data = payload;
    memcpy(buffer, data[tag] + offset, bytes);
    return VARSDB_OK;
}

/* Two bytes under keys of objects, and the graph. */
static void write_checkpoint(const vdb_buf *graph)
{
    vdb_error e;
    vdb_buf text = {0};
    for (int i = 0; i < 8; i++) {
        const char byte = (char)(unsigned char)((uint64_t)graph->size >> (8 * i));
        vdb_buf_append(&text, &byte, 1);
    }
    vdb_buf_append(&text, graph->data, graph->size);
    const char *data[] = {text.data, "k", "b"};
    vdb_output_tensor tensors[] = {
        {"_CHECKPOINTABLE_OBJECT_GRAPH", VARSDB_STRING, {0, NULL}, text.size, 0, NULL},
        {KEY, VARSDB_UINT8, {0, NULL}, 1, 1, NULL},
        {KEY2, VARSDB_UINT8, {0, NULL}, 1, 2, NULL}};
    const vdb_writing w = {
        .path = path, .tensors = tensors, .count = 3, .source = from_memory, .payload = data};
    ck_assert_int_eq(vdb_format_tensorflow.write(&e, &w), VARSDB_OK);
    vdb_buf_release(&text);
}

static void write_graph(const char *kernel, const char *bias)
{
    vdb_buf graph = {0}, node = {0};
    put_attribute(&node, kernel, KEY);
    put_attribute(&node, bias, KEY2);
    put_attribute(&node, "gone", "not in the index");
    put_body(&graph, 0x0a, "", 0);
    put_body(&graph, 0x0a, node.data, node.size);
    write_checkpoint(&graph);
    vdb_buf_release(&graph);
    vdb_buf_release(&node);
}

static int has(const char *name)
{
    const varsdb_variable *v = NULL;
    return varsdb_find_variable(db, name, &v) == VARSDB_OK;
}

START_TEST(full_names_are_taken_where_there_are_any)
{
    write_graph("dense/kernel", NULL);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.names = "full", .scope = "net")), VARSDB_OK);
    ck_assert(has("net/dense/kernel"));
    ck_assert(has("net/" KEY2));
    ck_assert(!has("net/" KEY));
    ck_assert(has("net/_CHECKPOINTABLE_OBJECT_GRAPH"));
}
END_TEST

START_TEST(raw_keys_are_taken_unless_asked_for)
{
    write_graph("dense/kernel", "dense/bias");
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_OK);
    ck_assert(has(KEY) && has(KEY2) && !has("dense/kernel"));
}
END_TEST

START_TEST(keys_and_graph_come_back_on_export)
{
    char again[PATH_BYTES], name[PATH_BYTES];
    size_t bytes, other_bytes;
    write_graph("dense/kernel", "dense/bias");
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.names = "full")), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, folder_path(&folder, "again.index", again), NULL, NULL), VARSDB_OK);
    for (int i = 0; i < 2; i++) {
        char *one = file_read(i ? path : folder_path(&folder, "p.data-00000-of-00001", name), &bytes);
        char *other =
            file_read(i ? again : folder_path(&folder, "again.data-00000-of-00001", name), &other_bytes);
        ck_assert(bytes == other_bytes && memcmp(one, other, bytes) == 0);
        free(one);
        free(other);
    }
}
END_TEST

START_TEST(two_tensors_of_one_full_name_are_refused)
{
    write_graph("same", "same");
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.names = "full")), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "would both become variable 'same'"));
}
END_TEST

START_TEST(graph_that_is_none_is_refused_by_name)
{
    vdb_buf graph = {0};
    vdb_buf_append(&graph, "\x0a\x7f", 2);
    write_checkpoint(&graph);
    vdb_buf_release(&graph);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.names = "full")), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "no graph of objects"));
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_OK);
}
END_TEST

/* Fields of other types than theirs, names that are empty or no text, and a graph in more than one piece. */
START_TEST(what_is_no_name_in_a_graph_is_passed_over)
{
    vdb_buf graph = {0}, node = {0}, attribute = {0};
    vdb_buf_append(&attribute, "\x10\1\x18\1\x15\0\0\0\0\x1d\0\0\0\0", 14); /* numbers for texts */
    put_body(&attribute, 0x12, "dense/kernel", 12);
    put_body(&attribute, 0x1a, KEY, strlen(KEY));
    put_body(&node, 0x12, attribute.data, attribute.size);
    vdb_buf_append(&node, "\x10\1\x15\0\0\0\0", 7);
    put_attribute(&node, "", KEY);
    put_attribute(&node, "dense\xff", KEY);
    put_attribute(&node, "nothing", "");
    vdb_buf_append(&graph, "\x08\1\x0d\0\0\0\0", 7);
    put_body(&graph, 0x0a, node.data, node.size);
    write_checkpoint(&graph);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.names = "full")), VARSDB_OK);
    ck_assert(has("dense/kernel") && has(KEY2) && !has(KEY) && !has("nothing"));
    vdb_buf_release(&graph);
    vdb_buf_release(&node);
    vdb_buf_release(&attribute);
}
END_TEST

/* What goes by the graph's name and is none of strings, or several strings, is a tensor like any other. */
START_TEST(a_tensor_that_is_named_like_the_graph_is_one)
{
    static const int64_t one[] = {1};
    static const char data[] = "\0\0\0\0\0\0\0\0";
    const char *source[] = {data};
    for (int i = 0; i < 2; i++) {
        vdb_error e;
        vdb_output_tensor t = {
            "_CHECKPOINTABLE_OBJECT_GRAPH", i ? VARSDB_STRING : VARSDB_UINT8, {i, one}, i ? 8 : 1, 0, NULL};
        const vdb_writing w = {
            .path = path, .tensors = &t, .count = 1, .source = from_memory, .payload = source};
        ck_assert_int_eq(vdb_format_tensorflow.write(&e, &w), VARSDB_OK);
        ck_assert_int_eq(
            varsdb_import(db, path, VARSDB_IMPORT(.names = "full", .scope = i ? "strings" : "number")),
            VARSDB_OK);
    }
    ck_assert(has("strings/_CHECKPOINTABLE_OBJECT_GRAPH") && has("number/_CHECKPOINTABLE_OBJECT_GRAPH"));
}
END_TEST

Suite *test_tf_names_suite(void);
Suite *test_tf_names_suite(void)
{
    Suite *s = suite_create("tf_names");
    TCase *t = tcase_create("tf_names");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, full_names_are_taken_where_there_are_any);
    tcase_add_test(t, raw_keys_are_taken_unless_asked_for);
    tcase_add_test(t, keys_and_graph_come_back_on_export);
    tcase_add_test(t, two_tensors_of_one_full_name_are_refused);
    tcase_add_test(t, graph_that_is_none_is_refused_by_name);
    tcase_add_test(t, what_is_no_name_in_a_graph_is_passed_over);
    tcase_add_test(t, a_tensor_that_is_named_like_the_graph_is_one);
    suite_add_tcase(s, t);
    return s;
}
