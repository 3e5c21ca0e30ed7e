/* test_pytorch_hostile.c - pickles made operation by operation, each with one thing that torch.save never
 * writes: each is refused, and says what it is. */
#include "../support/torches.h"
#include "name.h"

Suite *test_pytorch_hostile_suite(void);

static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;

static void setup(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "m.pt", path);
}

static void teardown(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static void check_refused(const void *pickle, size_t bytes, int code, const char *said)
{
    zip_maker m = {0};
    zip_put(&m, "\x80\2", 2);
    zip_put(&m, pickle, bytes);
    zip_put(&m, ".", 1);
    torch_archive(path, &m, "0123456789abcdef", 16, NULL);
    free(m.data);
    varsdb_close_reader(reader);
    int rc = varsdb_open_reader(path, &reader);
    ck_assert_msg(rc == code && strstr(varsdb_reader_errmsg(reader), said), "%s: %s, in place of '%s'",
                  varsdb_errname(rc), varsdb_reader_errmsg(reader), said);
}

/* ---- tensors */

#define CALL_V2          "ctorch._utils\n_rebuild_tensor_v2\n("
#define CALL_V3          "ctorch._utils\n_rebuild_tensor_v3\n("
#define DICT             "ccollections\nOrderedDict\n)R"
#define STORAGE_OF(id)   "(" id "tQ"
#define NAMED(type, key) "U\7storagectorch\n" type "\n" key "U\3cpu"
#define KEY \
    "U\1"   \
    "0"
#define FLOATS STORAGE_OF(NAMED("FloatStorage", KEY) "K\4")
#define REST   "\x89" DICT "tR"
#define PLAIN  CALL_V2 FLOATS "K\0(K\4t(K\1t" REST

#define ROW(pickle, code, said)                \
    {                                          \
        pickle, sizeof(pickle) - 1, code, said \
    }

static const struct {
    const char *pickle;
    size_t bytes;
    int code;
    const char *said;
} tensors[] = {
    ROW(PLAIN, VARSDB_OK, ""),
    /* storages */
    ROW(CALL_V2 "NK\0))" REST, VARSDB_FORMAT, "is where a storage must be"),
    ROW(CALL_V2 "K\1QK\0))" REST, VARSDB_FORMAT, "a storage is named by a number"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY)) "K\0))" REST, VARSDB_FORMAT, "a storage must be"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "K\4NN") "K\0))" REST, VARSDB_FORMAT,
        "a storage must be"),
    ROW(CALL_V2 "(U\5otherctorch\nFloatStorage\n" KEY "U\3cpuK\4tQK\0))" REST, VARSDB_FORMAT,
        "a storage must be"),
    ROW(CALL_V2 "(K\1ctorch\nFloatStorage\n" KEY "U\3cpuK\4tQK\0))" REST, VARSDB_FORMAT, "a storage must be"),
    ROW(CALL_V2 "(U\7storageK\1" KEY "U\3cpuK\4tQK\0))" REST, VARSDB_FORMAT, "storage's type must be"),
    ROW(CALL_V2 STORAGE_OF(NAMED("float32", KEY) "K\4") "K\0))" REST, VARSDB_FORMAT,
        "storage's type must be"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", "K\0") "K\4") "K\0))" REST, VARSDB_FORMAT, "digits"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", "U\1/") "K\4") "K\0))" REST, VARSDB_FORMAT, "digits"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", "U\1:") "K\4") "K\0))" REST, VARSDB_FORMAT, "digits"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "N") "K\0))" REST, VARSDB_FORMAT, "whole number"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "K\4(K\0K\1t") "K\0))" REST, VARSDB_FORMAT,
        "a part of a storage is named by"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "K\4(K\0NK\1t") "K\0))" REST, VARSDB_FORMAT,
        "the begin of a storage's part"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "K\4(K\0K\1Nt") "K\0))" REST, VARSDB_FORMAT,
        "the size of a storage's part"),
    ROW(CALL_V2 STORAGE_OF(NAMED("FloatStorage", KEY) "K\4(K\0K\5K\0t") "K\0))" REST, VARSDB_FORMAT,
        "goes beyond its end"),
    /* shapes */
    ROW(CALL_V2 FLOATS "N))" REST, VARSDB_FORMAT, "its offset"),
    ROW(CALL_V2 FLOATS "K\0](K\4e(K\1t" REST, VARSDB_FORMAT, "must be tuples"),
    ROW(CALL_V2 FLOATS "K\0(K\4t](K\1e" REST, VARSDB_FORMAT, "must be tuples"),
    ROW(CALL_V2 FLOATS "K\0(K\4t)" REST, VARSDB_FORMAT, "must be tuples"),
    ROW(CALL_V2 FLOATS "K\0(Nt(K\1t" REST, VARSDB_FORMAT, "a dimension is"),
    ROW(CALL_V2 FLOATS "K\0(K\4t(Nt" REST, VARSDB_FORMAT, "a stride is"),
    /* 2^48 times 2^14 of 16 bytes */
    ROW(CALL_V2 STORAGE_OF(
            NAMED("ComplexDoubleStorage", KEY) "K\1") "K\0(\x8a\7\0\0\0\0\0\0\1M\0\x40t(K\0K\0t" REST,
        VARSDB_FORMAT, "more bytes than can be counted"),
    /* dtypes, and what is said beside them */
    ROW(CALL_V3 FLOATS "K\0))\x89" DICT "K\1tR", VARSDB_FORMAT, "its dtype is a number"),
    ROW(CALL_V2 "(U\7storagectorch.storage\nUntypedStorage\n" KEY "U\3cpuK\20tQK\0))" REST, VARSDB_FORMAT,
        "its storage has no dtype"),
    ROW(CALL_V2 FLOATS "K\0))\x89" DICT "NtR", VARSDB_OK, ""),
    ROW(CALL_V2 FLOATS "K\0))\x89" DICT "}tR", VARSDB_OK, ""),
    ROW(CALL_V2 FLOATS "K\0))\x89" DICT "]tR", VARSDB_UNSUPPORTED, "no plain tensor"),
    ROW("ctorch._utils\n_rebuild_parameter\n(K\1\x88" DICT "tR", VARSDB_FORMAT, "a parameter made of"),
    ROW("ctorch._utils\n_rebuild_parameter\n(ctorch\nfloat32\n\x88" DICT "tR", VARSDB_FORMAT,
        "a parameter made of"),
    ROW("ctorch._utils\n_rebuild_parameter\n(ctorch._utils\n_rebuild_parameter\n(" PLAIN "\x88" DICT
        "tR\x88" DICT "tR",
        VARSDB_FORMAT, "a parameter made of"),
    /* keys */
    ROW("}(N" PLAIN "u", VARSDB_FORMAT, "a key below '' is"),
    ROW("}(U\1a}(G\0\0\0\0\0\0\0\0" PLAIN "uu", VARSDB_FORMAT, "a key below 'a.' is"),
    ROW("}(U\3a\0b" PLAIN "u", VARSDB_FORMAT, "a key below '' holds NUL"),
    ROW("}(U\1a}(U\1\0" PLAIN "uu", VARSDB_FORMAT, "a key below 'a.' holds NUL"),
    ROW("}(U\1a" PLAIN "U\1a" PLAIN "u", VARSDB_FORMAT, "twice"),
    ROW("}(U\1aK\1U\1aK\2u", VARSDB_FORMAT, "twice"),
};

