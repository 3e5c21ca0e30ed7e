/* npy.c - reading an array from a file in NumPy's format; see npy.h. */
#include "npy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shape.h"

typedef struct npy_file {
    cli *c;
    const char *path;
    int fd;
    uint64_t size;
} npy_file;

static int fail_file(const npy_file *f, const char *why)
{
    return cli_fail(f->c, CLI_USAGE, "%s: not usable as a NumPy array: %s", f->path, why);
}

/* Exactly bytes from offset on; the size was checked, so that less means that the file changed. */
static int read_at(const npy_file *f, uint64_t offset, void *data, size_t bytes)
{
    char *p = data;
    while (bytes) {
        ssize_t n = pread(f->fd, p, bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cli_fail(f->c, CLI_FAILED, "%s: cannot read it: %s", f->path,
                            n < 0 ? strerror(errno) : "it became shorter meanwhile");
        p += n;
        bytes -= (size_t)n;
        offset += (uint64_t)n;
    }
    return CLI_DONE;
}

static int open_file(npy_file *f)
{
    struct stat st;
    f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (f->fd < 0 || fstat(f->fd, &st) != 0)
        return cli_fail(f->c, CLI_FAILED, "%s: cannot open it: %s", f->path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return fail_file(f, "it is no regular file");
    f->size = (uint64_t)st.st_size;
    return CLI_DONE;
}

/* Reads and checks the header; *data_offset is where the array begins. */
static int read_header(const npy_file *f, npy_header *header, uint64_t *data_offset)
{
    unsigned char start[12];
    char text[NPY_HEADER_MAX];
    if (f->size < sizeof start)
        return fail_file(f, "it is too short");
    int status = read_at(f, 0, start, sizeof start);
    if (status != CLI_DONE)
        return status;
    if (memcmp(start, "\x93NUMPY", 6) != 0)
        return fail_file(f, "it does not begin as one");
    if (start[6] < 1 || start[6] > 3 || start[7] != 0)
        return fail_file(f, "its version is not 1.0, 2.0 or 3.0");
    uint64_t at = start[6] == 1 ? 10 : 12;
    uint64_t bytes = (uint64_t)start[8] | (uint64_t)start[9] << 8;
    if (start[6] > 1)
        bytes |= (uint64_t)start[10] << 16 | (uint64_t)start[11] << 24;
    if (bytes > sizeof text)
        return fail_file(f, "its header is longer than 10000 bytes");
    if (bytes > f->size - at)
        return fail_file(f, "its header is cut off");
    status = read_at(f, at, text, (size_t)bytes);
    if (status != CLI_DONE)
        return status;
    const char *why = npy_parse_header(text, (size_t)bytes, header);
    if (why)
        return fail_file(f, why);
    *data_offset = at + bytes;
    return CLI_DONE;
}

static int check_header(const npy_file *f, const npy_header *header, varsdb_dtype dtype,
                        const varsdb_shape *shape)
{
    char has[SHAPE_TEXT_MAX], wants[SHAPE_TEXT_MAX];
    shape_print(has, &(varsdb_shape){header->rank, header->dims});
    shape_print(wants, shape);
    if (header->dtype != dtype)
        return cli_fail(f->c, CLI_NO, "%s: its dtype is %s, the variable's is %s", f->path,
                        varsdb_dtype_name(header->dtype), varsdb_dtype_name(dtype));
    if (strcmp(has, wants) != 0)
        return cli_fail(f->c, CLI_NO, "%s: its shape is %s, the variable's is %s", f->path, has, wants);
    return CLI_DONE;
}

/* Complex numbers are two, each in its own byte order. */
static void swap_bytes(unsigned char *data, size_t bytes, size_t number)
{
    for (size_t at = 0; number > 1 && at < bytes; at += number) {
        for (size_t i = 0, j = number - 1; i < j; i++, j--) {
            unsigned char kept = data[at + i];
            data[at + i] = data[at + j];
            data[at + j] = kept;
        }
    }
}

/* From Fortran order, where the first axis varies fastest, to C order. */
static void reorder(const unsigned char *from, unsigned char *to, size_t elements, size_t size,
                    const varsdb_shape *shape)
{
    size_t strides[VARSDB_RANK_MAX], index[VARSDB_RANK_MAX] = {0}, stride = size, at = 0;
    for (int i = 0; i < shape->rank; i++) {
        strides[i] = stride;
        stride *= (size_t)shape->dims[i];
    }
    for (size_t n = 0; n < elements; n++) {
        memcpy(to + n * size, from + at, size);
        for (int axis = shape->rank - 1; axis >= 0; axis--) {
            at += strides[axis];
            if (++index[axis] < (size_t)shape->dims[axis])
                break;
            at -= strides[axis] * index[axis];
            index[axis] = 0;
        }
    }
}

static bool only_zeros_and_ones(const unsigned char *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (data[i] > 1)
            return false;
    return true;
}

/* Makes what was read canonical; *data may be replaced. */
static int canonize(const npy_file *f, const npy_header *header, const varsdb_shape *shape,
                    unsigned char **data, size_t bytes)
{
    size_t size = (size_t)varsdb_dtype_bits(header->dtype) / 8;
    bool complex = header->dtype == VARSDB_COMPLEX64 || header->dtype == VARSDB_COMPLEX128;
    if (header->dtype == VARSDB_BOOL && !only_zeros_and_ones(*data, bytes))
        return fail_file(f, "it has bools that are neither 0 nor 1");
    if (header->big_endian)
        swap_bytes(*data, bytes, complex ? size / 2 : size);
    if (!header->fortran_order || shape->rank < 2)
        return CLI_DONE;
    unsigned char *ordered = malloc(bytes + 1);
    if (!ordered)
        return cli_fail_memory(f->c);
    reorder(*data, ordered, bytes / size, size, shape);
    free(*data);
    *data = ordered;
    return CLI_DONE;
}

/* The array's bytes, which must be all that follows the header. */
static int array_bytes(const npy_file *f, const npy_header *header, uint64_t offset, size_t *out)
{
    uint64_t bytes = (uint64_t)varsdb_dtype_bits(header->dtype) / 8;
    for (int i = 0; i < header->rank; i++)
        if (__builtin_mul_overflow(bytes, (uint64_t)header->dims[i], &bytes))
            return fail_file(f, "its size overflows");
    if (bytes > f->size - offset)
        return fail_file(f, "its data is cut off");
    if (bytes < f->size - offset)
        return fail_file(f, "there is something after its data");
    if (bytes >= SIZE_MAX)
        return fail_file(f, "it is too large");
    *out = (size_t)bytes;
    return CLI_DONE;
}

int npy_read(cli *c, const char *path, varsdb_dtype dtype, const varsdb_shape *shape, void **data,
             size_t *bytes)
{
    npy_file f = {.c = c, .path = path, .fd = -1};
    npy_header header;
    uint64_t offset = 0;
    size_t size = 0;
    unsigned char *read = NULL;
    int status = open_file(&f);
    if (status == CLI_DONE)
        status = read_header(&f, &header, &offset);
    if (status == CLI_DONE)
        status = check_header(&f, &header, dtype, shape);
    if (status == CLI_DONE)
        status = array_bytes(&f, &header, offset, &size);
    if (status != CLI_DONE)
        goto out;
    read = malloc(size + 1);
    status = read ? read_at(&f, offset, read, size) : cli_fail_memory(c);
    if (status == CLI_DONE)
        status = canonize(&f, &header, shape, &read, size);
    if (status != CLI_DONE)
        goto out;
    *data = read;
    *bytes = size;
    read = NULL;
out:
    free(read);
    if (f.fd >= 0)
        close(f.fd);
    return status;
}
