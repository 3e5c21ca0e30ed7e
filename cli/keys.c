/* keys.c - see keys.h. */
#include "keys.h"

#include <string.h>

#include "print.h"

#define KEY_COLUMNS 12

static void print_key(sink *to, const char *key)
{
    size_t bytes = strlen(key), width = print_visible_width(key, bytes);
    print_visible(to, key, bytes);
    sink_repeat(to, ' ', width < KEY_COLUMNS ? KEY_COLUMNS - width + 1 : 1);
}

void keys_text(sink *to, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    print_key(to, key);
    print_visible(to, text, strlen(text));
    sink_char(to, '\n');
}

void keys_count(sink *to, const char *key, int64_t value)
{
    char text[PRINT_NUMBER_MAX];
    text[print_int(text, value)] = '\0';
    keys_text(to, key, text);
}

void keys_real(sink *to, const char *key, double value)
{
    char text[PRINT_NUMBER_MAX];
    text[print_double(text, value)] = '\0';
    keys_text(to, key, text);
}

void keys_moment(sink *to, const char *key, int64_t milliseconds)
{
    char text[PRINT_NUMBER_MAX];
    text[print_time(text, milliseconds)] = '\0';
    keys_text(to, key, text);
}