START_TEST(a_tensor_that_is_none_is_refused_and_says_why)
{
    check_refused(tensors[_i].pickle, tensors[_i].bytes, tensors[_i].code, tensors[_i].said);
}
END_TEST

/* ---- the machine */

static const struct {
    const char *pickle;
    size_t bytes;
    int code;
    const char *said;
} machines[] = {
    ROW("ccollections\nOrderedDict\n(](](K\1K\2eetR", VARSDB_OK, ""),
    ROW("ccollections\nOrderedDict\n(](K\1etR", VARSDB_FORMAT, "something else than pairs"),
    ROW("ccollections\nOrderedDict\n(]((K\1K\2K\3tetR", VARSDB_FORMAT, "something else than pairs"),
    ROW("ccollections\nOrderedDict\n(K\1tR", VARSDB_FORMAT, "a dict is made of a number"),
    ROW("ctorch\nSize\n(K\1tR", VARSDB_FORMAT, "something else than a tuple"),
    ROW("ctorch\nSize\n)R", VARSDB_FORMAT, "with 0 arguments"),
    ROW("ctorch\nfloat32\n)R", VARSDB_FORMAT, "which is no function"),
    ROW("K\1)R", VARSDB_FORMAT, "is called with"),
    ROW("K\1}b", VARSDB_FORMAT, "is given attributes"),
    ROW("}}b", VARSDB_OK, ""),
    ROW("b", VARSDB_FORMAT, "more values than there are"),
    ROW("}b", VARSDB_FORMAT, "more values than there are"),
    ROW("h\5", VARSDB_FORMAT, "number 5 of the memo is not there"),
    ROW("NNNq\2h\1", VARSDB_FORMAT, "number 1 of the memo is not there"),
    ROW("q\0", VARSDB_FORMAT, "more values than there are"),
    ROW("Nq\xff", VARSDB_FORMAT, "number 255 of the memo"),
    ROW("s", VARSDB_FORMAT, "an item is put, and there is none"),
    ROW("]a", VARSDB_FORMAT, "more values than there are"),
    ROW("}K\1a", VARSDB_FORMAT, "which is no list"),
    ROW("a", VARSDB_FORMAT, "an item is put, and there is none"),
    ROW("]K\1K\2s", VARSDB_FORMAT, "which is no dict"),
    ROW("}(K\1u", VARSDB_FORMAT, "a key without a value"),
    ROW("K\1t", VARSDB_FORMAT, "there is no mark"),
    ROW("K\1\x86", VARSDB_FORMAT, "more values than there are"),
    ROW("K\1Q", VARSDB_FORMAT, "a storage is named by a number"),
    ROW("cnowhere\nnothing\n", VARSDB_UNSUPPORTED, "'nowhere.nothing'"),
    ROW("U\1\xff", VARSDB_FORMAT, "not UTF-8"),
    ROW("\x80\3N", VARSDB_FORMAT, "protocol 3"),
    ROW("K\1", VARSDB_OK, ""),
};

