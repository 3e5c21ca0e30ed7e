/* vocabulary.c - see vocabulary.h. */
#include "vocabulary.h"

#include <stddef.h>

#include "varsdb.h"

#define DTYPE(name, number, text, bits) text,
const char *const vocabulary_dtypes[] = {VARSDB_DTYPES(DTYPE) NULL};
#undef DTYPE

const char *const vocabulary_initializers[] = {"zeros",
                                               "ones",
                                               "constant",
                                               "none",
                                               "random_uniform",
                                               "random_normal",
                                               "truncated_normal",
                                               "glorot_uniform",
                                               "xavier_uniform",
                                               "xavier_normal",
                                               "glorot_normal",
                                               "he_uniform",
                                               "he_normal",
                                               "lecun_uniform",
                                               "lecun_normal",
                                               "variance_scaling",
                                               "slim_variance_scaling",
                                               "xavier",
                                               "uniform_unit_scaling",
                                               "identity",
                                               "orthogonal",
                                               "delta_orthogonal",
                                               "convolutional_delta_orthogonal",
                                               NULL};

const char *const vocabulary_formats[] = {"safetensors", "npy", "npz", "pytorch", "gguf", "tensorflow", NULL};

const char *const vocabulary_written_formats[] = {"safetensors", "npy", "npz", "tensorflow", NULL};

const char *const vocabulary_colors[] = {"auto", "always", "never", NULL};
const char *const vocabulary_nans[] = {"string", "null", NULL};
const char *const vocabulary_shells[] = {"bash", "zsh", "fish", NULL};

const char *const vocabulary_collections[] = {"GLOBAL", "MODEL", "TRAINABLE", "LOCAL", NULL};

const char *const vocabulary_views[] = {"variables",
                                        "global_variables",
                                        "model_variables",
                                        "trainable_variables",
                                        "local_variables",
                                        "moving_average_variables",
                                        "uninitialized_variables",
                                        "namespaces",
                                        "scopes",
                                        "collections",
                                        "collection_variables",
                                        "variable_parts",
                                        "snapshots",
                                        "snapshot_variables",
                                        "attributes",
                                        NULL};

const char *const vocabulary_columns[] = {
    "variables",   "collection", "position", "part",     "part_name", "offset",
    "metadata",    "step",       "pinned",   "snapshot", "new_bytes", "exclusive_bytes",
    "snapshot_id", "owner",      "owner_id", "key",      "value",     NULL};
