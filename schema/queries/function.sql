-- function.sql - what the tables that are functions of SQL look like (src/sql), declared, never made.
-- Arguments are hidden columns, with names that no view of ours has: in a join, name is the view's.

-- name: function_connect
-- Connects a table, which is told when the connection is closed.
-- scan: it is prepared, and never run
SELECT 1 FROM main.varsdb_connection;

-- name: function_databases
PRAGMA database_list;

-- name: function_is_loaded
SELECT name FROM pragma_function_list WHERE name = 'varsdb_version';

-- name: function_version
SELECT varsdb_version();

-- name: function_each_table
CREATE TABLE each_element (flat_index INTEGER, indices TEXT, value, of_variable HIDDEN, of_snapshot HIDDEN);

-- name: function_slice_table
CREATE TABLE each_of_slice (
    flat_index INTEGER, indices TEXT, value, of_variable HIDDEN, of_slice HIDDEN, of_snapshot HIDDEN);

-- name: function_histogram_table
CREATE TABLE each_bin (
    bin INTEGER, low REAL, high REAL, count INTEGER, of_variable HIDDEN, of_bins HIDDEN, of_snapshot HIDDEN);

-- name: function_diff_table
CREATE TABLE each_difference (
    name TEXT, change TEXT, max_abs REAL, rel_l2 REAL, old_name TEXT, from_snapshot HIDDEN, to_snapshot HIDDEN);
