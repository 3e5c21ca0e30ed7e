/* suggest.c - see suggest.h. */
#include "suggest.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "distance.h"

/* What is near in several ways has the least of these. */
enum {
    COST_SLIP = 4,    /* each */
    COST_END = 2,     /* what was typed is the end of the path, from a slash on */
    COST_BEGIN = 5,   /* what was typed is the beginning */
    COST_PLACE = 13,  /* the last component is right, the scope is another: more than all slips */
    COST_NOTHING = 99 /* not near */
};

void suggest_begin(suggest *s, const char *wanted, bool path)
{
    s->wanted = wanted;
    s->path = path;
    s->count = 0;
}

static const char *last_component(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static unsigned cost_of_slips(const char *wanted, const char *name)
{
    size_t bytes = strlen(wanted), limit = distance_limit(bytes);
    size_t slips = distance_between(wanted, bytes, name, strlen(name), limit);
    return slips > limit ? COST_NOTHING : COST_SLIP * (unsigned)slips;
}

static bool begins_with(const char *name, const char *beginning)
{
    size_t i = 0;
    while (beginning[i] && distance_fold(name[i]) == distance_fold(beginning[i]))
        i++;
    return !beginning[i];
}

static unsigned cost_of(const suggest *s, const char *name)
{
    size_t wanted_bytes = strlen(s->wanted), bytes = strlen(name);
    unsigned cost = cost_of_slips(s->wanted, name), other = COST_NOTHING;
    if (wanted_bytes >= 2 && begins_with(name, s->wanted))
        other = COST_BEGIN;
    if (s->path && wanted_bytes && bytes > wanted_bytes && name[bytes - wanted_bytes - 1] == '/' &&
        strcmp(name + bytes - wanted_bytes, s->wanted) == 0) {
        other = COST_END;
    } else if (s->path && other == COST_NOTHING) {
        unsigned slips = cost_of_slips(last_component(s->wanted), last_component(name));
        if (slips != COST_NOTHING && *last_component(name))
            other = COST_PLACE + slips;
    }
    return cost < other ? cost : other;
}

/* Names that cannot be typed from what a terminal shows of them. */
static bool is_shown_as_it_is(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    return true;
}

static void keep(suggest *s, const char *name, size_t bytes, unsigned cost)
{
    size_t at = s->count;
    /* Of names as near as each other the shorter one comes first, then the one that was seen first. */
    while (at && (cost < s->best[at - 1].cost ||
                  (cost == s->best[at - 1].cost && bytes < strlen(s->best[at - 1].name))))
        at--;
    if (cost >= COST_NOTHING || at == SUGGEST_MOST || !is_shown_as_it_is(name))
        return;
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->best[i].name, name) == 0)
            return;
    if (s->count < SUGGEST_MOST)
        s->count++;
    memmove(&s->best[at + 1], &s->best[at], (s->count - at - 1) * sizeof s->best[0]);
    s->best[at].cost = cost;
    memcpy(s->best[at].name, name, bytes + 1);
}

void suggest_offer(suggest *s, const char *name)
{
    size_t bytes = strlen(name);
    if (bytes && bytes < SUGGEST_NAME_MAX && strcmp(name, s->wanted) != 0)
        keep(s, name, bytes, cost_of(s, name));
}

void suggest_add(suggest *s, const char *name)
{
    size_t bytes = strlen(name);
    if (bytes < SUGGEST_NAME_MAX)
        keep(s, name, bytes, (unsigned)s->count);
}

void suggest_offer_all(suggest *s, const char *const *names)
{
    for (; *names; names++)
        suggest_offer(s, *names);
}

const char *suggest_text(const suggest *s, char out[SUGGEST_TEXT_MAX])
{
    char shown[CLI_SHOWN_MAX];
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < s->count; i++) {
        const char *before = !i ? "; did you mean " : i + 1 < s->count ? ", " : " or ";
        int bytes =
            snprintf(out + used, SUGGEST_TEXT_MAX - used, "%s%s", before, cli_shown(shown, s->best[i].name));
        used += (size_t)bytes;
    }
    if (s->count)
        snprintf(out + used, SUGGEST_TEXT_MAX - used, "?");
    return out;
}

const char *suggest_among(char out[SUGGEST_TEXT_MAX], const char *wanted, const char *const *words)
{
    suggest s;
    suggest_begin(&s, wanted, false);
    suggest_offer_all(&s, words);
    return suggest_text(&s, out);
}
