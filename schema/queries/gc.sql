-- gc.sql - finding garbage: all that nothing refers to, in windows of ids.
--
-- A reference counts only if it leads back to a namespace or a snapshot, so that a dry run finds at once
-- what a real run finds one after the other, when what referred to it is gone.  What is deleted is asked
-- again by sweep.sql, in the transaction that deletes it.

-- part: tensor_in_use
       (EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.tensor_id = t.id)
        OR EXISTS (SELECT 1
                   FROM {schema}.varsdb_states w
                   JOIN {schema}.varsdb_snapshot_items i ON i.state_id = w.id
                   JOIN {schema}.varsdb_snapshots s ON s.id = i.snapshot_id
                   WHERE w.tensor_id = t.id))

-- name: gc_sessions
SELECT id, uid, host, started, pid, heartbeat_at
FROM {schema}.varsdb_sessions WHERE id > $1 ORDER BY id LIMIT $2;

-- name: gc_session
SELECT program, host, pid, heartbeat_at FROM {schema}.varsdb_sessions WHERE id = $1 AND uid = $2;

-- name: gc_next_pinner
SELECT session_id FROM {schema}.varsdb_pins WHERE session_id > $1 ORDER BY session_id, chunk_id LIMIT 1;

-- name: gc_next_snapshot
-- Of those that have items, there or not.
SELECT snapshot_id FROM {schema}.varsdb_snapshot_items
WHERE snapshot_id > $1 ORDER BY snapshot_id, state_id LIMIT 1;

-- name: gc_next_list
SELECT tensor_id FROM {schema}.varsdb_tensor_chunks
WHERE tensor_id > $1 ORDER BY tensor_id, position LIMIT 1;

-- name: gc_states
SELECT w.id,
       CASE WHEN EXISTS (SELECT 1
                         FROM {schema}.varsdb_snapshot_items i
                         JOIN {schema}.varsdb_snapshots s ON s.id = i.snapshot_id
                         WHERE i.state_id = w.id) THEN 0 ELSE 1 END,
       0
FROM {schema}.varsdb_states w WHERE w.id > $1 ORDER BY w.id LIMIT $2;

-- name: gc_tensors
SELECT t.id,
       CASE WHEN
{tensor_in_use}
       THEN 0 ELSE 1 END,
       CASE WHEN t.chunk_count = 0 THEN t.bytes ELSE 0 END
FROM {schema}.varsdb_tensors t WHERE t.id > $1 ORDER BY t.id LIMIT $2;

-- name: gc_chunks
SELECT c.id,
       CASE WHEN EXISTS (SELECT 1
                         FROM {schema}.varsdb_tensor_chunks x
                         JOIN {schema}.varsdb_tensors t ON t.id = x.tensor_id
                         WHERE x.chunk_id = c.id AND
{tensor_in_use}
       ) THEN 0 ELSE 1 END,
       c.bytes
FROM {schema}.varsdb_chunks c WHERE c.id > $1 ORDER BY c.id LIMIT $2;

-- name: gc_pins_of_chunk
SELECT session_id FROM {schema}.varsdb_pins WHERE chunk_id = $1;

-- part: attribute_is_orphan
   ((owner_kind = 'namespace'
     AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_namespaces n WHERE n.id = owner_id))
 OR (owner_kind = 'variable'
     AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.id = owner_id))
 OR (owner_kind = 'snapshot'
     AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_snapshots s WHERE s.id = owner_id)))

-- name: gc_attribute_owners
SELECT DISTINCT owner_kind, owner_id
FROM {schema}.varsdb_attributes
WHERE
{attribute_is_orphan}
ORDER BY owner_kind, owner_id LIMIT 1;

-- name: gc_attributes_delete
DELETE FROM {schema}.varsdb_attributes
WHERE owner_kind = $1 AND owner_id = $2 AND
{attribute_is_orphan}
;

-- name: gc_free_none
-- From here on they are garbage like any other.
DELETE FROM {schema}.varsdb_free_chunks;
