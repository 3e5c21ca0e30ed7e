-- look.sql - what the views, which are the contract, show of a registry, one line for each thing.
-- Columns are named, as views may get more of them.
.mode list
.nullvalue null
SELECT 'namespace', id, name, seed, created_at, variables, bytes FROM namespaces ORDER BY id;
SELECT 'scope', id, namespace, name, variables, elements, bytes, initializer, regularizer, dtype FROM scopes ORDER BY id;
SELECT 'variable', id, namespace, name, scope, dtype, shape, rank, elements, bytes, trainable, initialized, initializer,
       seed, regularizer, collections, version, hash, created_at, updated_at, program, site
FROM variables ORDER BY id;
SELECT 'statistics', id, min, max, mean, std, l2_norm, zeros, nans, pos_infs, neg_infs FROM variables ORDER BY id;
SELECT 'global', id, name FROM global_variables ORDER BY id;
SELECT 'model', id, name FROM model_variables ORDER BY id;
SELECT 'trainable', id, name FROM trainable_variables ORDER BY id;
SELECT 'local', id, name FROM local_variables ORDER BY id;
SELECT 'uninitialized', id, name FROM uninitialized_variables ORDER BY id;
SELECT 'collection', namespace, name, variables, elements, bytes FROM collections ORDER BY 2, 3;
SELECT 'member', namespace, collection, position, id, name FROM collection_variables ORDER BY 2, 3, 4;
SELECT 'part', namespace, name, part, part_name, offset, shape FROM variable_parts ORDER BY 2, 3, 4;
SELECT 'snapshot', id, namespace, name, step, created_at, metadata, pinned, variables, bytes, new_bytes, exclusive_bytes
FROM snapshots ORDER BY id;
SELECT 'snapshot of', snapshot_id, namespace, snapshot, step, name, dtype, shape, bytes, hash, min, max, mean, std, l2_norm,
       zeros, nans, pos_infs, neg_infs
FROM snapshot_variables ORDER BY 2, 6;
SELECT 'attribute', owner, owner_id, key, value FROM attributes ORDER BY 2, 3, 4;
