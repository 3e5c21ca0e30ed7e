-- chunk.sql - chunks.

-- name: chunk_find
-- Of those with one hash the next; where one was deleted, a number is missing.
SELECT id, discriminator FROM {schema}.varsdb_chunks
WHERE hash = $1 AND bytes = $2 AND discriminator >= $3 ORDER BY discriminator LIMIT 1;

-- name: chunk_next_id
-- Above those that are free, too: a new one must never be taken for one of them.
SELECT coalesce(max(id), 0) + 1
FROM (SELECT max(id) AS id FROM {schema}.varsdb_chunks
      UNION ALL SELECT max(chunk_id) FROM {schema}.varsdb_free_chunks) used;

-- name: chunk_take_free
-- scan: it ends at the first
-- The first free one of that size; it must not be needed, whatever the list says.
DELETE FROM {schema}.varsdb_free_chunks
WHERE chunk_id = (SELECT f.chunk_id
                  FROM {schema}.varsdb_free_chunks f
                  JOIN {schema}.varsdb_chunks k ON k.id = f.chunk_id
                  WHERE k.bytes = $1
                    AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x WHERE x.chunk_id = k.id)
                    AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = k.id)
                  ORDER BY f.chunk_id
                  LIMIT 1)
RETURNING chunk_id;

-- name: chunk_keep
-- It is needed again, or gone.
DELETE FROM {schema}.varsdb_free_chunks WHERE chunk_id = $1;

-- name: chunk_overwrite
-- As long as the bytes it had: then no page is freed or taken.
UPDATE {schema}.varsdb_chunks
SET hash = $2, bytes = $3, discriminator = $4, digest = $5, data = $6
WHERE id = $1;

-- name: chunk_insert
INSERT INTO {schema}.varsdb_chunks (
    id, hash, bytes, discriminator, digest, data)
VALUES (
    $1, $2, $3, $4, $5, $6);

-- name: chunk_mend
-- The stored bytes rotted; these are right.
UPDATE {schema}.varsdb_chunks SET data = $2 WHERE id = $1;
