-- registry.sql - the registry's own rows.

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

-- name: registry_format
SELECT format FROM {schema}.varsdb_registry WHERE id = 1;

-- name: registry_picture
-- Its row is not read; while it stands there, nobody's commit is seen.
SELECT 1 FROM {schema}.varsdb_registry WHERE id = 1;

-- name: registry_set_format
UPDATE {schema}.varsdb_registry SET format = $1, digest = $2 WHERE id = 1;

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
-- To a number that it never had, although a host may roll back and bump again.
UPDATE {schema}.varsdb_names_version SET version = $1 WHERE id = 1;

-- name: migration_record
INSERT INTO {schema}.varsdb_schema_migrations (
    number, name, checksum, library, applied_at)
VALUES (
    $1, $2, $3, $4, $5);

-- name: migration_list
-- scan: they are few
SELECT number, name, checksum FROM {schema}.varsdb_schema_migrations ORDER BY number;
