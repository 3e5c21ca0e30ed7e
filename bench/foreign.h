/*
 * foreign.h - files of a model as other programs make them, in forms that the library reads and does not
 * write.
 */
#ifndef BENCH_FOREIGN_H
#define BENCH_FOREIGN_H

#include "model.h"

/* An .npz whose members are deflated, as numpy.savez_compressed makes it; below 4 GiB. */
void foreign_write_deflated(struct model *model, const char *path);
/* What torch.save makes of a dictionary of tensors. */
void foreign_write_pytorch(struct model *model, const char *path);
/* GGUF, version 3, without metadata. */
void foreign_write_gguf(struct model *model, const char *path);

#endif
