/* crc32.h - the checksum of zip archives. */
#ifndef VDB_CRC32_H
#define VDB_CRC32_H
#if !defined(VARSDB_OMIT_NUMPY) || !defined(VARSDB_OMIT_PYTORCH)

#include <stddef.h>
#include <stdint.h>

/* Of what `crc` is of, followed by the bytes; 0 is that of nothing. */
uint32_t vdb_crc32(uint32_t crc, const void *data, size_t bytes);
/* The same without the processor's instruction, for tests. */
uint32_t vdb_crc32_plain(uint32_t crc, const void *data, size_t bytes);

#endif
#endif