START_TEST(operations_that_cannot_be_are_refused_and_say_why)
{
    check_refused(machines[_i].pickle, machines[_i].bytes, machines[_i].code, machines[_i].said);
}
END_TEST

/* ---- long names */

static void put_long_text(zip_maker *m, size_t bytes)
{
    torch_put(m, "X");
    zip_number(m, bytes, 4);
    for (size_t i = 0; i < bytes; i++)
        torch_put(m, "n");
}

/* A key in a dict in a dict; the point between them counts. */
static void check_names(size_t outer, size_t inner, int code)
{
    zip_maker m = {0};
    torch_put(&m, "}(");
    put_long_text(&m, outer);
    torch_put(&m, "}(");
    put_long_text(&m, inner);
    zip_put(&m, PLAIN, sizeof PLAIN - 1);
    torch_put(&m, "uu");
    check_refused(m.data, m.bytes, code, code ? "a name has more than 4096 bytes" : "");
    free(m.data);
}

START_TEST(a_name_has_as_many_bytes_as_a_registry_takes)
{
    check_names(VDB_NAME_BYTES_MAX - 2, 1, VARSDB_OK);
    check_names(VDB_NAME_BYTES_MAX - 2, 2, VARSDB_FORMAT);
    check_names(1, VDB_NAME_BYTES_MAX - 2, VARSDB_OK);
    check_names(1, VDB_NAME_BYTES_MAX - 1, VARSDB_FORMAT);
    check_names(VDB_NAME_BYTES_MAX, 1, VARSDB_FORMAT);
    check_names(VDB_NAME_BYTES_MAX + 1, 1, VARSDB_FORMAT);
}
END_TEST

START_TEST(a_tensor_has_as_many_dimensions_as_a_registry_takes)
{
    for (int rank = VARSDB_RANK_MAX; rank <= VARSDB_RANK_MAX + 1; rank++) {
        zip_maker m = {0};
        zip_put(&m, CALL_V2 FLOATS "K\0", sizeof(CALL_V2 FLOATS "K\0") - 1);
        for (int part = 0; part < 2; part++) {
            torch_put(&m, "(");
            for (int i = 0; i < rank; i++)
                torch_put(&m, "K\1");
            torch_put(&m, "t");
        }
        zip_put(&m, REST, sizeof REST - 1);
        check_refused(m.data, m.bytes, rank > VARSDB_RANK_MAX ? VARSDB_FORMAT : VARSDB_OK,
                      rank > VARSDB_RANK_MAX ? "it has 65 dimensions" : "");
        free(m.data);
    }
}
END_TEST

Suite *test_pytorch_hostile_suite(void)
{
    Suite *suite = suite_create("pytorch_hostile");
    TCase *tc = tcase_create("pytorch_hostile");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, a_tensor_that_is_none_is_refused_and_says_why, 0,
                        sizeof tensors / sizeof *tensors);
    tcase_add_loop_test(tc, operations_that_cannot_be_are_refused_and_say_why, 0,
                        sizeof machines / sizeof *machines);
    tcase_add_test(tc, a_name_has_as_many_bytes_as_a_registry_takes);
    tcase_add_test(tc, a_tensor_has_as_many_dimensions_as_a_registry_takes);
    suite_add_tcase(suite, tc);
    return suite;
}
