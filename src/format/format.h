/*
 * format.h - what a tensor file format is to the rest: a reader that lists tensors
 * and reads ranges of them, and a writer.  One file a format; format.c knows them
 * all and recognizes a file by its content.  VARSDB_OMIT_<FORMAT> leaves one out.
 */
#ifndef VDB_FORMAT_H
#define VDB_FORMAT_H

#include <stdint.h>

#include "../buf.h"
#include "../error.h"

/* A file open for reading: its size is taken once, bytes come by pread. */
typedef struct vdb_input {
    int fd;
    uint64_t bytes;
    const char *path; /* borrowed */
} vdb_input;

/* VARSDB_CANTOPEN when FILE-wal, FILE-shm, FILE-journal or FILE-turnstile stands beside the file
 * (beside the target, for a symbolic link).  It opens nothing: the file may be a database that
 * this process has open, and closing a descriptor of it would drop that database's locks. */
int vdb_input_refuse_database(vdb_error *e, const char *path);
/* Refuses directories, FIFOs, devices, and such databases.  VARSDB_CANTOPEN. */
int vdb_input_open(vdb_error *e, const char *path, vdb_input *out);
/* Exactly bytes; a short read is VARSDB_FORMAT ("changed or truncated"). */
int vdb_input_read(vdb_error *e, const vdb_input *in, uint64_t offset, void *buffer, size_t bytes);
void vdb_input_close(vdb_input *in);

/* Bytes of a file, or of a member of an archive. */
typedef struct vdb_source {
    int (*read_at)(vdb_error *e, const void *payload, uint64_t offset, void *buffer, size_t bytes);
    const void *payload;
    uint64_t bytes;
} vdb_source;
/* All of the file; the input is borrowed. */
vdb_source vdb_input_source(const vdb_input *in);

typedef struct vdb_tensor_entry {
    varsdb_tensor_info info; /* name and dims owned by the reader */
    uint64_t offset;         /* in the file, or whatever the format's own read makes of it */
    const char *json;      /* an object with what else the file says of it, kept with the variable; or NULL */
    const char *unread;    /* "holds dates": why its dtype is VARSDB_DTYPE_NOT_SAID; NULL where it is said */
    const char *full_name; /* another name for it, see name_fully; NULL: none is known */
} vdb_tensor_entry;

typedef struct vdb_metadata {
    char *key, *json;
} vdb_metadata;

/* What every reader yields. */
typedef struct vdb_tensor_list {
    vdb_tensor_entry *tensors;
    size_t count;
    vdb_metadata *metadata;
    size_t metadata_count;
    char *arena;         /* memory of names, dims, and all texts */
    vdb_buf passed_over; /* names of what else is in the file, and is no tensor of it; each ended by a zero */
} vdb_tensor_list;
int vdb_tensor_list_pass_over(vdb_error *e, vdb_tensor_list *list, const char *name);
void vdb_tensor_list_release(vdb_tensor_list *list);

/* A file being written under another name in the directory of `path`, until it is published. */
typedef struct vdb_output {
    int fd;           /* -1: finished, or none */
    const char *path; /* borrowed */
    char *temporary;  /* NULL: none, or published */
} vdb_output;

/* Refuses a path that is there and no regular file, or that may be a database in use. */
int vdb_output_open(vdb_error *e, const char *path, vdb_output *out);
/* All of the bytes.  VARSDB_FULL, VARSDB_IO. */
int vdb_output_write(vdb_error *e, int fd, const void *data, size_t bytes);
/* All of it is written: syncs and closes the file.  Of several, all are finished before one is published. */
int vdb_output_finish(vdb_error *e, vdb_output *out);
/* Finishes, renames to path, syncs the directory. */
int vdb_output_publish(vdb_error *e, vdb_output *out);
/* Removes what was not published.  {0} and {.fd = -1} are allowed. */
void vdb_output_close(vdb_output *out);

