-- namespace.sql - namespaces.

-- name: namespace_by_name
SELECT id, uid, name, seed, keep_last, keep_every, created_at, digest
FROM {schema}.varsdb_namespaces WHERE name = $1;

-- name: namespace_name
SELECT name FROM {schema}.varsdb_namespaces WHERE id = $1;

-- name: namespace_set_retention
UPDATE {schema}.varsdb_namespaces SET keep_last = $2, keep_every = $3, digest = $4 WHERE id = $1;

-- name: namespace_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_namespaces;

-- name: namespace_insert
INSERT INTO {schema}.varsdb_namespaces (
    id, uid, name, seed, keep_last, keep_every, created_at, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8);

-- name: namespaces_list
-- scan: it lists all namespaces with all they hold
SELECT n.id, n.name, n.seed, n.created_at, count(v.id), coalesce(sum(v.bytes), 0)
FROM {schema}.varsdb_namespaces n
LEFT JOIN {schema}.varsdb_scopes s ON s.namespace_id = n.id
LEFT JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
GROUP BY n.id
ORDER BY n.id;

-- name: namespace_delete_attributes
DELETE FROM {schema}.varsdb_attributes
WHERE owner_kind = 'variable'
  AND owner_id IN (SELECT v.id FROM {schema}.varsdb_scopes s
                   JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
                   WHERE s.namespace_id = $1);

-- name: namespace_delete_snapshot_attributes
DELETE FROM {schema}.varsdb_attributes
WHERE owner_kind = 'snapshot'
  AND owner_id IN (SELECT id FROM {schema}.varsdb_snapshots WHERE namespace_id = $1);

-- name: namespace_delete_own_attributes
DELETE FROM {schema}.varsdb_attributes WHERE owner_kind = 'namespace' AND owner_id = $1;

-- name: namespace_delete_members
DELETE FROM {schema}.varsdb_collection_members
WHERE collection_id IN (SELECT id FROM {schema}.varsdb_collections WHERE namespace_id = $1);

-- name: namespace_delete_collections
DELETE FROM {schema}.varsdb_collections WHERE namespace_id = $1;

-- name: namespace_snapshots
SELECT id FROM {schema}.varsdb_snapshots WHERE namespace_id = $1;

-- name: namespace_tensors
SELECT DISTINCT v.tensor_id
FROM {schema}.varsdb_scopes s
JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
WHERE s.namespace_id = $1 AND v.tensor_id IS NOT NULL;

-- name: namespace_delete_snapshots
DELETE FROM {schema}.varsdb_snapshots WHERE namespace_id = $1;

-- name: namespace_delete_variables
DELETE FROM {schema}.varsdb_variables
WHERE scope_id IN (SELECT id FROM {schema}.varsdb_scopes WHERE namespace_id = $1);

-- name: namespace_delete_scopes
DELETE FROM {schema}.varsdb_scopes WHERE namespace_id = $1;

-- name: namespace_delete
DELETE FROM {schema}.varsdb_namespaces WHERE id = $1;
