-- verify.sql - everything, read from one end to the other, with what each row refers to beside it.
-- Nothing here is a sum or a count: a stranger's numbers would overflow the engine's.

-- ---- rows

-- name: verify_namespaces
-- scan: verify reads everything
SELECT n.id, n.uid, n.name, n.seed, n.keep_last, n.keep_every, n.created_at, n.digest,
       (SELECT s.id FROM {schema}.varsdb_scopes s WHERE s.namespace_id = n.id AND s.path = '')
FROM {schema}.varsdb_namespaces n;

-- name: verify_scopes
-- scan: verify reads everything
SELECT s.id, s.namespace_id, s.parent_id, s.name, s.path, s.initializer, s.regularizer, s.partitioner,
       s.dtype, s.digest, n.id, n.name, p.id, p.namespace_id, p.path
FROM {schema}.varsdb_scopes s
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
LEFT JOIN {schema}.varsdb_scopes p ON p.id = s.parent_id;

-- name: verify_origins
-- scan: verify reads everything
SELECT id, program, host, pid, digest FROM {schema}.varsdb_origins;

-- name: verify_variables
-- scan: verify reads everything
SELECT
{variable_columns},
       n.name, s.id, s.path, o.id, t.id, t.dtype, t.bytes
FROM {schema}.varsdb_variables v
LEFT JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
LEFT JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id;

-- name: verify_part_names
-- Partitioned variables, and what is in the scopes with their names.
-- scan: verify reads everything
SELECT n.name, s.path, v.name, v.partition_count, p.name
FROM {schema}.varsdb_variables v
JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
JOIN {schema}.varsdb_scopes d
  ON d.namespace_id = s.namespace_id AND d.path = CASE s.path WHEN '' THEN '' ELSE s.path || '/' END || v.name
JOIN {schema}.varsdb_variables p ON p.scope_id = d.id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
WHERE v.partition_count IS NOT NULL;

-- name: verify_collections
-- scan: verify reads everything
SELECT c.id, c.namespace_id, c.name, c.digest, n.id, n.name
FROM {schema}.varsdb_collections c
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = c.namespace_id;

-- name: verify_members
-- Each variable's memberships in a row; a variable in no collection comes once, without any.
-- scan: verify reads everything
SELECT v.id, v.members_digest, n.name, s.path, v.name, s.namespace_id,
       m.collection_id, m.position, m.variable_id, c.id, c.namespace_id, c.name
FROM {schema}.varsdb_variables v
LEFT JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
LEFT JOIN {schema}.varsdb_collection_members m ON m.variable_id = v.id
LEFT JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
ORDER BY v.id;

-- name: verify_members_astray
-- scan: verify reads everything
SELECT m.collection_id, m.position, m.variable_id, c.name, n.name
FROM {schema}.varsdb_collection_members m
LEFT JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = c.namespace_id
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.id = m.variable_id);

-- name: verify_states
-- scan: verify reads everything
SELECT
{state_columns},
       t.id, t.dtype, t.bytes
FROM {schema}.varsdb_states w
LEFT JOIN {schema}.varsdb_tensors t ON t.id = w.tensor_id;

-- name: verify_snapshots
-- scan: verify reads everything
SELECT
{snapshot_columns},
       n.id, n.name
FROM {schema}.varsdb_snapshots p
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = p.namespace_id;

-- name: verify_items
-- Each snapshot's items in a row; an empty snapshot comes once, without any.
-- scan: verify reads everything
SELECT p.id, p.name, n.name, p.variables, p.bytes, p.items_digest, i.snapshot_id, i.state_id, w.id, w.bytes
FROM {schema}.varsdb_snapshots p
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = p.namespace_id
LEFT JOIN {schema}.varsdb_snapshot_items i ON i.snapshot_id = p.id
LEFT JOIN {schema}.varsdb_states w ON w.id = i.state_id
ORDER BY p.id;

-- name: verify_attributes
-- scan: verify reads everything
SELECT a.owner_kind, a.owner_id, a.key, a.value, a.digest, n.name, s.path, v.name, p.id, p.name, m.name
FROM {schema}.varsdb_attributes a
LEFT JOIN {schema}.varsdb_variables v ON v.id = a.owner_id AND a.owner_kind = 'variable'
LEFT JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
LEFT JOIN {schema}.varsdb_snapshots p ON p.id = a.owner_id AND a.owner_kind = 'snapshot'
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = a.owner_id AND a.owner_kind = 'namespace'
LEFT JOIN {schema}.varsdb_namespaces m ON m.id = coalesce(s.namespace_id, p.namespace_id);

