-- watch.sql - the eponymous table on a host's connection that is told of its rollbacks (engine_sqlite_watch.c).

-- name: watch_table
-- What its columns are; declared, never made.
CREATE TABLE varsdb_watched (x);

-- name: watch_find
SELECT varsdb_watch($1);

-- name: watch_begin
INSERT INTO main.varsdb_watch (x) VALUES (0);
