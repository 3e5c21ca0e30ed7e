-- tensor.sql - tensors and the chunks that they are made of.

-- name: tensor_by_id
SELECT
{tensor_columns}
FROM {schema}.varsdb_tensors t WHERE t.id = $1;

-- name: tensor_find
-- Of those with one hash the next; where one was deleted, a number is missing.
SELECT id, discriminator FROM {schema}.varsdb_tensors
WHERE hash = $1 AND bytes = $2 AND dtype = $3 AND discriminator >= $4 ORDER BY discriminator LIMIT 1;

-- name: tensor_next_id
-- Above those whose lists are still to be deleted.
SELECT coalesce(max(id), 0) + 1
FROM (SELECT max(id) AS id FROM {schema}.varsdb_tensors
      UNION ALL SELECT max(tensor_id) FROM {schema}.varsdb_tensor_chunks) used;

-- name: tensor_insert
INSERT INTO {schema}.varsdb_tensors (
    id, hash, bytes, dtype, discriminator, min, max, mean, std, l2_norm, zeros, nans, pos_infs,
    neg_infs, chunk_count, chunks_digest, digest, inline)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: tensor_chunks
SELECT position, chunk_id FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1 ORDER BY position;

-- name: tensor_links
-- A range of a tensor's list, each with its chunk's row (chunk.h).
SELECT x.tensor_id, x.position, x.chunk_id, x.digest, k.id, k.hash, k.bytes, k.discriminator, k.digest
FROM {schema}.varsdb_tensor_chunks x
JOIN {schema}.varsdb_chunks k ON k.id = x.chunk_id
WHERE x.tensor_id = $1 AND x.position BETWEEN $2 AND $3
ORDER BY x.position;

-- name: tensor_chunk_insert
INSERT INTO {schema}.varsdb_tensor_chunks (
    tensor_id, position, chunk_id, digest)
VALUES (
    $1, $2, $3, $4);
