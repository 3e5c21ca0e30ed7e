/* test_pickle.c - what the machine makes of pickles, and that no pickle makes it do anything else. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/memory.h"
#include "format/pytorch.h"
#include "mem.h"

static vdb_error error;
static vdb_pickle p;
static vdb_buf json;

#define P(text)       "\x80\x02" text "."
#define PICKLE(text)  (P(text)), (sizeof(P(text)) - 1)
#define TEXT_1(c)     "X\1\0\0\0" c
#define MEMORY_MOST   ((int64_t)600 << 20)
#define MILLION_BYTES ((size_t)1 << 20)

static void teardown(void)
{
    vdb_pickle_release(&p);
    vdb_buf_release(&json);
}

static int read_pickle(const char *text, size_t bytes)
{
    size_t count;
    const vdb_pickle_name *names = vdb_pytorch_names(&count);
    char *exact = malloc(bytes + 1); /* so that a read behind the end is seen */
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, text, bytes);
    vdb_pickle_release(&p);
    int rc = vdb_pickle_read(&error, exact, bytes, names, count, &p);
    if (rc == VARSDB_OK)
        rc = vdb_pickle_check_tree(&error, &p, p.root);
    vdb_buf_reset(&json);
    if (rc == VARSDB_OK)
        ck_assert_int_eq(vdb_pickle_print(&p, p.root, 200, &json), VARSDB_OK);
    free(exact);
    return rc;
}

/* ---- What is read ------------------------------------------------------- */

static const struct {
    const char *text;
    size_t bytes;
    const char *json;
} good[] = {
    {PICKLE("N"), "null"},
    {PICKLE("\x88"), "true"},
    {PICKLE("\x89"), "false"},
    {PICKLE("K\xff"), "255"},
    {PICKLE("M\x01\x02"), "513"},
    {PICKLE("J\xfe\xff\xff\xff"), "-2"},
    {PICKLE("J\xff\xff\xff\x7f"), "2147483647"},
    {PICKLE("\x8a\x00"), "0"},
    {PICKLE("\x8a\x01\xff"), "-1"},
    {PICKLE("\x8a\x02\xff\x00"), "255"},
    {PICKLE("\x8a\x08\0\0\0\0\0\0\0\x80"), "-9223372036854775808"},
    {PICKLE("\x8a\x09\0\0\0\0\0\0\0\0\1"), "{\"type\":\"int\",\"length\":9}"},
    {PICKLE("G\x3f\xe0\0\0\0\0\0\0"), "0.5"},
    {PICKLE("G\x7f\xf0\0\0\0\0\0\0"), "\"Infinity\""},
    {PICKLE("X\3\0\0\0a\"b"), "\"a\\\"b\""},
    {PICKLE("X\2\0\0\0a\0"), "\"a\\u0000\""},
    {PICKLE("U\2\xc3\xa9"), "\"\xc3\xa9\""},
    {PICKLE(")"), "[]"},
    {PICKLE("]"), "[]"},
    {PICKLE("}"), "{}"},
    {PICKLE("K\1K\2K\3\x87"), "[1,2,3]"},
    {PICKLE("K\1K\2\x86"), "[1,2]"},
    {PICKLE("N\x85"), "[null]"},
    {PICKLE("(K\1N\x88t"), "[1,null,true]"},
    {PICKLE("]K\1aK\2a"), "[1,2]"},
    {PICKLE("](K\1K\2e"), "[1,2]"},
    {PICKLE("](e"), "[]"},
    {PICKLE("}" TEXT_1("a") "K\1s"), "{\"a\":1}"},
    {PICKLE("}(" TEXT_1("a") "K\1K\7Nu"), "{\"a\":1,\"7\":null}"},
    {PICKLE("}NK\1s"), "{\"type\":\"dict\",\"length\":1}"}, /* JSON has no such key */
    {PICKLE("\x8f"), "{\"type\":\"set\"}"},
    {PICKLE("K\5q\0h\0\x86"), "[5,5]"},
    {PICKLE("NNK\5r\4\0\0\0j\4\0\0\0\x86\x87"), "[null,null,[5,5]]"},
    {PICKLE("ctorch\nfloat32\n"), "\"torch.float32\""},
    {PICKLE("ctorch\nSize\n(K\2K\3t\x85R"), "[2,3]"},
    {PICKLE("ccollections\nOrderedDict\n)R"), "{}"},
    {PICKLE("ccollections\nOrderedDict\n](](" TEXT_1("a") "K\1ee\x85R"), "{\"a\":1}"},
    {PICKLE("ccollections\nOrderedDict\n)R}b"), "{}"}, /* its attributes */
};

