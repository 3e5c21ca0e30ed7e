-- views.sql - the contract: what any SQLite client may rely on.  Names and columns
-- grow; they do not change.  They use no function that a client which does not trust
-- the schema (PRAGMA trusted_schema=OFF) would refuse; of JSON's that leaves json_each.

-- Every variable of every namespace, in creation order.
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
-- (length mod parts) parts get one element more along the axis.  They are ordered where they
-- are made, as a variable may claim any number of parts: the first is there at once.
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
