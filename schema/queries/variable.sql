-- variable.sql - variables: rows, look-ups and lists.

-- name: variable_by_name
SELECT
{found_columns}
FROM {schema}.varsdb_scopes s
JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
WHERE s.namespace_id = $1 AND s.path = $2 AND v.name = $3;

-- name: variable_by_id
SELECT
{found_columns}
FROM {schema}.varsdb_variables v
JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
WHERE v.id = $1 AND v.uid = $2;

-- name: variable_alone
-- For who reads a value: neither its place nor its collections are looked up.
SELECT
{variable_columns}
FROM {schema}.varsdb_variables v
WHERE v.id = $1 AND v.uid = $2;

-- name: variable_uid
SELECT uid FROM {schema}.varsdb_variables WHERE id = $1;

-- name: variable_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_variables;

-- name: variable_insert
INSERT INTO {schema}.varsdb_variables (
    id, uid, scope_id, name, dtype, shape, elements, bytes, initializer, seed, regularizer,
    constraint_text, partitioner, partition_axis, partition_count, tensor_id, version, created_at,
    updated_at, origin_id, site, members_digest, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23);

-- name: variable_set_value
UPDATE {schema}.varsdb_variables
SET tensor_id = $2, bytes = $3, version = $4, updated_at = $5, digest = $6
WHERE id = $1;

-- name: variable_set_name
UPDATE {schema}.varsdb_variables SET scope_id = $2, name = $3, digest = $4 WHERE id = $1;

-- name: variable_set_members
UPDATE {schema}.varsdb_variables SET members_digest = $2, digest = $3 WHERE id = $1;

-- name: variable_delete
DELETE FROM {schema}.varsdb_variables WHERE id = $1;

-- name: variable_delete_members
DELETE FROM {schema}.varsdb_collection_members WHERE variable_id = $1;

-- name: variable_delete_attributes
DELETE FROM {schema}.varsdb_attributes WHERE owner_kind = 'variable' AND owner_id = $1;

-- name: variable_origin
SELECT v.created_at, o.program, o.pid, o.host, v.site
FROM {schema}.varsdb_variables v
JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
WHERE v.id = $1;

-- name: variables_of_scope
-- Sorted, which makes a list of its own: the rows may be changed while it is read.
SELECT id, uid, name FROM {schema}.varsdb_variables WHERE scope_id = $1 ORDER BY id, name;

-- name: variable_names_in_scope
SELECT v.name
FROM {schema}.varsdb_scopes s
JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
WHERE s.namespace_id = $1 AND s.path = $2;

-- name: variable_describe
SELECT
{listed_columns}
FROM {schema}.varsdb_variables v
JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id
WHERE v.id = $1;

-- name: variables_list
-- scan: it lists all variables, in creation order; the namespace is mostly the only one
SELECT
{listed_columns}
FROM {schema}.varsdb_variables v
CROSS JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
CROSS JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
CROSS JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id
WHERE s.namespace_id = $1
ORDER BY v.id;

-- name: variables_list_scope
-- Only ids are sorted: rows of all below a scope would fill the memory.
SELECT
{listed_columns}
FROM {schema}.varsdb_variables v
CROSS JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
CROSS JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
CROSS JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id
WHERE v.id IN (SELECT i.id
               FROM {schema}.varsdb_scopes d
               CROSS JOIN {schema}.varsdb_variables i ON i.scope_id = d.id
               WHERE d.namespace_id = $1 AND d.path >= $2 AND d.path < $2 || '0')
ORDER BY v.id;

-- name: variables_list_collection
SELECT
{listed_columns}
FROM {schema}.varsdb_collections k
JOIN {schema}.varsdb_collection_members q ON q.collection_id = k.id
JOIN {schema}.varsdb_variables v ON v.id = q.variable_id
JOIN {schema}.varsdb_scopes s ON s.id = v.scope_id
JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id
WHERE k.namespace_id = $1 AND k.name = $2
ORDER BY q.position;