START_TEST(values_are_what_they_say)
{
    ck_assert_msg(read_pickle(good[_i].text, good[_i].bytes) == VARSDB_OK, "%s", error.text);
    ck_assert_str_eq(json.data, good[_i].json);
    ck_assert_uint_eq(p.bytes, good[_i].bytes);
}
END_TEST

START_TEST(what_is_long_is_named_by_its_length)
{
    char text[300] = "\x80\x02X\xff\0\0\0";
    memset(text + 7, 'x', 255);
    text[7 + 255] = '.';
    ck_assert_int_eq(read_pickle(text, 7 + 256), VARSDB_OK);
    ck_assert_str_eq(json.data, "{\"type\":\"text\",\"length\":255}");
    memset(text, 'N', sizeof text);
    memcpy(text, "\x80\x02](", 4);
    memcpy(text + sizeof text - 2, "e.", 2);
    ck_assert_int_eq(read_pickle(text, sizeof text), VARSDB_OK);
    ck_assert_str_eq(json.data, "{\"type\":\"list\",\"length\":294}");
}
END_TEST

START_TEST(call_is_kept_and_never_made)
{
    ck_assert_int_eq(read_pickle(PICKLE("]ctorch._utils\n_rebuild_parameter\nNNN\x87Ra")), VARSDB_OK);
    const vdb_pickle_value *list = vdb_pickle_at(&p, p.root);
    ck_assert(list->holds_call);
    const vdb_pickle_value *call = vdb_pickle_at(&p, vdb_pickle_item(&p, list, 0));
    ck_assert_int_eq(call->kind, VDB_PICKLE_CALL);
    ck_assert_int_eq(p.names[call->as.call.name].tag, VDB_PYTORCH_PARAMETER);
    ck_assert_uint_eq(vdb_pickle_at(&p, call->as.call.args)->count, 3);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

static const struct {
    const char *text;
    size_t bytes;
    int code;
    const char *said;
} bad[] = {
    {PICKLE("cos\nsystem\n" TEXT_1("a") "\x85R"), VARSDB_UNSUPPORTED, "'os.system'"},
    {PICKLE("c__builtin__\neval\n"), VARSDB_UNSUPPORTED, "'__builtin__.eval'"},
    {PICKLE("ctorch\nFloatStorage \n"), VARSDB_UNSUPPORTED, "'torch.FloatStorage '"},
    {PICKLE("cos\nOrderedDict\n)R"), VARSDB_UNSUPPORTED, "'os.OrderedDict'"}, /* right but for its module */
    {PICKLE("ctorch.nn\nSize\n"), VARSDB_UNSUPPORTED, "'torch.nn.Size'"},
    {PICKLE("ctorch\nOrderedDict\n)R"), VARSDB_UNSUPPORTED, "'torch.OrderedDict'"},
    {PICKLE("ctorch._utils\n_rebuild_qtensor\n"), VARSDB_UNSUPPORTED, "_rebuild_qtensor"},
    {PICKLE("ctorch._utils\n_rebuild_sparse_tensor\n"), VARSDB_UNSUPPORTED, "_rebuild_sparse_tensor"},
    {PICKLE("\x93"), VARSDB_FORMAT, "operation 0x93"}, /* STACK_GLOBAL */
    {PICKLE("(ios\nsystem\n"), VARSDB_FORMAT, "operation 0x69"},
    {PICKLE("ctorch\nSize\n)\x81"), VARSDB_FORMAT, "operation 0x81"}, /* NEWOBJ */
    {PICKLE("\x80\4N"), VARSDB_FORMAT, "protocol 4"},
    {PICKLE("\x8f(K\1\x90"), VARSDB_FORMAT, "operation 0x90"}, /* items for a set */
    {PICKLE(""), VARSDB_FORMAT, "0 values"},
    {PICKLE("NN"), VARSDB_FORMAT, "2 values"},
    {PICKLE("N("), VARSDB_FORMAT, "1 marks"},
    {PICKLE("N(K\1a"), VARSDB_FORMAT, "more values than there are"}, /* not below a mark */
    {PICKLE("t"), VARSDB_FORMAT, "no mark"},
    {PICKLE("\x85"), VARSDB_FORMAT, "more values than there are"},
    {PICKLE("K\1(\x85"), VARSDB_FORMAT, "more values than there are"},
    {PICKLE("R"), VARSDB_FORMAT, "more values than there are"},
    {PICKLE("}K\1a"), VARSDB_FORMAT, "into a dict"},
    {PICKLE("]K\1K\1s"), VARSDB_FORMAT, "into a list"},
    {PICKLE(")K\1a"), VARSDB_FORMAT, "into a tuple"},
    {PICKLE("K\1(K\1e"), VARSDB_FORMAT, "into a number"},
    {PICKLE("}(K\1u"), VARSDB_FORMAT, "without a value"},
    {PICKLE("h\0"), VARSDB_FORMAT, "number 0 of the memo"},
    {PICKLE("Nq\0h\1"), VARSDB_FORMAT, "number 1 of the memo"},
    {PICKLE("Nr\xff\xff\xff\xff"), VARSDB_FORMAT, "number 4294967295 of the memo"},
    {PICKLE("q\0"), VARSDB_FORMAT, "more values"},
    {PICKLE("K\1)R"), VARSDB_FORMAT, "a number is called"},
    {PICKLE("ctorch\nSize\nK\1R"), VARSDB_FORMAT, "a name is called with a number"},
    {PICKLE("ctorch\nSize\n)R"), VARSDB_FORMAT, "called with 0 arguments"},
    {PICKLE("ctorch\nSize\nN\x85R"), VARSDB_FORMAT, "else than a tuple"},
    {PICKLE("ctorch\nFloatStorage\nK\1\x85R"), VARSDB_FORMAT, "no function"},
    {PICKLE("ccollections\nOrderedDict\nK\1\x85R"), VARSDB_FORMAT, "made of a number"},
    {PICKLE("ccollections\nOrderedDict\n]K\1a\x85R"), VARSDB_FORMAT, "else than pairs"},
    {PICKLE("ccollections\nOrderedDict\nNN\x86R"), VARSDB_FORMAT, "called with 2 arguments"},
    {PICKLE("ctorch._utils\n_rebuild_tensor_v2\n)R"), VARSDB_FORMAT, "called with 0 arguments"},
    {PICKLE("]}b"), VARSDB_FORMAT, "attributes"},
    {PICKLE("NQ"), VARSDB_FORMAT, "named by None"},
    {PICKLE("X\1\0\0\0\xff"), VARSDB_FORMAT, "not UTF-8"},
    {PICKLE("X\xff\xff\xff\xff"), VARSDB_FORMAT, "truncated"},
    {PICKLE("U\xff"), VARSDB_FORMAT, "truncated"},
    {PICKLE("\x8a\xff"), VARSDB_FORMAT, "truncated"},
    {PICKLE("cno_end"), VARSDB_FORMAT, "truncated"},
    {PICKLE("]q\0h\0a"), VARSDB_FORMAT, "holds itself"},
    {PICKLE("}q\0K\1h\0s"), VARSDB_FORMAT, "holds itself"},
    {PICKLE("]q\0]q\1h\0aa"), VARSDB_FORMAT, "holds itself"},
};

START_TEST(bad_pickle_is_refused_and_says_why)
{
    ck_assert_int_eq(read_pickle(bad[_i].text, bad[_i].bytes), bad[_i].code);
    ck_assert_msg(strstr(error.text, bad[_i].said) != NULL, "'%s' is not in: %s", bad[_i].said, error.text);
}
END_TEST

START_TEST(pickle_that_is_cut_anywhere_says_so)
{
    static const char text[] = P("}(X\1\0\0\0aG\0\0\0\0\0\0\0\0X\1\0\0\0bctorch\nSize\n(K\1M\2\0t\x85Ru");
    ck_assert_int_eq(read_pickle(text, sizeof text - 1), VARSDB_OK);
    ck_assert_str_eq(json.data, "{\"a\":0.0,\"b\":[1,2]}");
    for (size_t bytes = 0; bytes < sizeof text - 1; bytes++) {
        ck_assert_int_eq(read_pickle(text, bytes), VARSDB_FORMAT);
        ck_assert(p.cut);
    }
}
END_TEST

/* ---- Attacks ------------------------------------------------------------ */

static int nest(size_t depth)
{
    char text[400] = "\x80\x02";
    memset(text + 2, ']', depth);
    memset(text + 2 + depth, 'a', depth - 1);
    text[2 + 2 * depth - 1] = '.';
    return read_pickle(text, 2 + 2 * depth);
}

START_TEST(nesting_has_a_limit)
{
    ck_assert_int_eq(nest(64), VARSDB_OK);
    ck_assert_int_eq(nest(65), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "64 deep"));
}
END_TEST

