-- queries.sql - every statement that the library runs, by name.  {schema} is the
-- database that holds the registry; $1, $2, ... are parameters.  "-- scan:"
-- says why a statement may read a whole table.

-- ---- parts that several statements share: a line that is {NAME} stands for them

-- part: variable_columns
-- A variable's row in the order of its digest, and the digest (variable_row.h).
       v.id, v.uid, v.scope_id, v.name, v.dtype, v.shape, v.elements, v.bytes, v.initializer,
       v.seed, v.regularizer, v.constraint_text, v.partitioner, v.partition_axis,
       v.partition_count, v.tensor_id, v.version, v.created_at, v.updated_at, v.origin_id, v.site,
       v.members_digest, v.digest

-- part: tensor_columns
-- A tensor's row in the order of its digest, and the digest (tensor.h).
       t.id, t.hash, t.bytes, t.dtype, t.discriminator, t.min, t.max, t.mean, t.std, t.l2_norm, t.zeros,
       t.nans, t.pos_infs, t.neg_infs, t.chunk_count, t.chunks_digest, t.digest

-- part: found_columns
-- What a look-up reads: the row, its membership in the collections with rules, its place.
{variable_columns},
       (SELECT coalesce(sum(CASE c.name WHEN 'variables' THEN 1 WHEN 'model_variables' THEN 2
                                        WHEN 'trainable_variables' THEN 4
                                        WHEN 'local_variables' THEN 8 ELSE 0 END), 0)
        FROM {schema}.varsdb_collection_members m
        JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
        WHERE m.variable_id = v.id),
       s.namespace_id, s.path

-- part: listed_columns
-- What a listing reads: the row, its place, who made it, its collections, its tensor (list.c).
{variable_columns},
       s.path, n.name, o.program, o.host, o.pid,
       (SELECT json_group_array(c.name)
        FROM {schema}.varsdb_collection_members m
        JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
        WHERE m.variable_id = v.id),
       EXISTS (SELECT 1
               FROM {schema}.varsdb_collection_members m
               JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
               WHERE m.variable_id = v.id AND c.name = 'trainable_variables'),
{tensor_columns}

-- ---- the registry

-- name: transaction_upgrade
-- Writes nothing, but takes the write lock for a transaction that has only read.
DELETE FROM {schema}.varsdb_names_version WHERE id = 0;

-- name: catalogue
-- scan: the catalogue is small
SELECT type, name, sql FROM {schema}.sqlite_schema
WHERE (type = 'view' OR lower(substr(tbl_name, 1, 7)) = 'varsdb_') AND sql IS NOT NULL;

-- name: registry_get
SELECT id, uuid, format, inline_bytes, chunk_bytes, created_at, digest
FROM {schema}.varsdb_registry WHERE id = 1;

-- name: registry_insert
INSERT INTO {schema}.varsdb_registry (
    id, uuid, format, inline_bytes, chunk_bytes, created_at, digest)
VALUES (
    $1, $2, $3, $4, $5, $6, $7);

-- name: names_version_get
SELECT version FROM {schema}.varsdb_names_version WHERE id = 1;

-- name: names_version_insert
INSERT INTO {schema}.varsdb_names_version (id, version) VALUES (1, 1);

-- name: names_version_bump
UPDATE {schema}.varsdb_names_version SET version = version + 1 WHERE id = 1;

-- name: migration_record
INSERT INTO {schema}.varsdb_schema_migrations (
    number, name, checksum, library, applied_at)
VALUES (
    $1, $2, $3, $4, $5);

-- ---- namespaces

-- name: namespace_by_name
SELECT id, uid, name, seed, keep_last, keep_every, created_at, digest
FROM {schema}.varsdb_namespaces WHERE name = $1;

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

-- name: namespace_delete_own_attributes
DELETE FROM {schema}.varsdb_attributes WHERE owner_kind = 'namespace' AND owner_id = $1;

-- name: namespace_delete_members
DELETE FROM {schema}.varsdb_collection_members
WHERE collection_id IN (SELECT id FROM {schema}.varsdb_collections WHERE namespace_id = $1);

-- name: namespace_delete_collections
DELETE FROM {schema}.varsdb_collections WHERE namespace_id = $1;

-- name: namespace_delete_snapshot_items
DELETE FROM {schema}.varsdb_snapshot_items
WHERE snapshot_id IN (SELECT id FROM {schema}.varsdb_snapshots WHERE namespace_id = $1);

-- name: namespace_delete_snapshots
DELETE FROM {schema}.varsdb_snapshots WHERE namespace_id = $1;

-- name: namespace_delete_variables
DELETE FROM {schema}.varsdb_variables
WHERE scope_id IN (SELECT id FROM {schema}.varsdb_scopes WHERE namespace_id = $1);

-- name: namespace_delete_scopes
DELETE FROM {schema}.varsdb_scopes WHERE namespace_id = $1;

-- name: namespace_delete
DELETE FROM {schema}.varsdb_namespaces WHERE id = $1;

-- name: states_drop_unreferenced
-- scan: deleting a namespace is rare, and what it leaves may be anywhere
DELETE FROM {schema}.varsdb_states
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_snapshot_items i WHERE i.state_id = varsdb_states.id);

-- name: tensors_drop_unreferenced
-- scan: as above
DELETE FROM {schema}.varsdb_tensors
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.tensor_id = varsdb_tensors.id)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_states w WHERE w.tensor_id = varsdb_tensors.id);

-- name: tensor_chunks_drop_unreferenced
-- scan: as above
DELETE FROM {schema}.varsdb_tensor_chunks
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensors t WHERE t.id = varsdb_tensor_chunks.tensor_id);

