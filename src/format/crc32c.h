/* crc32c.h - CRC-32C (Castagnoli), and the mask that LevelDB's tables store it under.  No I/O. */
#ifndef VDB_CRC32C_H
#define VDB_CRC32C_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stddef.h>
#include <stdint.h>

/* Goes on from the CRC of what came before, 0 at first. */
uint32_t vdb_crc32c(uint32_t crc, const void *data, size_t bytes);
/* The same without the processor's instruction, for tests. */
uint32_t vdb_crc32c_by_tables(uint32_t crc, const void *data, size_t bytes);
/* A CRC that is stored beside what it is of would be trivial to match again. */
uint32_t vdb_crc32c_mask(uint32_t crc);

#endif
#endif
