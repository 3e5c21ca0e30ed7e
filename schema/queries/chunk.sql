-- chunk.sql - chunks.

-- name: chunk_find
-- Of those with one hash the next; where one was deleted, a number is missing.
SELECT id, discriminator FROM {schema}.varsdb_chunks
WHERE hash = $1 AND bytes = $2 AND discriminator >= $3 ORDER BY discriminator LIMIT 1;

-- name: chunk_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_chunks;

-- name: chunk_insert
INSERT INTO {schema}.varsdb_chunks (
    id, hash, bytes, discriminator, digest, data)
VALUES (
    $1, $2, $3, $4, $5, $6);

-- name: chunk_mend
-- The stored bytes rotted; these are right.
UPDATE {schema}.varsdb_chunks SET data = $2 WHERE id = $1;
