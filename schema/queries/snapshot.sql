-- snapshot.sql - snapshots and their items.

-- part: snapshot_columns
-- A snapshot's row in the order of its digest, and the digest (snapshot_row.h).
       p.id, p.uid, p.namespace_id, p.name, p.step, p.metadata, p.pinned, p.variables, p.bytes,
       p.new_bytes, p.created_at, p.items_digest, p.digest

-- name: snapshot_by_id
SELECT
{snapshot_columns}
FROM {schema}.varsdb_snapshots p WHERE p.id = $1;

-- name: snapshot_by_name
SELECT p.id FROM {schema}.varsdb_snapshots p WHERE p.namespace_id = $1 AND p.name = $2;

-- name: snapshot_by_step
SELECT max(p.id) FROM {schema}.varsdb_snapshots p WHERE p.namespace_id = $1 AND p.step = $2;

-- name: snapshot_unnamed_by_step
SELECT max(p.id) FROM {schema}.varsdb_snapshots p
WHERE p.namespace_id = $1 AND p.step = $2 AND p.name IS NULL;

-- name: snapshot_latest
SELECT max(p.id) FROM {schema}.varsdb_snapshots p WHERE p.namespace_id = $1;

-- name: snapshots_list
SELECT
{snapshot_columns},
       n.name
FROM {schema}.varsdb_snapshots p
CROSS JOIN {schema}.varsdb_namespaces n ON n.id = p.namespace_id
WHERE p.namespace_id = $1
ORDER BY p.id;

-- name: snapshot_next_id
-- Above the items of dropped snapshots too, which may still be there.
SELECT coalesce(max(m.id), 0) + 1
FROM (SELECT max(p.id) AS id FROM {schema}.varsdb_snapshots p
      UNION ALL
      SELECT max(i.snapshot_id) FROM {schema}.varsdb_snapshot_items i) m;

-- name: snapshot_insert
INSERT INTO {schema}.varsdb_snapshots (
    id, uid, namespace_id, name, step, metadata, pinned, variables, bytes, new_bytes, created_at,
    items_digest, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: snapshot_set_pinned
UPDATE {schema}.varsdb_snapshots SET pinned = $2, digest = $3 WHERE id = $1;

-- name: snapshot_delete
DELETE FROM {schema}.varsdb_snapshots WHERE id = $1;

-- name: snapshot_delete_attributes
DELETE FROM {schema}.varsdb_attributes WHERE owner_kind = 'snapshot' AND owner_id = $1;

-- name: snapshots_surplus
-- Neither pinned, nor of the last $2, nor of a step that is a multiple of $3 (which may be NULL).
SELECT p.id
FROM {schema}.varsdb_snapshots p
WHERE p.namespace_id = $1 AND p.pinned = 0
  AND (p.step IS NULL OR $3 IS NULL OR p.step % $3 <> 0)
  AND p.id < (SELECT min(k.id)
              FROM (SELECT q.id FROM {schema}.varsdb_snapshots q
                    WHERE q.namespace_id = $1 ORDER BY q.id DESC LIMIT $2) k)
ORDER BY p.id;

-- ---- items

-- name: snapshot_item_insert
INSERT INTO {schema}.varsdb_snapshot_items (
    snapshot_id, state_id)
VALUES (
    $1, $2);

-- name: snapshot_items_copy
-- Of $2, for $1.
INSERT INTO {schema}.varsdb_snapshot_items (
    snapshot_id, state_id)
SELECT $1, i.state_id FROM {schema}.varsdb_snapshot_items i WHERE i.snapshot_id = $2;

-- name: snapshot_item_delete
DELETE FROM {schema}.varsdb_snapshot_items WHERE snapshot_id = $1 AND state_id = $2;

-- name: snapshot_items
SELECT state_id FROM {schema}.varsdb_snapshot_items WHERE snapshot_id = $1 ORDER BY state_id;

-- name: snapshot_new_tensor
-- Size and number of chunks of a tensor, when no other snapshot than $2 needs it.
SELECT t.bytes, t.chunk_count
FROM {schema}.varsdb_tensors t
WHERE t.id = $1
  AND NOT EXISTS (SELECT 1
                  FROM {schema}.varsdb_states o
                  JOIN {schema}.varsdb_snapshot_items j ON j.state_id = o.id
                  JOIN {schema}.varsdb_snapshots p ON p.id = j.snapshot_id
                  WHERE o.tensor_id = $1 AND j.snapshot_id <> $2);

-- name: snapshot_new_chunk_bytes
-- Bytes of the tensor's chunks that no other snapshot than $2 needs, and of $2 no tensor before this
-- one.  The row of $2 itself is not there yet.
SELECT coalesce(sum(k.bytes), 0)
FROM {schema}.varsdb_chunks k
WHERE k.id IN (SELECT l.chunk_id FROM {schema}.varsdb_tensor_chunks l WHERE l.tensor_id = $1)
  AND NOT EXISTS (SELECT 1
                  FROM {schema}.varsdb_tensor_chunks x
                  JOIN {schema}.varsdb_states o ON o.tensor_id = x.tensor_id
                  JOIN {schema}.varsdb_snapshot_items j ON j.state_id = o.id
                  WHERE x.chunk_id = k.id
                    AND CASE j.snapshot_id WHEN $2 THEN x.tensor_id < $1
                        ELSE EXISTS (SELECT 1 FROM {schema}.varsdb_snapshots p
                                     WHERE p.id = j.snapshot_id) END);
