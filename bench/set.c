/*
 * set.c - tensors under names, as every store is given them and gives them back.
 */
#include "set.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "timer.h"

struct set *set_new(size_t count, size_t bytes, size_t held)
{
    struct set *set = must_allocate(1, sizeof *set);

    set->count = count;
    set->tensors = tensors_new(held, bytes, 1);
    set->room = tensors_new(held, bytes, 0);
    set->names = must_allocate(count, sizeof *set->names);
    for (size_t i = 0; i < count; i++)
        record_name(i, set->names[i]);
    return set;
}

void set_free(struct set *set)
{
    tensors_free(set->tensors);
    tensors_free(set->room);
    free(set->names);
    free(set);
}

size_t set_bytes(const struct set *set)
{
    return set->count * set->tensors->bytes;
}

static struct item item_of(const struct set *set, size_t i)
{
    return (struct item){.i = i, .bytes = set->tensors->bytes, .name = set->names[i]};
}

/* Tensors that share memory differ by a stamp in each page. */
static const void *value_of(const struct set *set, size_t i)
{
    const struct tensors *tensors = set->tensors;
    unsigned char *data = tensors->data[i % tensors->count];

    if (tensors->count < set->count)
        tensors_stamp(data, tensors->bytes, 1.0F, (float)i);
    return data;
}

static void *room_of(const struct set *set, size_t i)
{
    return set->room->data[i % set->room->count];
}

double set_save(const struct set *set, const struct store_kind *kind, const char *folder)
{
    double start = timer_now(), seconds;
    void *store = kind->open(folder, STORE_BUILD);

    if (kind->begin_write != NULL)
        kind->begin_write(store);
    for (size_t i = 0; i < set->count; i++) {
        struct item item = item_of(set, i);

        kind->create(store, &item, value_of(set, i));
    }
    kind->commit(store);
    seconds = timer_now() - start;
    kind->close(store);
    return seconds;
}

static void load_each(const struct set *set, const struct store_kind *kind, void *store, size_t step,
                      int is_checked)
{
    if (kind->begin_read != NULL)
        kind->begin_read(store);
    for (size_t i = step - 1; i < set->count; i += step) {
        struct item item = item_of(set, i);

        kind->read(store, &item, room_of(set, i));
        if (is_checked && memcmp(room_of(set, i), value_of(set, i), item.bytes) != 0)
            fail(kind->name, "does not have the bytes that were saved");
    }
    if (kind->end_read != NULL)
        kind->end_read(store);
}

void set_load(const struct set *set, const struct store_kind *kind, void *store, size_t step)
{
    load_each(set, kind, store, step, 0);
}

void set_check(const struct set *set, const struct store_kind *kind, void *store)
{
    tensors_change(set->room, 0, set->room->count);
    load_each(set, kind, store, 1, 1);
}
