-- diff.sql - what two tensors have in common.

-- name: diff_common_chunks
-- The places at which both have the same chunk, and the digests of both rows.
SELECT a.position, a.chunk_id, a.digest, b.digest
FROM {schema}.varsdb_tensor_chunks a
CROSS JOIN {schema}.varsdb_tensor_chunks b
    ON b.tensor_id = $2 AND b.position = a.position AND b.chunk_id = a.chunk_id
WHERE a.tensor_id = $1
ORDER BY a.position;