/* [x, [x]]: the first is met at a shallow place, and then at one that is too deep. */
START_TEST(nesting_has_its_limit_for_what_is_there_twice)
{
    char text[400] = "\x80\x02]";
    size_t at = 3;
    for (int i = 0; i < 60; i++)
        text[at++] = ']';
    memset(text + at, 'a', 59);
    at += 59;
    at += (size_t)sprintf(text + at, "q%ca]]]]]h%caaaaaa.", 1, 1);
    ck_assert_int_eq(read_pickle(text, at), VARSDB_FORMAT);
    ck_assert_msg(strstr(error.text, "64 deep") != NULL, "%s", error.text);
}
END_TEST

/* Each list has the one before it twice: 2^60 items as a tree. */
START_TEST(billion_laughs_end_soon)
{
    char text[1000] = "\x80\x02(]q"; /* all are in one tuple */
    size_t at = 6;
    for (int i = 0; i < 60; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "](h%ch%ceq%c", i + 1, i + 1, i + 2);
    text[5] = 1;
    at += (size_t)snprintf(text + at, sizeof text - at, "t.");
    ck_assert_int_eq(read_pickle(text, at), VARSDB_OK);
    ck_assert_str_eq(json.data, "{\"type\":\"tuple\",\"length\":61}");
}
END_TEST

