-- origin.sql - who creates variables.

-- name: origin_find
SELECT id FROM {schema}.varsdb_origins WHERE program = $1 AND host = $2 AND pid = $3;

-- name: origin_next_id
SELECT coalesce(max(id), 0) + 1 FROM {schema}.varsdb_origins;

-- name: origin_insert
INSERT INTO {schema}.varsdb_origins (
    id, program, host, pid, digest)
VALUES (
    $1, $2, $3, $4, $5);
