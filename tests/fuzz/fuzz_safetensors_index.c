/* fuzz_safetensors_index.c - any bytes as the index of a set, beside two files that it may name. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "varsdb.h"

#define ROOM 160

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[ROOM - 40];

static void path_of(const char *name, char path[ROOM])
{
    snprintf(path, ROOM, "%s/%s", folder, name);
}

static void put(const char *name, const void *data, size_t bytes)
{
    char path[ROOM];
    path_of(name, path);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f) != 0)
        abort();
}

static void remove_all(void)
{
    static const char *const names[] = {"i.json", "1.safetensors", "2.safetensors"};
    char path[ROOM];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        path_of(names[i], path);
        unlink(path);
    }
    rmdir(folder);
}

static void make_folder(void)
{
    static const char one[] =
        "\x44\0\0\0\0\0\0\0{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}"
        "               xy";
    static const char two[] =
        "\x44\0\0\0\0\0\0\0{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}"
        "               z";
    const char *root = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.80s/varsdb-fuzz-XXXXXX", root ? root : "/tmp");
    if (!mkdtemp(folder))
        abort();
    atexit(remove_all);
    put("1.safetensors", one, sizeof one - 1);
    put("2.safetensors", two, sizeof two - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[ROOM], piece[8];
    varsdb_reader *r = NULL;
    if (!*folder)
        make_folder();
    put("i.json", data, size);
    path_of("i.json", path);
    int rc = varsdb_open_reader(path, &r);
    assert(r && (rc == VARSDB_OK) == (varsdb_reader_errmsg(r)[0] == '\0'));
    for (size_t i = 0; rc == VARSDB_OK && i < varsdb_reader_count(r); i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        assert(t->bytes <= sizeof piece);
        assert(varsdb_reader_read(r, i, 0, piece, (size_t)t->bytes) == VARSDB_OK);
    }
    varsdb_close_reader(r);
    return 0;
}