-- name: chunks_drop_unreferenced
-- scan: as above
DELETE FROM {schema}.varsdb_chunks
WHERE NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x WHERE x.chunk_id = varsdb_chunks.id)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = varsdb_chunks.id);

-- ---- scopes

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

-- ---- origins

-- name: origin_find
SELECT id FROM {schema}.varsdb_origins WHERE program = $1 AND host = $2 AND pid = $3;

-- name: origin_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_origins;

-- name: origin_insert
INSERT INTO {schema}.varsdb_origins (
    id, program, host, pid, digest)
VALUES (
    $1, $2, $3, $4, $5);

-- ---- variables

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
SELECT
{listed_columns}
FROM {schema}.varsdb_scopes s
JOIN {schema}.varsdb_variables v ON v.scope_id = s.id
JOIN {schema}.varsdb_namespaces n ON n.id = s.namespace_id
JOIN {schema}.varsdb_origins o ON o.id = v.origin_id
LEFT JOIN {schema}.varsdb_tensors t ON t.id = v.tensor_id
WHERE s.namespace_id = $1 AND s.path >= $2 AND s.path < $2 || '0'
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

-- ---- collections

-- name: collection_find
SELECT id FROM {schema}.varsdb_collections WHERE namespace_id = $1 AND name = $2;

-- name: collection_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_collections;

-- name: collection_insert
INSERT INTO {schema}.varsdb_collections (
    id, namespace_id, name, digest)
VALUES (
    $1, $2, $3, $4);

-- name: collection_next_position
SELECT coalesce(max(position), -1) + 1 FROM {schema}.varsdb_collection_members
WHERE collection_id = $1;

-- name: collections_list
SELECT c.name, count(v.id), coalesce(sum(v.elements), 0), coalesce(sum(v.bytes), 0)
FROM {schema}.varsdb_collections c
LEFT JOIN {schema}.varsdb_collection_members m ON m.collection_id = c.id
LEFT JOIN {schema}.varsdb_variables v ON v.id = m.variable_id
WHERE c.namespace_id = $1
GROUP BY c.id
ORDER BY c.id;

-- name: members_list
SELECT v.id, v.uid
FROM {schema}.varsdb_collections c
JOIN {schema}.varsdb_collection_members m ON m.collection_id = c.id
JOIN {schema}.varsdb_variables v ON v.id = m.variable_id
WHERE c.namespace_id = $1 AND c.name = $2
ORDER BY m.position;

-- name: member_find
SELECT position FROM {schema}.varsdb_collection_members
WHERE variable_id = $1 AND collection_id = $2;

-- name: member_insert
INSERT INTO {schema}.varsdb_collection_members (
    collection_id, position, variable_id)
VALUES (
    $1, $2, $3);

-- name: member_delete
DELETE FROM {schema}.varsdb_collection_members WHERE collection_id = $1 AND position = $2;

-- ---- tensors

-- name: tensor_by_id
SELECT
{tensor_columns}
FROM {schema}.varsdb_tensors t WHERE t.id = $1;

-- name: tensor_find
SELECT id FROM {schema}.varsdb_tensors
WHERE hash = $1 AND bytes = $2 AND dtype = $3 AND discriminator = $4;

-- name: tensor_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_tensors;

-- name: tensor_insert
INSERT INTO {schema}.varsdb_tensors (
    id, hash, bytes, dtype, discriminator, min, max, mean, std, l2_norm, zeros, nans, pos_infs,
    neg_infs, chunk_count, chunks_digest, digest, inline)
VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: tensor_delete
DELETE FROM {schema}.varsdb_tensors
WHERE id = $1
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_variables v WHERE v.tensor_id = $1)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_states w WHERE w.tensor_id = $1);

-- name: tensor_delete_chunks
-- The chunks that only this tensor has, unless a save in flight needs them.
DELETE FROM {schema}.varsdb_chunks
WHERE id IN (SELECT chunk_id FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_tensor_chunks x
                  WHERE x.chunk_id = varsdb_chunks.id AND x.tensor_id <> $1)
  AND NOT EXISTS (SELECT 1 FROM {schema}.varsdb_pins p WHERE p.chunk_id = varsdb_chunks.id);

-- name: tensor_delete_links
DELETE FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1;

-- name: tensor_chunks
SELECT position, chunk_id FROM {schema}.varsdb_tensor_chunks WHERE tensor_id = $1 ORDER BY position;

-- name: tensor_chunk_insert
INSERT INTO {schema}.varsdb_tensor_chunks (
    tensor_id, position, chunk_id)
VALUES (
    $1, $2, $3);

-- ---- chunks

-- name: chunk_find
SELECT id FROM {schema}.varsdb_chunks WHERE hash = $1 AND bytes = $2 AND discriminator = $3;

-- name: chunk_by_id
SELECT id, hash, bytes, discriminator, digest FROM {schema}.varsdb_chunks WHERE id = $1;

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

-- ---- attributes

-- name: attribute_set
INSERT INTO {schema}.varsdb_attributes (
    owner_kind, owner_id, key, value, digest)
VALUES (
    $1, $2, $3, $4, $5)
ON CONFLICT (owner_kind, owner_id, key) DO UPDATE SET value = excluded.value, digest = excluded.digest;

-- name: attribute_delete
DELETE FROM {schema}.varsdb_attributes WHERE owner_kind = $1 AND owner_id = $2 AND key = $3;

-- name: attributes_list
SELECT owner_kind, owner_id, key, value, digest
FROM {schema}.varsdb_attributes WHERE owner_kind = $1 AND owner_id = $2 ORDER BY key;
