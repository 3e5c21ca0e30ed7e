/* format.c - which formats there are, and what a file is; see format.h. */
#include "format.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "../mem.h"

static const vdb_format *const formats[] = {
#ifndef VARSDB_OMIT_SAFETENSORS
    &vdb_format_safetensors,
    &vdb_format_safetensors_index,
#endif
#ifndef VARSDB_OMIT_NUMPY
    &vdb_format_npy,
    &vdb_format_npz,
#endif
#ifndef VARSDB_OMIT_PYTORCH
    &vdb_format_pytorch,
#endif
#ifndef VARSDB_OMIT_GGUF
    &vdb_format_gguf,
#endif
#ifndef VARSDB_OMIT_TENSORFLOW
    &vdb_format_tensorflow,
#endif
    NULL,
};

typedef struct signature {
    const char *bytes;
    size_t count;
    bool any_case;
    const char *what;
} signature;

#define SIGNATURE(text, what)               \
    {                                       \
        text, sizeof(text) - 1, false, what \
    }
#define WORD_SIGNATURE(text, what)         \
    {                                      \
        text, sizeof(text) - 1, true, what \
    }

/* What people hand over by mistake, at the file's begin. */
static const signature strangers[] = {
    SIGNATURE("version https://git-lfs", "a Git-LFS pointer, not the file itself; run 'git lfs pull'"),
    SIGNATURE("SQLite format 3", "an SQLite database"),
#ifdef VARSDB_OMIT_NUMPY
    SIGNATURE("\x93NUMPY", "a NumPy array (.npy), which this varsdb was built without"),
    SIGNATURE("PK\3\4", "a zip archive (NumPy's .npz? PyTorch's .pt?), which this varsdb was built without"),
    SIGNATURE("PK\5\6", "an empty zip archive"),
#endif
    SIGNATURE("GGUF", "a GGUF file, which this varsdb was built without"),
    SIGNATURE("\x89HDF\r\n\x1a\n", "an HDF5 file (Keras?), which is not read"),
    SIGNATURE("\x80\x02", "a Python pickle, which is not read; of pickles only those of torch.save are"),
    SIGNATURE("\x80\x03", "a Python pickle, which is not read"),
    SIGNATURE("\x80\x04", "a Python pickle, which is not read"),
    SIGNATURE("\x80\x05", "a Python pickle, which is not read"),
    SIGNATURE("\x1f\x8b", "compressed by gzip; decompress it first"),
    SIGNATURE("\x28\xb5\x2f\xfd", "compressed by zstd; decompress it first"),
    SIGNATURE("\xfd"
              "7zXZ",
              "compressed by xz; decompress it first"),
};

/* The same, after white space. */
static const signature strange_texts[] = {
    WORD_SIGNATURE("<!doctype html", "an HTML page, perhaps an error page instead of the download"),
    WORD_SIGNATURE("<html", "an HTML page, perhaps an error page instead of the download"),
    WORD_SIGNATURE("<?xml", "an XML text, perhaps an error message instead of the download"),
    SIGNATURE("{", "a JSON text, and no index of a sharded set"),
};

static const unsigned char tensorflow_table_end[8] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};

static const char *find_signature(const signature *list, size_t count, const char *head, size_t bytes)
{
    for (size_t i = 0; i < count; i++) {
        const signature *s = &list[i];
        if (bytes < s->count)
            continue;
        if (s->any_case ? strncasecmp(head, s->bytes, s->count) == 0 : memcmp(head, s->bytes, s->count) == 0)
            return s->what;
    }
    return NULL;
}

static size_t leading_space(const char *text, size_t bytes)
{
    size_t n = 0;
    while (n < bytes && memchr(" \t\r\n", text[n], 4))
        n++;
    return n;
}

static bool ends_as_tensorflow_table(const vdb_sniff *f)
{
    size_t bytes = sizeof tensorflow_table_end;
    return f->tail_bytes >= bytes &&
           memcmp(f->tail + f->tail_bytes - bytes, tensorflow_table_end, bytes) == 0;
}

static const char *what_else(const vdb_sniff *f)
{
    const char *head = (const char *)f->head;
    if (!f->head_bytes)
        return "empty";
    const char *what = find_signature(strangers, sizeof strangers / sizeof *strangers, head, f->head_bytes);
    size_t space = leading_space(head, f->head_bytes);
    if (!what)
        what = find_signature(strange_texts, sizeof strange_texts / sizeof *strange_texts, head + space,
                              f->head_bytes - space);
    if (!what && ends_as_tensorflow_table(f))
        what = "a TensorFlow checkpoint's index, which this varsdb was built without";
    return what;
}

