-- 0001-initial.sql - everything.  See schema/schema.sql and schema/views.sql for the comments on tables and views.

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

CREATE VIEW variables AS
SELECT
    v.id                                                           AS id,
    n.name                                                         AS namespace,
    CASE s.path WHEN '' THEN v.name ELSE s.path || '/' || v.name END AS name,
    s.path                                                         AS scope,
    v.dtype                                                        AS dtype,
    v.shape                                                        AS shape,
    CASE v.shape WHEN '[]' THEN 0
    ELSE length(v.shape) - length(replace(v.shape, ',', '')) + 1 END AS rank,
    v.elements                                                     AS elements,
    v.bytes                                                        AS bytes,
    EXISTS (SELECT 1
            FROM varsdb_collection_members m JOIN varsdb_collections c ON c.id = m.collection_id
            WHERE m.variable_id = v.id AND c.name = 'trainable_variables') AS trainable,
    v.tensor_id IS NOT NULL                                        AS initialized,
    v.initializer                                                  AS initializer,
    v.seed                                                         AS seed,
    v.regularizer                                                  AS regularizer,
    (SELECT '[' || coalesce(group_concat('"' || replace(replace(c.name, '\', '\\'), '"', '\"') || '"'), '') || ']'
     FROM varsdb_collection_members m JOIN varsdb_collections c ON c.id = m.collection_id
     WHERE m.variable_id = v.id)                                   AS collections,
    v.version                                                      AS version,
    CASE WHEN t.id IS NOT NULL THEN lower(hex(t.hash)) END         AS hash,
    strftime('%Y-%m-%dT%H:%M:%fZ', v.created_at / 1000.0, 'unixepoch') AS created_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', v.updated_at / 1000.0, 'unixepoch') AS updated_at,
    o.program                                                      AS program,
    o.host                                                         AS host,
    o.pid                                                          AS pid,
    v.site                                                         AS site,
    t.min AS min, t.max AS max, t.mean AS mean, t.std AS std, t.l2_norm AS l2_norm,
    t.zeros AS zeros, t.nans AS nans, t.pos_infs AS pos_infs, t.neg_infs AS neg_infs
FROM varsdb_variables v
JOIN varsdb_scopes s ON s.id = v.scope_id
JOIN varsdb_namespaces n ON n.id = s.namespace_id
JOIN varsdb_origins o ON o.id = v.origin_id
LEFT JOIN varsdb_tensors t ON t.id = v.tensor_id
ORDER BY v.id;

-- GLOBAL: what get_variable and model_variable make.
CREATE VIEW global_variables AS
SELECT * FROM variables
WHERE id IN (SELECT m.variable_id
             FROM varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id
             WHERE c.name = 'variables');

-- MODEL: what model_variable makes; always within GLOBAL.
CREATE VIEW model_variables AS
SELECT * FROM variables
WHERE id IN (SELECT m.variable_id
             FROM varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id
             WHERE c.name = 'model_variables');

-- TRAINABLE.
CREATE VIEW trainable_variables AS
SELECT * FROM variables
WHERE id IN (SELECT m.variable_id
             FROM varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id
             WHERE c.name = 'trainable_variables');

-- LOCAL: outside snapshots and export unless asked for.
CREATE VIEW local_variables AS
SELECT * FROM variables
WHERE id IN (SELECT m.variable_id
             FROM varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id
             WHERE c.name = 'local_variables');

-- MOVING_AVERAGE: variables of which an average is kept.
CREATE VIEW moving_average_variables AS
SELECT * FROM variables
WHERE id IN (SELECT m.variable_id
             FROM varsdb_collections c JOIN varsdb_collection_members m ON m.collection_id = c.id
             WHERE c.name = 'moving_average_variables');

-- Variables that have no value yet.
CREATE VIEW uninitialized_variables AS
SELECT * FROM variables WHERE initialized = 0;

CREATE VIEW namespaces AS
SELECT
    n.id                                                               AS id,
    n.name                                                             AS name,
    n.seed                                                             AS seed,
    strftime('%Y-%m-%dT%H:%M:%fZ', n.created_at / 1000.0, 'unixepoch') AS created_at,
    count(v.id)                                                        AS variables,
    coalesce(sum(v.bytes), 0)                                          AS bytes
FROM varsdb_namespaces n
LEFT JOIN varsdb_scopes s ON s.namespace_id = n.id
LEFT JOIN varsdb_variables v ON v.scope_id = s.id
GROUP BY n.id
ORDER BY n.id;

-- Scopes below the root.  Counts are of the whole subtree: '0' follows '/' in ASCII,
-- so path || '/' to path || '0' is all that is below path.
CREATE VIEW scopes AS
SELECT
    s.id                       AS id,
    n.name                     AS namespace,
    s.path                     AS name,
    count(v.id)                AS variables,
    coalesce(sum(v.elements), 0) AS elements,
    coalesce(sum(v.bytes), 0)  AS bytes,
    s.initializer              AS initializer,
    s.regularizer              AS regularizer,
    s.dtype                    AS dtype
FROM varsdb_scopes s
JOIN varsdb_namespaces n ON n.id = s.namespace_id
JOIN varsdb_scopes d ON d.namespace_id = s.namespace_id
                    AND d.path >= s.path AND d.path < s.path || '0'
                    AND (d.id = s.id OR d.path > s.path || '/')
LEFT JOIN varsdb_variables v ON v.scope_id = d.id
WHERE s.path <> ''
GROUP BY s.id
ORDER BY s.id;

CREATE VIEW collections AS
SELECT
    n.name                       AS namespace,
    c.name                       AS name,
    count(v.id)                  AS variables,
    coalesce(sum(v.elements), 0) AS elements,
    coalesce(sum(v.bytes), 0)    AS bytes
FROM varsdb_collections c
JOIN varsdb_namespaces n ON n.id = c.namespace_id
LEFT JOIN varsdb_collection_members m ON m.collection_id = c.id
LEFT JOIN varsdb_variables v ON v.id = m.variable_id
GROUP BY c.id
ORDER BY c.id;

-- Members of every collection in insertion order.
CREATE VIEW collection_variables AS
SELECT
    n.name                                                           AS namespace,
    c.name                                                           AS collection,
    m.position                                                       AS position,
    v.id                                                             AS id,
    CASE s.path WHEN '' THEN v.name ELSE s.path || '/' || v.name END AS name
FROM varsdb_collections c
JOIN varsdb_namespaces n ON n.id = c.namespace_id
JOIN varsdb_collection_members m ON m.collection_id = c.id
JOIN varsdb_variables v ON v.id = m.variable_id
JOIN varsdb_scopes s ON s.id = v.scope_id
ORDER BY c.id, m.position;

-- Parts of partitioned variables: slices of one stored tensor.  The first
-- (length mod parts) parts get one element more along the axis.
CREATE VIEW variable_parts AS
WITH RECURSIVE part (variable_id, part, namespace, name, shape, axis, parts, length) AS (
    SELECT
        v.id, 0, n.name, CASE s.path WHEN '' THEN v.name ELSE s.path || '/' || v.name END, v.shape,
        v.partition_axis, v.partition_count, d.value
    FROM varsdb_variables v
    JOIN varsdb_scopes s ON s.id = v.scope_id
    JOIN varsdb_namespaces n ON n.id = s.namespace_id
    JOIN json_each(v.shape) d ON d.key = v.partition_axis
    WHERE v.partition_count IS NOT NULL
    UNION ALL
    SELECT variable_id, part + 1, namespace, name, shape, axis, parts, length FROM part WHERE part + 1 < parts
    ORDER BY 1, 2
)
SELECT
    p.namespace                  AS namespace,
    p.name                       AS name,
    p.part                       AS part,
    p.name || '/part_' || p.part AS part_name,
    (SELECT '[' || group_concat(CASE d.key WHEN p.axis
                                THEN p.part * (p.length / p.parts) + min(p.part, p.length % p.parts)
                                ELSE 0 END) || ']'
     FROM json_each(p.shape) d)  AS offset,
    (SELECT '[' || group_concat(CASE d.key WHEN p.axis
                                THEN p.length / p.parts + (p.part < p.length % p.parts)
                                ELSE d.value END) || ']'
     FROM json_each(p.shape) d)  AS shape
FROM part p;

-- Snapshots.  exclusive_bytes counts the tensors, and of larger ones the chunks,
-- that no variable and no other snapshot needs; items of dropped snapshots, which may still be
-- there, do not count.
CREATE VIEW snapshots AS
SELECT
    p.id                                                               AS id,
    n.name                                                             AS namespace,
    p.name                                                             AS name,
    p.step                                                             AS step,
    strftime('%Y-%m-%dT%H:%M:%fZ', p.created_at / 1000.0, 'unixepoch') AS created_at,
    p.metadata                                                         AS metadata,
    p.pinned                                                           AS pinned,
    p.variables                                                        AS variables,
    p.bytes                                                            AS bytes,
    p.new_bytes                                                        AS new_bytes,
    (WITH own (id) AS (
         SELECT DISTINCT w.tensor_id
         FROM varsdb_snapshot_items i JOIN varsdb_states w ON w.id = i.state_id
         WHERE i.snapshot_id = p.id AND w.tensor_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM varsdb_variables v WHERE v.tensor_id = w.tensor_id)
           AND NOT EXISTS (SELECT 1
                           FROM varsdb_states o JOIN varsdb_snapshot_items j ON j.state_id = o.id
                           JOIN varsdb_snapshots q ON q.id = j.snapshot_id
                           WHERE o.tensor_id = w.tensor_id AND q.id <> p.id))
     SELECT coalesce((SELECT sum(t.bytes) FROM varsdb_tensors t
                      WHERE t.id IN own AND t.chunk_count = 0), 0)
          + coalesce((SELECT sum(k.bytes) FROM varsdb_chunks k
                      WHERE k.id IN (SELECT chunk_id FROM varsdb_tensor_chunks WHERE tensor_id IN own)
                        AND NOT EXISTS (SELECT 1 FROM varsdb_tensor_chunks x
                                        WHERE x.chunk_id = k.id AND x.tensor_id NOT IN own)), 0)
    )                                                                  AS exclusive_bytes
FROM varsdb_snapshots p
JOIN varsdb_namespaces n ON n.id = p.namespace_id
ORDER BY p.id;

CREATE VIEW snapshot_variables AS
SELECT
    p.id               AS snapshot_id,
    n.name             AS namespace,
    p.name             AS snapshot,
    p.step             AS step,
    w.name             AS name,
    w.dtype            AS dtype,
    w.shape            AS shape,
    w.bytes            AS bytes,
    CASE WHEN t.id IS NOT NULL THEN lower(hex(t.hash)) END AS hash,
    t.min AS min, t.max AS max, t.mean AS mean, t.std AS std, t.l2_norm AS l2_norm,
    t.zeros AS zeros, t.nans AS nans, t.pos_infs AS pos_infs, t.neg_infs AS neg_infs
FROM varsdb_snapshots p
JOIN varsdb_namespaces n ON n.id = p.namespace_id
JOIN varsdb_snapshot_items i ON i.snapshot_id = p.id
JOIN varsdb_states w ON w.id = i.state_id
LEFT JOIN varsdb_tensors t ON t.id = w.tensor_id
ORDER BY p.id, w.id;

CREATE VIEW attributes AS
SELECT owner_kind AS owner, owner_id AS owner_id, key AS key, value AS value
FROM varsdb_attributes;
