-- schema.sql - the tables of a registry as they are today.
--
-- Tables are private: their names begin with varsdb_ so that they can live beside
-- a host's, and they may change with any release.  The views of views.sql are the
-- contract.  A fresh registry is built by the migrations; a test holds that they
-- yield exactly what stands here.
--
-- Conventions.  `digest` is XXH3-64 over the row's other columns in their order,
-- so that verify and reads see any flipped bit.  Times are milliseconds since
-- 1970, UTC.  `uid` is a random 64-bit number: rowids are used again after a
-- delete, so (id, uid) is what identifies a thing.  A column that holds
-- the id of another table's row says "of" which in its comment, not REFERENCES: a list outlives
-- its owner for a while, and a host may have foreign keys enforced.  verify checks them.
--
-- Whatever owns a long list goes first, in the transaction of whoever deletes it, and its list
-- later, piece by piece: rows of varsdb_tensor_chunks and varsdb_snapshot_items whose owner is
-- gone are garbage.  New ids are taken above those of both.

-- The registry itself: one row.
CREATE TABLE varsdb_registry (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    uuid          BLOB    NOT NULL,  -- 16 bytes, drawn when the file was made
    format        INTEGER NOT NULL,  -- number of the last migration; equals user_version
    inline_bytes  INTEGER NOT NULL,  -- tensors up to this size stand in their row
    chunk_bytes   INTEGER NOT NULL,  -- larger ones are cut into pieces of this size
    created_at    INTEGER NOT NULL,
    digest        INTEGER NOT NULL
) STRICT;

-- Counts what can make a cached name wrong: rename, delete, uncollect, changed
-- scope defaults.  Creating does not: what a cache holds stays true.
CREATE TABLE varsdb_names_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;

-- Applied migrations.
CREATE TABLE varsdb_schema_migrations (
    number     INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    checksum   TEXT    NOT NULL,  -- SHA-256 of the file, in hex
    library    TEXT    NOT NULL,  -- version that applied it
    applied_at INTEGER NOT NULL
) STRICT;