static const vdb_format *recognize(const vdb_sniff *f, int at_least)
{
    for (size_t i = 0; formats[i]; i++)
        if (formats[i]->recognize(f) >= at_least)
            return formats[i];
    return NULL;
}

static int fail_without(vdb_error *e)
{
    return vdb_fail(e, VARSDB_UNSUPPORTED,
                    "this varsdb was built without any format of tensor files; build it without "
                    "one of VARSDB_OMIT_SAFETENSORS, _NUMPY, _PYTORCH, _GGUF and _TENSORFLOW");
}

static int fail_known(vdb_error *e, int code, const char *what)
{
    vdb_buf known = {0};
    int rc = VARSDB_OK;
    for (size_t i = 0; formats[i] && rc == VARSDB_OK; i++)
        if (i == 0 || strcmp(formats[i]->name, formats[i - 1]->name) != 0)
            rc = vdb_buf_printf(&known, "%s%s", i ? ", " : "", formats[i]->name);
    rc = rc == VARSDB_OK ? vdb_fail(e, code, "%s; known formats: %s", what, known.data) : vdb_fail_nomem(e);
    vdb_buf_release(&known);
    return rc;
}

static int sniff(vdb_error *e, const vdb_input *in, vdb_sniff *out)
{
    size_t bytes = in->bytes < VDB_SNIFF_BYTES ? (size_t)in->bytes : VDB_SNIFF_BYTES;
    *out = (vdb_sniff){.head_bytes = bytes, .tail_bytes = bytes, .file_bytes = in->bytes};
    int rc = vdb_input_read(e, in, 0, out->head, bytes);
    return rc == VARSDB_OK ? vdb_input_read(e, in, in->bytes - bytes, out->tail, bytes) : rc;
}

int vdb_format_of_file(vdb_error *e, const vdb_input *in, const vdb_format **out)
{
    vdb_sniff f;
    if (!formats[0])
        return fail_without(e);
    int rc = sniff(e, in, &f);
    if (rc != VARSDB_OK)
        return rc;
    const vdb_format *format = recognize(&f, 2);
    const char *what = format ? NULL : what_else(&f);
    if (what)
        return vdb_fail(e, VARSDB_FORMAT, "it is not a tensor file: it is %s", what);
    if (!format)
        format = recognize(&f, 1);
    if (!format)
        return fail_known(e, VARSDB_FORMAT, "it is not a tensor file, or is damaged at its begin");
    *out = format;
    return VARSDB_OK;
}

int vdb_format_find_file(vdb_error *e, const char *path, char **out)
{
    char *found = NULL;
    int rc = VARSDB_OK;
    for (size_t i = 0; formats[i] && rc == VARSDB_OK && !found; i++)
        if (formats[i]->find)
            rc = formats[i]->find(e, path, &found);
    if (rc == VARSDB_OK && !found && !(found = vdb_strdup(path)))
        rc = vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        *out = found;
    return rc;
}

static bool ends_in(const char *path, const char *suffix)
{
    size_t bytes = strlen(path), suffix_bytes = strlen(suffix);
    return bytes >= suffix_bytes && strcasecmp(path + bytes - suffix_bytes, suffix) == 0;
}

int vdb_format_of_name(vdb_error *e, const char *name, const char *path, const vdb_format **out)
{
    for (size_t i = 0; formats[i]; i++)
        if (name ? strcmp(name, formats[i]->name) == 0 : ends_in(path, formats[i]->suffix)) {
            *out = formats[i];
            return VARSDB_OK;
        }
    if (!formats[0])
        return fail_without(e);
    int rc =
        fail_known(e, VARSDB_UNSUPPORTED, name ? "there is no such format" : "its suffix names no format");
    return rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, "'%s'", name ? name : path);
}

int vdb_tensor_list_pass_over(vdb_error *e, vdb_tensor_list *list, const char *name)
{
    int rc = vdb_buf_append(&list->passed_over, name, strlen(name) + 1);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(e);
}

void vdb_tensor_list_release(vdb_tensor_list *list)
{
    vdb_buf_release(&list->passed_over);
    vdb_free(list->tensors);
    vdb_free(list->metadata);
    vdb_free(list->arena);
    *list = (vdb_tensor_list){0};
}
