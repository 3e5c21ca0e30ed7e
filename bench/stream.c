/*
 * stream.c - a tensor that is larger than memory, made while it is saved.
 */
#include "stream.h"

#include <stdlib.h>

#include "fail.h"
#include "tensors.h"

struct stream {
    unsigned char *piece;
    size_t bytes;
    float series, next;
};

struct stream *stream_new(size_t piece_bytes)
{
    struct stream *stream = must_allocate(1, sizeof *stream);

    stream->piece = must_allocate(1, piece_bytes);
    stream->bytes = piece_bytes;
    tensors_fill(stream->piece, piece_bytes, 1);
    return stream;
}

void stream_free(struct stream *stream)
{
    free(stream->piece);
    free(stream);
}

void stream_begin(struct stream *stream)
{
    stream->series += 1.0F;
    stream->next = 0.0F;
}

const void *stream_piece(struct stream *stream, size_t *bytes)
{
    tensors_stamp(stream->piece, stream->bytes, stream->series, stream->next);
    stream->next += 1.0F;
    *bytes = stream->bytes;
    return stream->piece;
}

const varsdb_variable *stream_variable(varsdb *db, const char *name, int64_t bytes)
{
    const varsdb_variable *variable;

    must(db, varsdb_get_variable(db, name,
                                 VARSDB_WITH(.shape = VARSDB_SHAPE(bytes / 4), .dtype = VARSDB_FLOAT32,
                                             .initializer = "none", .reuse = VARSDB_CREATE),
                                 NULL, &variable));
    return variable;
}

void stream_save(struct stream *stream, varsdb *db, const varsdb_variable *variable, int64_t bytes)
{
    varsdb_writer *writer;

    must(db, varsdb_open_writer(db, variable, &writer));
    stream_begin(stream);
    for (int64_t done = 0; done < bytes;) {
        size_t piece_bytes;
        const void *piece = stream_piece(stream, &piece_bytes);

        must(db, varsdb_append(writer, piece, piece_bytes));
        done += (int64_t)piece_bytes;
    }
    must(db, varsdb_finish(writer));
    varsdb_close_writer(writer);
}
