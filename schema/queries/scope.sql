-- scope.sql - scopes.

-- name: scope_by_path
SELECT id, namespace_id, parent_id, name, path, initializer, regularizer, partitioner, dtype, digest
FROM {schema}.varsdb_scopes WHERE namespace_id = $1 AND path = $2;

-- name: scope_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_scopes;

-- name: scope_insert
INSERT INTO {schema}.varsdb_scopes (
    id, namespace_id, parent_id, name, path, initializer, regularizer, partitioner, dtype, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: scope_update
UPDATE {schema}.varsdb_scopes
SET namespace_id = $2, parent_id = $3, name = $4, path = $5, initializer = $6, regularizer = $7,
    partitioner = $8, dtype = $9, digest = $10
WHERE id = $1;

-- name: scope_delete
DELETE FROM {schema}.varsdb_scopes WHERE id = $1;

-- name: scope_delete_empty
-- Nothing is in it, nothing below it, and no default was set on it.
DELETE FROM {schema}.varsdb_scopes
WHERE namespace_id = $1 AND path = $2 AND path <> ''
  AND initializer IS NULL AND regularizer IS NULL AND partitioner IS NULL AND dtype IS NULL
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.scope_id = varsdb_scopes.id)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_scopes d
                  WHERE d.namespace_id = $1 AND d.path > $2 || '/' AND d.path < $2 || '0');

-- name: scope_subtree
-- A scope and all below it, parents before children.  '0' follows '/' in ASCII.
SELECT id, path FROM {schema}.varsdb_scopes WHERE namespace_id = $1 AND path = $2
UNION ALL
SELECT id, path FROM {schema}.varsdb_scopes
WHERE namespace_id = $1 AND path > $2 || '/' AND path < $2 || '0'
ORDER BY path;

-- name: scopes_list
-- A scope ('' is the root) and all below it, by name, each with the counts of its subtree.
-- The bounds let the index do it; the last line drops what lies between a-b and a/b.
SELECT s.id, s.path, s.initializer, s.regularizer, s.partitioner, s.dtype,
       count(v.id), coalesce(sum(v.elements), 0), coalesce(sum(v.bytes), 0)
FROM {schema}.varsdb_scopes s
JOIN {schema}.varsdb_scopes d
  ON d.namespace_id = $1
 AND d.path >= s.path AND d.path < CASE s.path WHEN '' THEN '􏿿' ELSE s.path || '0' END
 AND (s.path = '' OR d.id = s.id OR d.path > s.path || '/')
LEFT JOIN {schema}.varsdb_variables v ON v.scope_id = d.id
WHERE s.namespace_id = $1 AND ($2 = '' OR s.path = $2 OR (s.path > $2 || '/' AND s.path < $2 || '0'))
GROUP BY s.id
ORDER BY s.path;
