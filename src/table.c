/* table.c - see table.h. */
#include "table.h"

#include <assert.h>

#include "mem.h"
#include "varsdb.h"

/* What stands in a slot whose item was removed: probing goes on behind it. */
static char removed_mark;
#define REMOVED ((void *)&removed_mark)

static size_t first_slot(const vdb_table *t, uint64_t hash)
{
    return (size_t)hash & (t->room - 1);
}

void *vdb_table_find(const vdb_table *t, uint64_t hash, vdb_table_equal equal, const void *key)
{
    if (t->items == 0)
        return NULL;
    for (size_t i = first_slot(t, hash); t->slots[i].item; i = (i + 1) & (t->room - 1)) {
        const vdb_slot *slot = &t->slots[i];
        if (slot->hash == hash && slot->item != REMOVED && equal(slot->item, key))
            return slot->item;
    }
    return NULL;
}

static void put(vdb_table *t, uint64_t hash, void *item)
{
    size_t i = first_slot(t, hash);
    while (t->slots[i].item)
        i = (i + 1) & (t->room - 1);
    t->slots[i] = (vdb_slot){hash, item};
    t->used++;
    t->items++;
}

static int rebuild(vdb_table *t)
{
    vdb_table next = {.room = 64};
    while (next.room / 4 < t->items + 1)
        next.room *= 2;
    next.slots = vdb_calloc(next.room, sizeof *next.slots);
    if (!next.slots)
        return VARSDB_NOMEM;
    for (size_t i = 0; i < t->room; i++)
        if (t->slots[i].item && t->slots[i].item != REMOVED)
            put(&next, t->slots[i].hash, t->slots[i].item);
    assert(next.items == t->items);
    vdb_free(t->slots);
    *t = next;
    return VARSDB_OK;
}

int vdb_table_add(vdb_table *t, uint64_t hash, void *item)
{
    assert(item && item != REMOVED);
    if (t->used + 1 > t->room / 2) {
        int rc = rebuild(t);
        if (rc != VARSDB_OK)
            return rc;
    }
    put(t, hash, item);
    return VARSDB_OK;
}

void vdb_table_remove(vdb_table *t, uint64_t hash, const void *item)
{
    if (t->items == 0)
        return;
    for (size_t i = first_slot(t, hash); t->slots[i].item; i = (i + 1) & (t->room - 1)) {
        if (t->slots[i].item == item) {
            t->slots[i].item = REMOVED;
            t->items--;
            return;
        }
    }
}

void vdb_table_release(vdb_table *t)
{
    vdb_free(t->slots);
    *t = (vdb_table){0};
}
