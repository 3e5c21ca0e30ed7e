/* report_names.c - see report_names.h. */
#include "report_names.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 256

/* FNV-1a: short keys, and nobody gains by choosing them. */
static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325U;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3U;
    return h ^ h >> 32;
}

/* The slot that has the text, or the free one where it belongs. */
static size_t *slot_of(const report_names *n, const char *text)
{
    size_t at = (size_t)hash(text) & (n->slot_count - 1);
    while (n->slots[at] && strcmp(names_at(n, n->slots[at] - 1), text) != 0)
        at = (at + 1) & (n->slot_count - 1);
    return &n->slots[at];
}

static bool grow_slots(report_names *n)
{
    size_t count = n->slot_count ? n->slot_count * 2 : SLOTS_FIRST;
    size_t *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(n->slots);
    n->slots = slots;
    n->slot_count = count;
    for (size_t i = 0; i < n->count; i++)
        *slot_of(n, names_at(n, i)) = i + 1;
    return true;
}

static bool grow_texts(report_names *n, size_t bytes)
{
    if (n->count == n->room) {
        size_t room = n->room ? n->room * 2 : SLOTS_FIRST;
        size_t *offsets = realloc(n->offsets, room * sizeof *offsets);
        if (!offsets)
            return false;
        n->offsets = offsets;
        n->room = room;
    }
    if (bytes > n->text_room - n->bytes) {
        size_t room = (n->text_room + bytes) * 2;
        char *text = realloc(n->text, room);
        if (!text)
            return false;
        n->text = text;
        n->text_room = room;
    }
    return true;
}

size_t names_find(const report_names *n, const char *text)
{
    if (!n->slot_count)
        return REPORT_NO_NAME;
    size_t found = *slot_of(n, text);
    return found ? found - 1 : REPORT_NO_NAME;
}

size_t names_add(report_names *n, const char *text)
{
    size_t found = names_find(n, text), bytes = strlen(text) + 1;
    if (found != REPORT_NO_NAME)
        return found;
    if (!grow_texts(n, bytes) || ((n->count + 1) * 2 > n->slot_count && !grow_slots(n)))
        return REPORT_NO_NAME;
    memcpy(n->text + n->bytes, text, bytes);
    *slot_of(n, text) = n->count + 1;
    n->offsets[n->count] = n->bytes;
    n->bytes += bytes;
    return n->count++;
}

const char *names_at(const report_names *n, size_t number)
{
    return n->text + n->offsets[number];
}

void names_release(report_names *n)
{
    free(n->offsets);
    free(n->text);
    free(n->slots);
    *n = (report_names){0};
}
