-- session.sql - saves in flight, and the chunks that they need.

-- name: session_next_id
SELECT coalesce(max(id), 0) + 1
FROM (SELECT max(id) AS id FROM {schema}.varsdb_sessions
      UNION ALL SELECT max(session_id) FROM {schema}.varsdb_pins) used;

-- name: session_insert
INSERT INTO {schema}.varsdb_sessions (
    id, uid, program, host, pid, started, heartbeat_at)
VALUES (
    $1, $2, $3, $4, $5, $6, $7);

-- name: session_find
SELECT id FROM {schema}.varsdb_sessions WHERE id = $1 AND uid = $2;

-- name: session_beat
UPDATE {schema}.varsdb_sessions SET heartbeat_at = $3 WHERE id = $1 AND uid = $2;

-- name: session_delete
DELETE FROM {schema}.varsdb_sessions WHERE id = $1;

-- name: session_delete_pins
DELETE FROM {schema}.varsdb_pins WHERE session_id = $1;

-- name: pin_insert
INSERT INTO {schema}.varsdb_pins (
    session_id, chunk_id)
VALUES (
    $1, $2)
ON CONFLICT (session_id, chunk_id) DO NOTHING;
