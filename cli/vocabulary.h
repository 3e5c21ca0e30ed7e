/*
 * vocabulary.h - what there is a closed list of: to suggest one, and to complete it.  Each list
 * ends in NULL.
 */
#ifndef CLI_VOCABULARY_H
#define CLI_VOCABULARY_H

extern const char *const vocabulary_dtypes[];
extern const char *const vocabulary_initializers[];
/* Tensor files: those that are written are a part of those that are read. */
extern const char *const vocabulary_formats[], *const vocabulary_written_formats[];
/* Collections by TensorFlow's names in short. */
extern const char *const vocabulary_collections[];
/* --color, as terminal_colors counts them, and --json-nan. */
extern const char *const vocabulary_colors[], *const vocabulary_nans[];
extern const char *const vocabulary_shells[];
/* What a query reads. */
extern const char *const vocabulary_views[];
/* Columns of the views beside those of the view `variables`. */
extern const char *const vocabulary_columns[];

#endif
