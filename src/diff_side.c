/* diff_side.c - the variables of one side of a comparison; see diff.h. */
#include "diff.h"
#include "snapshot_state.h"

int vdb_diff_item_of_state(varsdb *db, const vdb_value *state, vdb_diff_item *out)
{
    *out = (vdb_diff_item){
        .name = state[STATE_NAME].data,
        .shape = state[STATE_SHAPE].data,
        .variable_id = state[STATE_VARIABLE_ID].integer,
        .variable_uid = state[STATE_VARIABLE_UID].integer,
        .elements = state[STATE_ELEMENTS].integer,
        .tensor = state[STATE_TENSOR_ID].kind == VDB_INT ? state[STATE_TENSOR_ID].integer : 0,
        .dtype = varsdb_dtype_parse(state[STATE_DTYPE].data),
    };
    if (out->dtype)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: variable %.400s has an impossible dtype", db->path,
                    out->name);
}

int vdb_diff_side_add(varsdb *db, vdb_diff_side *side, const vdb_diff_item *item)
{
    int rc = vdb_buf_append(&side->texts, item->name, strlen(item->name) + 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&side->texts, item->shape, strlen(item->shape) + 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&side->items, item, sizeof *item);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

/* The texts stay where they are from now on. */
void vdb_diff_side_finish(vdb_diff_side *side)
{
    vdb_diff_item *items = vdb_diff_side_items(side);
    const char *text = side->texts.data;
    for (size_t i = 0; i < vdb_diff_side_count(side); i++) {
        items[i].name = text;
        text += strlen(text) + 1;
        items[i].shape = text;
        text += strlen(text) + 1;
    }
}

size_t vdb_diff_side_count(const vdb_diff_side *side)
{
    return side->items.size / sizeof(vdb_diff_item);
}

vdb_diff_item *vdb_diff_side_items(const vdb_diff_side *side)
{
    return (vdb_diff_item *)(void *)side->items.data;
}

void vdb_diff_side_release(vdb_diff_side *side)
{
    vdb_buf_release(&side->texts);
    vdb_buf_release(&side->items);
}
