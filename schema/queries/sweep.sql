-- sweep.sql - what deleted owners left behind, piece by piece (sweep.h).  Each statement asks by itself
-- whether the thing is garbage, in the transaction that deletes it.

-- name: sweep_tensor_delete
-- A row that nothing refers to any more; its list is garbage from then on.
DELETE FROM {schema}.varsdb_tensors
WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.tensor_id = $1)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_states w WHERE w.tensor_id = $1)
RETURNING CASE WHEN chunk_count = 0 THEN bytes ELSE 0 END;

-- name: sweep_tensor_there
SELECT 1 FROM {schema}.varsdb_tensors WHERE id = $1;

-- name: sweep_list
SELECT x.position, c.bytes
FROM {schema}.varsdb_tensor_chunks x
LEFT JOIN {schema}.varsdb_chunks c ON c.id = x.chunk_id
WHERE x.tensor_id = $1
ORDER BY x.position
LIMIT $2;

-- name: sweep_list_free
-- Chunks of the list up to a position that no row behind it, no other list and no save in flight needs,
-- if they are of that size: they can be written over.
INSERT INTO {schema}.varsdb_free_chunks (chunk_id)
SELECT k.id
FROM {schema}.varsdb_chunks k
WHERE k.id IN (SELECT chunk_id FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1 AND position <= $2)
  AND k.bytes = $3
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x
                  WHERE x.chunk_id = k.id AND (x.tensor_id <> $1 OR x.position > $2))
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = k.id)
ON CONFLICT (chunk_id) DO NOTHING
RETURNING $3;

-- name: sweep_list_chunks
-- The same of any size, but for those that are to be written over.
DELETE FROM {schema}.varsdb_chunks
WHERE id IN (SELECT chunk_id FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1 AND position <= $2)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x
                  WHERE x.chunk_id = varsdb_chunks.id AND (x.tensor_id <> $1 OR x.position > $2))
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = varsdb_chunks.id)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_free_chunks f WHERE f.chunk_id = varsdb_chunks.id)
RETURNING bytes;

-- name: sweep_list_rows
DELETE FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1 AND position <= $2;

-- name: sweep_chunk_delete
DELETE FROM {schema}.varsdb_chunks
WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x WHERE x.chunk_id = $1)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = $1)
RETURNING bytes;

-- name: sweep_snapshot_there
SELECT 1 FROM {schema}.varsdb_snapshots WHERE id = $1;

-- name: sweep_items
SELECT state_id FROM {schema}.varsdb_snapshot_items WHERE snapshot_id = $1 ORDER BY state_id LIMIT $2;

-- name: sweep_item_delete
DELETE FROM {schema}.varsdb_snapshot_items WHERE snapshot_id = $1 AND state_id = $2;

-- name: sweep_state_delete
DELETE FROM {schema}.varsdb_states
WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_snapshot_items i WHERE i.state_id = $1)
RETURNING tensor_id;

-- name: sweep_session_uid
SELECT uid FROM {schema}.varsdb_sessions WHERE id = $1;

-- name: sweep_pins
SELECT chunk_id FROM {schema}.varsdb_pins WHERE session_id = $1 ORDER BY chunk_id LIMIT $2;

-- name: sweep_pin_delete
DELETE FROM {schema}.varsdb_pins WHERE session_id = $1 AND chunk_id = $2;

-- name: sweep_session_delete
DELETE FROM {schema}.varsdb_sessions WHERE id = $1;