-- name: verify_pins
-- scan: verify reads everything
SELECT i.session_id, i.chunk_id, s.id, c.id
FROM {schema}.varsdb_pins i
LEFT JOIN {schema}.varsdb_sessions s ON s.id = i.session_id
LEFT JOIN {schema}.varsdb_chunks c ON c.id = i.chunk_id;

-- name: verify_free_chunks
-- scan: verify reads everything
SELECT f.chunk_id, k.id,
       (SELECT min(x.tensor_id) FROM {schema}.varsdb_tensor_chunks x
        JOIN {schema}.varsdb_tensors t ON t.id = x.tensor_id
        WHERE x.chunk_id = f.chunk_id),
       (SELECT min(p.session_id) FROM {schema}.varsdb_pins p WHERE p.chunk_id = f.chunk_id)
FROM {schema}.varsdb_free_chunks f
LEFT JOIN {schema}.varsdb_chunks k ON k.id = f.chunk_id;

-- ---- values

-- name: verify_tensor_rows
-- scan: verify reads everything
SELECT
{tensor_columns},
       length(t.inline)
FROM {schema}.varsdb_tensors t;

-- name: verify_links
-- scan: verify reads everything
SELECT tensor_id, position, chunk_id, digest FROM {schema}.varsdb_tensor_chunks;

-- name: verify_chunk_rows
-- scan: verify reads everything
SELECT id, hash, bytes, discriminator, digest, length(data) FROM {schema}.varsdb_chunks;

-- name: verify_tensors
-- Each tensor's chunks in order; an inline one comes once, without any.
-- scan: verify reads everything
SELECT
{tensor_columns},
       length(t.inline), x.tensor_id, x.position, x.chunk_id, c.id, c.hash, c.bytes, length(c.data)
FROM {schema}.varsdb_tensors t
LEFT JOIN {schema}.varsdb_tensor_chunks x ON x.tensor_id = t.id
LEFT JOIN {schema}.varsdb_chunks c ON c.id = x.chunk_id
ORDER BY t.id, x.position;

-- name: verify_loose_chunks
-- Chunks that no tensor has.
-- scan: verify reads everything
SELECT c.id, c.hash, c.bytes, length(c.data)
FROM {schema}.varsdb_chunks c
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x
                  JOIN {schema}.varsdb_tensors t ON t.id = x.tensor_id
                  WHERE x.chunk_id = c.id);

-- ---- whose a damaged value is

-- name: verify_tensor_variables
SELECT n.name, s.path, v.name, v.id, v.uid
FROM {schema}.varsdb_variables v
LEFT JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
WHERE v.tensor_id = $1
ORDER BY v.id;

-- name: verify_tensor_snapshots
SELECT p.id, p.name, n.name, w.name, w.variable_id, w.variable_uid
FROM {schema}.varsdb_states w
JOIN {schema}.varsdb_snapshot_items i ON i.state_id = w.id
JOIN {schema}.varsdb_snapshots p ON p.id = i.snapshot_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = p.namespace_id
WHERE w.tensor_id = $1
ORDER BY p.id;

-- name: verify_state_snapshots
SELECT p.id, p.name, n.name
FROM {schema}.varsdb_snapshot_items i
JOIN {schema}.varsdb_snapshots p ON p.id = i.snapshot_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = p.namespace_id
WHERE i.state_id = $1
ORDER BY p.id;

-- name: verify_other_value
-- The newest snapshot in which the variable has another value.
SELECT p.id, p.name
FROM {schema}.varsdb_states w
JOIN {schema}.varsdb_snapshot_items i ON i.state_id = w.id
JOIN {schema}.varsdb_snapshots p ON p.id = i.snapshot_id
WHERE w.variable_id = $1 AND w.variable_uid = $2 AND w.tensor_id <> $3
ORDER BY p.id DESC
LIMIT 1;

-- name: verify_chunk_tensors
SELECT x.tensor_id, x.position
FROM {schema}.varsdb_tensor_chunks x
JOIN {schema}.varsdb_tensors t ON t.id = x.tensor_id
WHERE x.chunk_id = $1
ORDER BY x.tensor_id
LIMIT 1;

-- name: verify_miscounted_variables
-- Variables of a string tensor that say to have more or fewer strings than it has.
SELECT n.name, s.path, v.name, v.elements
FROM {schema}.varsdb_variables v
LEFT JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
LEFT JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
WHERE v.tensor_id = $1 AND v.elements <> $2;

-- name: verify_miscounted_states
SELECT w.id, w.name, w.elements FROM {schema}.varsdb_states w WHERE w.tensor_id = $1 AND w.elements <> $2;
