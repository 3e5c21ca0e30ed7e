/* import_values.c - see importer.h. */
#include "importer.h"
#include "progress.h"
#include "transaction.h"

#define SHOWN "'%.200s'"

int vdb_importer_fail_reader(const vdb_importer *im, int rc)
{
    return rc == VARSDB_NOMEM ? vdb_fail_nomem(im->error)
                              : vdb_fail(im->error, rc, "%s", varsdb_reader_errmsg(im->reader));
}

/* vdb_tensor_source_cb; the tag is the tensor's number. */
static int read_tensor(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_importer *im = payload;
    int rc = varsdb_reader_read(im->reader, (size_t)tag, offset, buffer, bytes);
    if (rc != VARSDB_OK)
        return vdb_importer_fail_reader(im, rc);
    im->done += bytes;
    return vdb_progress(im->db, im->options->progress, im->options->payload, "importing", im->done,
                        im->total);
}

vdb_tensor *vdb_importer_value(const vdb_importer *im, const vdb_import_item *item)
{
    return &im->values[item - im->plan.items];
}

static int64_t elements_of(const varsdb_tensor_info *info)
{
    int64_t elements = 1;
    for (int i = 0; i < info->shape.rank; i++)
        elements *= info->shape.dims[i]; /* the reader checked that it fits */
    return elements;
}

int vdb_importer_describe_values(vdb_importer *im)
{
    im->values = vdb_calloc(im->plan.count ? im->plan.count : 1, sizeof *im->values);
    if (!im->values)
        return vdb_fail_nomem(im->error);
    for (size_t i = 0; i < im->plan.count; i++) {
        const vdb_import_item *item = &im->plan.items[i];
        im->values[i] = (vdb_tensor){.dtype = item->info->dtype,
                                     .elements = elements_of(item->info),
                                     .bytes = item->info->bytes,
                                     .source = read_tensor,
                                     .payload = im,
                                     .tag = (int64_t)item->tensor};
    }
    return VARSDB_OK;
}

static bool is_written(const vdb_import_item *item)
{
    return !item->left_out && (item->outcome == VARSDB_IMPORTED || item->outcome == VARSDB_REPLACED);
}

void vdb_importer_count_bytes(vdb_importer *im)
{
    im->done = im->total = 0;
    for (size_t i = 0; i < im->plan.count; i++)
        if (is_written(&im->plan.items[i]))
            im->total += im->plan.items[i].info->bytes;
}

static int save_values(vdb_importer *im)
{
    int rc = vdb_save_open(im->db, &im->save);
    for (size_t i = 0; rc == VARSDB_OK && i < im->plan.count; i++) {
        const vdb_import_item *item = &im->plan.items[i];
        if (!is_written(item) || item->info->bytes <= (uint64_t)im->db->inline_bytes)
            continue;
        im->values[i].save = im->save;
        rc = vdb_tensor_prepare(im->db, &im->values[i]);
        if (rc == VARSDB_INVALID)
            vdb_fail_in(im->error, "variable " SHOWN, item->name);
    }
    return rc == VARSDB_OK ? vdb_save_flush(im->save) : rc;
}

/* What can be refused is refused before gigabytes are stored; it is looked up again when they are. */
int vdb_importer_save_beforehand(vdb_importer *im)
{
    int rc = varsdb_begin_read(im->db);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_importer_classify(im);
    vdb_error kept = *im->error;
    varsdb_rollback(im->db);
    *im->error = kept;
    vdb_importer_count_bytes(im);
    bool refused = im->mismatched != NULL;
    im->mismatched = NULL;
    return rc == VARSDB_OK && !refused ? save_values(im) : rc;
}

void vdb_importer_release_values(vdb_importer *im)
{
    for (size_t i = 0; im->values && i < im->plan.count; i++)
        vdb_tensor_release(&im->values[i]);
    vdb_free(im->values);
    vdb_save_close(im->save);
}
