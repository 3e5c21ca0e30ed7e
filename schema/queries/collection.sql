-- collection.sql - collections and their members.

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
