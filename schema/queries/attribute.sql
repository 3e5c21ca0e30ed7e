-- attribute.sql - attributes.

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
