-- state.sql - variables as snapshots have them, interned.

-- part: state_columns
-- A state's row in the order of its digest, and the digest (snapshot_state.h).
       w.id, w.hash, w.variable_id, w.variable_uid, w.name, w.dtype, w.shape, w.elements, w.bytes,
       w.initializer, w.seed, w.regularizer, w.constraint_text, w.partitioner, w.collections,
       w.tensor_id, w.digest

-- part: present_columns
-- What a state is made of: the variable's row, its scope, its collections.
{variable_columns},
       s.path,
       (SELECT json_group_array(c.name)
        FROM {schema}.varsdb_collection_members m
        JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
        WHERE m.variable_id = v.id)

-- name: states_present
-- scan: all variables, in creation order; the namespace is mostly the only one
SELECT
{present_columns}
FROM {schema}.varsdb_variables v
CROSS JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
WHERE s.namespace_id = $1
ORDER BY v.id;

-- name: states_present_scope
-- Only ids are sorted, as in variables_list_scope.
SELECT
{present_columns}
FROM {schema}.varsdb_variables v
CROSS JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
WHERE v.id IN (SELECT i.id
               FROM {schema}.varsdb_scopes d
               CROSS JOIN {schema}.varsdb_variables i ON i.scope_id = d.id
               WHERE d.namespace_id = $1 AND d.path >= $2 AND d.path < $2 || '0')
ORDER BY v.id;

-- name: states_present_collection
SELECT
{present_columns}
FROM {schema}.varsdb_collections k
CROSS JOIN {schema}.varsdb_collection_members q ON q.collection_id = k.id
CROSS JOIN {schema}.varsdb_variables v ON v.id = q.variable_id
CROSS JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
WHERE k.namespace_id = $1 AND k.name = $2
ORDER BY q.position;

-- name: state_find
-- By its content, and whether a snapshot other than $2 has it.
SELECT
{state_columns},
       EXISTS (SELECT 1
               FROM {schema}.varsdb_snapshot_items i
               JOIN {schema}.varsdb_snapshots p ON p.id = i.snapshot_id
               WHERE i.state_id = w.id AND i.snapshot_id <> $2)
FROM {schema}.varsdb_states w
WHERE w.hash = $1;

-- name: state_by_id
SELECT
{state_columns}
FROM {schema}.varsdb_states w WHERE w.id = $1;

-- name: state_next_id
-- Above the items of dropped snapshots too, which may still be there.
SELECT coalesce(max(m.id), 0) + 1
FROM (SELECT max(w.id) AS id FROM {schema}.varsdb_states w
      UNION ALL
      SELECT max(i.state_id) FROM {schema}.varsdb_snapshot_items i) m;

-- name: state_insert
INSERT INTO {schema}.varsdb_states (
    id, hash, variable_id, variable_uid, name, dtype, shape, elements, bytes, initializer, seed,
    regularizer, constraint_text, partitioner, collections, tensor_id, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17);

-- name: states_of_snapshot
-- With their tensors, by name.  An item whose state is missing comes first, as NULLs.
SELECT
{state_columns},
{tensor_columns}
FROM {schema}.varsdb_snapshot_items i
LEFT JOIN {schema}.varsdb_states w ON w.id = i.state_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = w.tensor_id
WHERE i.snapshot_id = $1
ORDER BY w.name;

-- name: states_of_base
-- Of a snapshot, as they come; one that is missing as NULLs.
SELECT
{state_columns}
FROM {schema}.varsdb_snapshot_items i
LEFT JOIN {schema}.varsdb_states w ON w.id = i.state_id
WHERE i.snapshot_id = $1;

-- name: state_of_variable
-- Of a snapshot, by the variable's identity.  A state that is new gets an id above all others, so that
-- the one looked for is mostly the first at or below the snapshot's highest, however many there are.
SELECT
{state_columns}
FROM {schema}.varsdb_states w
CROSS JOIN {schema}.varsdb_snapshot_items i ON i.snapshot_id = $1 AND i.state_id = w.id
WHERE w.variable_id = $2 AND w.variable_uid = $3
  AND w.id <= (SELECT max(m.state_id) FROM {schema}.varsdb_snapshot_items m WHERE m.snapshot_id = $1)
ORDER BY w.id DESC;

-- name: state_of_name
-- Of a snapshot, by the name of then; the newest first, as above.
SELECT
{state_columns}
FROM {schema}.varsdb_states w
CROSS JOIN {schema}.varsdb_snapshot_items i ON i.snapshot_id = $1 AND i.state_id = w.id
WHERE w.name = $2
  AND w.id <= (SELECT max(m.state_id) FROM {schema}.varsdb_snapshot_items m WHERE m.snapshot_id = $1)
ORDER BY w.id DESC;