/* A tensor to be written: the callback gives its bytes, in order, each range once, of strings perhaps
 * several times from the beginning.  A callback that fails has told why by itself; its result is passed on.
 */
typedef struct vdb_output_tensor {
    const char *name;
    varsdb_dtype dtype;
    varsdb_shape shape;
    uint64_t bytes;
    int64_t tag;      /* the caller's */
    const char *json; /* what a file of the same format said of it, see vdb_tensor_entry; NULL: nothing */
} vdb_output_tensor;
typedef int (*vdb_tensor_source_cb)(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes);

/* What is written: tensors, which may be reordered in place, and the file's metadata. */
typedef struct vdb_writing {
    const char *path;
    vdb_output_tensor *tensors;
    size_t count;
    const vdb_metadata *metadata;
    size_t metadata_count;
    vdb_tensor_source_cb source;
    void *payload;
    uint64_t max_shard_bytes; /* of tensors in one file of a set; 0: there is no limit */
} vdb_writing;

/* Opens w->path for writing, lets `stream` write it from its beginning, and publishes it. */
int vdb_output_file(vdb_error *e, const vdb_writing *w,
                    int (*stream)(vdb_error *e, int fd, const vdb_writing *w));

/* What a file looks like: its first and its last bytes, as far as there are so many. */
#define VDB_SNIFF_BYTES 64
typedef struct vdb_sniff {
    unsigned char head[VDB_SNIFF_BYTES], tail[VDB_SNIFF_BYTES];
    size_t head_bytes, tail_bytes;
    uint64_t file_bytes;
} vdb_sniff;

typedef struct vdb_format {
    const char *name;
    const char *suffix; /* ".safetensors" */
    /* The file to open for what was named, to be freed: of a folder, a prefix, another file of the set. NULL:
     * the path is the file.  A format that has no sets has none of this. */
    int (*find)(vdb_error *e, const char *path, char **out);
    /* 2 it, 1 it but damaged, 0 another thing. */
    int (*recognize)(const vdb_sniff *sniff);
    /* Lists the tensors, reading none of them.  *state, for the next two, may stay NULL. */
    int (*open)(vdb_error *e, const vdb_input *in, vdb_tensor_list *out, void **state);
    /* Bytes [offset, offset + bytes) of a tensor, in C order and little-endian, of strings the canonical
     * ones. Mostly asked for in order.  NULL: they lie in the file as they are, from the entry's offset on.
     */
    int (*read)(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                uint64_t offset, void *buffer, size_t bytes);
    /* Sets full_name where the file tells of one, owned by the state.  NULL: it never does. */
    int (*name_fully)(vdb_error *e, void *state, const vdb_input *in, vdb_tensor_list *list);
    void (*close)(void *state); /* NULL where state always is */
    /* Each file appears complete or not at all, and the one that makes the others visible last.  NULL:
     * the format is read only. */
    int (*write)(vdb_error *e, const vdb_writing *w);
} vdb_format;

extern const vdb_format vdb_format_safetensors;
extern const vdb_format vdb_format_safetensors_index; /* sets of them */
extern const vdb_format vdb_format_npy;
extern const vdb_format vdb_format_npz;
extern const vdb_format vdb_format_pytorch;
extern const vdb_format vdb_format_gguf;
extern const vdb_format vdb_format_tensorflow;

/* The file to open for a path that people give, to be freed. */
int vdb_format_find_file(vdb_error *e, const char *path, char **out);
/* By content; VARSDB_FORMAT says what the file is instead (Git-LFS pointer, HTML page, zip,
 * NumPy, GGUF, HDF5, pickle, SQLite database, empty, ...). */
int vdb_format_of_file(vdb_error *e, const vdb_input *in, const vdb_format **out);
/* By name, or by the suffix of path when name is NULL.  VARSDB_UNSUPPORTED lists the known. */
int vdb_format_of_name(vdb_error *e, const char *name, const char *path, const vdb_format **out);

#endif
