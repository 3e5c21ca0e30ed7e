-- parts.sql - lines that several statements share: a line that is {NAME} stands for them.

-- part: variable_columns
-- A variable's row in the order of its digest, and the digest (variable_row.h).
       v.id, v.uid, v.scope_id, v.name, v.dtype, v.shape, v.elements, v.bytes, v.initializer,
       v.seed, v.regularizer, v.constraint_text, v.partitioner, v.partition_axis,
       v.partition_count, v.tensor_id, v.version, v.created_at, v.updated_at, v.origin_id, v.site,
       v.members_digest, v.digest

-- part: tensor_columns
-- A tensor's row in the order of its digest, and the digest (tensor.h).
       t.id, t.hash, t.bytes, t.dtype, t.discriminator, t.min, t.max, t.mean, t.std, t.l2_norm, t.zeros,
       t.nans, t.pos_infs, t.neg_infs, t.chunk_count, t.chunks_digest, t.digest

-- part: found_columns
-- What a look-up reads: the row, its membership in the collections with rules, its place.
{variable_columns},
       (SELECT coalesce(sum(CASE c.name WHEN 'variables' THEN 1 WHEN 'model_variables' THEN 2
                                        WHEN 'trainable_variables' THEN 4
                                        WHEN 'local_variables' THEN 8 ELSE 0 END), 0)
        FROM {schema}.varsdb_collection_members m
        JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
        WHERE m.variable_id = v.id),
       s.namespace_id, s.path

-- part: listed_columns
-- What a listing reads: the row, its place, who made it, its collections, its tensor (list.c).
{variable_columns},
       s.path, n.name, o.program, o.host, o.pid,
       (SELECT json_group_array(c.name)
        FROM {schema}.varsdb_collection_members m
        JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
        WHERE m.variable_id = v.id),
       EXISTS (SELECT 1
               FROM {schema}.varsdb_collection_members m
               JOIN {schema}.varsdb_collections c ON c.id = m.collection_id
               WHERE m.variable_id = v.id AND c.name = 'trainable_variables'),
{tensor_columns}