-- What a graph is to TensorFlow and a run to a tracker.
CREATE TABLE varsdb_namespaces (
    id         INTEGER PRIMARY KEY,
    uid        INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    seed       INTEGER NOT NULL,  -- with name and element index it decides initial values
    keep_last  INTEGER,           -- retention of snapshots: the last N; NULL keeps all
    keep_every INTEGER,           -- and every K steps
    created_at INTEGER NOT NULL,
    digest     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_namespaces_name ON varsdb_namespaces (name);

-- Scopes that hold variables or defaults.  The root of each namespace has the path ''.
CREATE TABLE varsdb_scopes (
    id           INTEGER PRIMARY KEY,
    namespace_id INTEGER NOT NULL,  -- of varsdb_namespaces
    parent_id    INTEGER,  -- of varsdb_scopes; NULL for the root
    name         TEXT    NOT NULL,  -- last component of the path
    path         TEXT    NOT NULL,  -- 'a/b/c'
    initializer  TEXT,              -- defaults set on this scope; NULL where none was
    regularizer  TEXT,
    partitioner  TEXT,
    dtype        TEXT,
    digest       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_scopes_path ON varsdb_scopes (namespace_id, path);

-- Who creates variables: interned, one row a process.
CREATE TABLE varsdb_origins (
    id      INTEGER PRIMARY KEY,
    program TEXT    NOT NULL,
    host    TEXT    NOT NULL,
    pid     INTEGER NOT NULL,
    digest  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_origins_who ON varsdb_origins (program, host, pid);

-- Variables.  initializer, seed, regularizer and partitioner are as at creation.
CREATE TABLE varsdb_variables (
    id              INTEGER PRIMARY KEY,
    uid             INTEGER NOT NULL,
    scope_id        INTEGER NOT NULL,  -- of varsdb_scopes
    name            TEXT    NOT NULL,  -- below its scope, without '/'
    dtype           TEXT    NOT NULL,
    shape           TEXT    NOT NULL,  -- '[2,3]'
    elements        INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,  -- logical; of strings the sum of their lengths
    initializer     TEXT    NOT NULL,  -- its spec, or 'value' when a value was given
    seed            INTEGER,           -- what decided a random initial value; NULL when not random
    regularizer     TEXT,
    constraint_text TEXT,
    partitioner     TEXT,
    partition_axis  INTEGER,           -- NULL when not partitioned
    partition_count INTEGER,
    tensor_id       INTEGER,  -- of varsdb_tensors; NULL: uninitialized
    version         INTEGER NOT NULL,  -- 0 uninitialized, 1 initial value, +1 each assign
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    origin_id       INTEGER NOT NULL,  -- of varsdb_origins
    site            TEXT,              -- 'train.c:12'
    members_digest  INTEGER NOT NULL,  -- sum of digests of its rows in varsdb_collection_members
    digest          INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_variables_name ON varsdb_variables (scope_id, name);
CREATE INDEX varsdb_variables_tensor ON varsdb_variables (tensor_id) WHERE tensor_id IS NOT NULL;

-- Immutable values, addressed by content.  The statistics are over finite elements,
-- of complex by magnitude; NULL when there is none.
CREATE TABLE varsdb_tensors (
    id            INTEGER PRIMARY KEY,
    hash          BLOB    NOT NULL,  -- XXH3-128 of the canonical bytes, big-endian
    bytes         INTEGER NOT NULL,  -- canonical bytes; strings with an 8-byte length before each
    dtype         TEXT    NOT NULL,
    discriminator INTEGER NOT NULL,  -- 0, but for true collisions of the hash
    min           ANY,               -- exact: INTEGER, or REAL, or TEXT for uint64 above 2^63-1
    max           ANY,
    mean          REAL,
    std           REAL,              -- of the population
    l2_norm       REAL,
    zeros         INTEGER,
    nans          INTEGER,
    pos_infs      INTEGER,
    neg_infs      INTEGER,
    chunk_count   INTEGER NOT NULL,  -- 0: the bytes are inline
    chunks_digest INTEGER NOT NULL,  -- sum of digests of its rows in varsdb_tensor_chunks
    digest        INTEGER NOT NULL,  -- of all the above
    inline        BLOB               -- last, so that reading the others does not touch it
) STRICT;
CREATE UNIQUE INDEX varsdb_tensors_hash ON varsdb_tensors (hash, bytes, dtype, discriminator);

-- Which chunks a larger tensor is made of.
CREATE TABLE varsdb_tensor_chunks (
    tensor_id INTEGER NOT NULL,  -- of varsdb_tensors
    position  INTEGER NOT NULL,  -- 0, 1, ...
    chunk_id  INTEGER NOT NULL,  -- of varsdb_chunks
    digest    INTEGER NOT NULL,  -- of the above: any range of the list can be read and checked by itself
    PRIMARY KEY (tensor_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX varsdb_tensor_chunks_chunk ON varsdb_tensor_chunks (chunk_id);

-- Pieces of tensors, stored once however often they occur.
CREATE TABLE varsdb_chunks (
    id            INTEGER PRIMARY KEY,
    hash          BLOB    NOT NULL,  -- XXH3-128 of data, big-endian
    bytes         INTEGER NOT NULL,
    discriminator INTEGER NOT NULL,
    digest        INTEGER NOT NULL,  -- of all the above
    data          BLOB    NOT NULL   -- last, and covered by the hash
) STRICT;
CREATE UNIQUE INDEX varsdb_chunks_hash ON varsdb_chunks (hash, bytes, discriminator);

-- Chunks that nothing needs any more, kept to be written over: that costs half of what freeing their
-- pages and taking them again does.  Garbage to all but savers.
CREATE TABLE varsdb_free_chunks (
    chunk_id INTEGER PRIMARY KEY  -- of varsdb_chunks
) STRICT;

-- Collections, and their members in insertion order.
CREATE TABLE varsdb_collections (
    id           INTEGER PRIMARY KEY,
    namespace_id INTEGER NOT NULL,  -- of varsdb_namespaces
    name         TEXT    NOT NULL,
    digest       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_collections_name ON varsdb_collections (namespace_id, name);

CREATE TABLE varsdb_collection_members (
    collection_id INTEGER NOT NULL,  -- of varsdb_collections
    position      INTEGER NOT NULL,
    variable_id   INTEGER NOT NULL,  -- of varsdb_variables
    PRIMARY KEY (collection_id, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX varsdb_collection_members_variable
    ON varsdb_collection_members (variable_id, collection_id);

-- Immutable pictures of variables.
CREATE TABLE varsdb_snapshots (
    id           INTEGER PRIMARY KEY,
    uid          INTEGER NOT NULL,
    namespace_id INTEGER NOT NULL,  -- of varsdb_namespaces
    name         TEXT,
    step         INTEGER,
    metadata     TEXT,              -- JSON
    pinned       INTEGER NOT NULL,  -- 1: retention leaves it
    variables    INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,  -- logical
    new_bytes    INTEGER NOT NULL,  -- stored because of it
    created_at   INTEGER NOT NULL,
    items_digest INTEGER NOT NULL,  -- sum of digests of its rows in varsdb_snapshot_items
    digest       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_snapshots_name ON varsdb_snapshots (namespace_id, name) WHERE name IS NOT NULL;
CREATE INDEX varsdb_snapshots_namespace ON varsdb_snapshots (namespace_id);
CREATE INDEX varsdb_snapshots_step ON varsdb_snapshots (namespace_id, step);

-- A variable as it was.  Interned: a variable that did not change between two
-- snapshots has one row for both.
CREATE TABLE varsdb_states (
    id              INTEGER PRIMARY KEY,
    hash            BLOB    NOT NULL,  -- XXH3-128 of the columns below
    variable_id     INTEGER NOT NULL,
    variable_uid    INTEGER NOT NULL,
    name            TEXT    NOT NULL,  -- full
    dtype           TEXT    NOT NULL,
    shape           TEXT    NOT NULL,
    elements        INTEGER NOT NULL,
    bytes           INTEGER NOT NULL,
    initializer     TEXT    NOT NULL,
    seed            INTEGER,
    regularizer     TEXT,
    constraint_text TEXT,
    partitioner     TEXT,
    collections     TEXT    NOT NULL,  -- JSON array; trainable is in it
    tensor_id       INTEGER,  -- of varsdb_tensors; NULL: it was uninitialized
    digest          INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX varsdb_states_hash ON varsdb_states (hash);
CREATE INDEX varsdb_states_tensor ON varsdb_states (tensor_id) WHERE tensor_id IS NOT NULL;
CREATE INDEX varsdb_states_variable ON varsdb_states (variable_id, variable_uid);
CREATE INDEX varsdb_states_name ON varsdb_states (name);

CREATE TABLE varsdb_snapshot_items (
    snapshot_id INTEGER NOT NULL,  -- of varsdb_snapshots
    state_id    INTEGER NOT NULL,  -- of varsdb_states
    PRIMARY KEY (snapshot_id, state_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX varsdb_snapshot_items_state ON varsdb_snapshot_items (state_id);

-- Keys with JSON values on a namespace, a variable, a snapshot or an imported file.
CREATE TABLE varsdb_attributes (
    owner_kind TEXT    NOT NULL,  -- 'namespace', 'variable', 'snapshot', 'file'
    owner_id   INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    digest     INTEGER NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, key)
) STRICT, WITHOUT ROWID;

-- Saves in flight, and the chunks that they need and gc must leave.
CREATE TABLE varsdb_sessions (
    id           INTEGER PRIMARY KEY,
    uid          INTEGER NOT NULL,
    program      TEXT    NOT NULL,
    host         TEXT    NOT NULL,
    pid          INTEGER NOT NULL,
    started      TEXT    NOT NULL,  -- boot and start time of the process: pids come again
    heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE varsdb_pins (
    session_id INTEGER NOT NULL,  -- of varsdb_sessions
    chunk_id   INTEGER NOT NULL,  -- of varsdb_chunks
    PRIMARY KEY (session_id, chunk_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX varsdb_pins_chunk ON varsdb_pins (chunk_id);