/* As many operations as there may be and one more, of the kinds that take most memory for a byte. */
static const char *const greedy[] = {"\x85", "(", "N", "]", "}"};

START_TEST(memory_is_bounded_by_the_length)
{
    size_t bytes = 8 * MILLION_BYTES;
    char *text = malloc(bytes);
    ck_assert_ptr_nonnull(text);
    memset(text, greedy[_i][0], bytes);
    memcpy(text, "\x80\x02N", 3);
    ck_assert_int_ne(read_pickle(text, bytes), VARSDB_OK);
    free(text);
    ck_assert_int_lt(memory_peak(), MEMORY_MOST);
}
END_TEST

START_TEST(operations_have_a_limit)
{
    size_t bytes = VDB_PICKLE_STEPS_MAX + 100;
    char *text = malloc(bytes);
    ck_assert_ptr_nonnull(text);
    memset(text, 'N', bytes);
    memcpy(text, "\x80\x02", 2);
    ck_assert_int_eq(read_pickle(text, bytes), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "16777216 operations"));
    free(text);
}
END_TEST

/* One list of pairs for ever more dicts: pairs count as operations. */
START_TEST(dicts_of_one_list_do_not_multiply)
{
    enum {
        PAIRS = 100000,
        DICTS = 1000
    };
    char *text = malloc(20 * MILLION_BYTES), *at = text;
    ck_assert_ptr_nonnull(text);
    at += sprintf(at, "\x80\x02(](");
    for (int i = 0; i < PAIRS; i++)
        at += sprintf(at, "NN\x86");
    at += sprintf(at, "eq\1");
    for (int i = 0; i < DICTS; i++)
        at += sprintf(at, "ccollections\nOrderedDict\nh\1\x85R");
    at += sprintf(at, "t.");
    ck_assert_int_eq(read_pickle(text, (size_t)(at - text)), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "operations"));
    free(text);
    ck_assert_int_lt(memory_peak(), MEMORY_MOST);
}
END_TEST

Suite *test_pickle_suite(void);
Suite *test_pickle_suite(void)
{
    Suite *s = suite_create("pickle");
    TCase *t = tcase_create("pickle");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, values_are_what_they_say, 0, (int)(sizeof good / sizeof *good));
    tcase_add_test(t, what_is_long_is_named_by_its_length);
    tcase_add_test(t, call_is_kept_and_never_made);
    tcase_add_loop_test(t, bad_pickle_is_refused_and_says_why, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(t, pickle_that_is_cut_anywhere_says_so);
    tcase_add_test(t, nesting_has_a_limit);
    tcase_add_test(t, nesting_has_its_limit_for_what_is_there_twice);
    tcase_add_test(t, billion_laughs_end_soon);
    tcase_add_loop_test(t, memory_is_bounded_by_the_length, 0, (int)(sizeof greedy / sizeof *greedy));
    tcase_add_test(t, operations_have_a_limit);
    tcase_add_test(t, dicts_of_one_list_do_not_multiply);
    suite_add_tcase(s, t);
    return s;
}
