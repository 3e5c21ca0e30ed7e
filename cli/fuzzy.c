/* fuzzy.c - see fuzzy.h. */
#include "fuzzy.h"

#include <stdbool.h>
#include <string.h>

#include "distance.h"

enum {
    SCORE_LETTER = 16,
    SCORE_COMPONENT = 10, /* it begins a component, */
    SCORE_WORD = 4,       /* or a word in one; */
    SCORE_NEXT = 8,       /* it follows the one before; */
    SCORE_END = 5,        /* it is the last of a component; */
    SCORE_LAST = 1,       /* it is in the last component; */
    SCORE_CASE = 1,       /* it is a capital as the one that was typed */
    SCORE_GAP = -3,       /* the first letter left out between two, */
    SCORE_MORE = -1,      /* each one after it */
    SCORE_SLIP = -24,
    SCORE_NONE = -100000
};

static uint64_t letter(unsigned char c)
{
    return 1ULL << (c & 63);
}

const char *fuzzy_begin(fuzzy *f, const char *text)
{
    size_t bytes = strlen(text);
    if (bytes >= FUZZY_TEXT_MAX)
        return "it is longer than 255 bytes";
    *f = (fuzzy){.count = 0};
    memcpy(f->given, text, bytes);
    for (size_t i = 0; i < bytes; i++)
        f->folded[i] = distance_fold(text[i]);
    for (size_t i = 0; i < bytes;) {
        size_t length = strcspn(text + i, " ");
        if (length && f->count == FUZZY_TERMS)
            return "it has more than 8 terms";
        if (length) {
            fuzzy_term *term = &f->terms[f->count++];
            *term = (fuzzy_term){f->given + i, f->folded + i, length, 1, 0};
            for (size_t k = i; k < i + length; k++) {
                term->components += text[k] == '/';
                term->letters |= letter(f->folded[k]);
            }
        }
        i += length + (text[i + length] == ' ');
    }
    return f->count ? NULL : "it is empty";
}

/* The name with capitals folded, and what a letter is worth at each place of it. */
typedef struct name_scores {
    size_t bytes;
    const char *given;
    unsigned char folded[FUZZY_NAME_MAX];
    signed char worth[FUZZY_NAME_MAX];
} name_scores;

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_word(char before, char c)
{
    if (!is_letter(before) && !is_digit(before))
        return is_letter(c) || is_digit(c);
    return is_digit(before) != is_digit(c) || (c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z');
}

static void weigh(name_scores *n, const char *name, size_t bytes)
{
    size_t last = bytes;
    while (last && name[last - 1] != '/')
        last--;
    n->bytes = bytes;
    n->given = name;
    for (size_t i = 0; i < bytes; i++) {
        int worth = SCORE_LETTER + (i >= last ? SCORE_LAST : 0);
        if (!i || name[i - 1] == '/')
            worth += SCORE_COMPONENT;
        else if (begins_word(name[i - 1], name[i]))
            worth += SCORE_WORD;
        n->folded[i] = distance_fold(name[i]);
        n->worth[i] = (signed char)worth;
    }
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* Where the term's letters stand in their order, each as early as it can; false if they do not. */
static bool find_in_order(const name_scores *n, const fuzzy_term *term, size_t *first)
{
    const unsigned char *at = n->folded, *end = n->folded + n->bytes;
    for (size_t i = 0; i < term->bytes; i++) {
        at = memchr(at, term->folded[i], (size_t)(end - at));
        if (!at)
            return false;
        if (!i)
            *first = (size_t)(at - n->folded);
        at++;
    }
    return true;
}

/* The best way to place the letters: for each of them and each place, the best score of the term up to it
 * that ends there.  Gaps are carried along the name. */
static int score_in_order(const name_scores *n, const fuzzy_term *term, size_t first)
{
    static _Thread_local int ends[FUZZY_NAME_MAX];
    int best = SCORE_NONE;
    for (size_t i = 0; i < term->bytes; i++) {
        /* The best for the letter before, right before this place, and further back. */
        int before = i ? ends[first + i - 1] : SCORE_NONE, gapped = SCORE_NONE;
        best = SCORE_NONE;
        for (size_t j = first + i; j < n->bytes; j++) {
            int above = i ? ends[j] : SCORE_NONE, here = SCORE_NONE;
            if (n->folded[j] == term->folded[i]) {
                here = i ? larger(before + SCORE_NEXT, gapped) : 0;
                here += n->worth[j];
                if (j + 1 == n->bytes || n->folded[j + 1] == '/')
                    here += SCORE_END;
                if (term->given[i] != (char)term->folded[i] && term->given[i] == n->given[j])
                    here += SCORE_CASE;
            }
            gapped = larger(gapped + SCORE_MORE, before + SCORE_GAP);
            before = above;
            ends[j] = here;
            best = larger(best, here);
        }
    }
    return best;
}

/* A run of as many components as the term has, with slips. */
static int score_slips(const name_scores *n, const fuzzy_term *term)
{
    size_t limit = distance_limit(term->bytes), best = limit + 1;
    for (size_t from = 0; limit && from < n->bytes; from++) {
        uint64_t letters = 0;
        size_t to = from, slashes = 0;
        if (from && n->folded[from - 1] != '/')
            continue;
        for (; to < n->bytes && (n->folded[to] != '/' || ++slashes < term->components); to++)
            letters |= letter(n->folded[to]);
        /* A slip brings in one letter, and takes out one. */
        if ((size_t)__builtin_popcountll(letters & ~term->letters) > limit ||
            (size_t)__builtin_popcountll(term->letters & ~letters) > limit)
            continue;
        size_t slips =
            distance_between((const char *)term->folded, term->bytes, n->given + from, to - from, limit);
        best = slips < best ? slips : best;
    }
    if (best > limit)
        return 0;
    int score = SCORE_LETTER * (int)term->bytes + SCORE_COMPONENT + SCORE_SLIP * (int)best;
    return larger(score, 1);
}

int fuzzy_score(const fuzzy *f, const char *name, size_t bytes)
{
    static _Thread_local name_scores n;
    int score = 0;
    if (bytes > FUZZY_NAME_MAX)
        return 0;
    weigh(&n, name, bytes);
    for (size_t i = 0; i < f->count; i++) {
        size_t first = 0;
        bool whole = find_in_order(&n, &f->terms[i], &first);
        int one = whole ? larger(score_in_order(&n, &f->terms[i], first), 1) : score_slips(&n, &f->terms[i]);
        if (!one)
            return 0;
        score += one;
    }
    return score;
}
