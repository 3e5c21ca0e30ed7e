/*
 * opt.h - options, anywhere among the arguments: --name, --name=value, --name value, and for
 * those that have a letter -o value and -ovalue; "--" ends them.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stddef.h>

#define OPT_LIST_MAX      64
#define OPT_MESSAGE_BYTES 1024

/* Values of an option that may be repeated; ends in NULL. */
typedef struct opt_list {
    size_t count;
    const char *items[OPT_LIST_MAX + 1];
} opt_list;

/* One option, and where it goes: exactly one of the three is set. */
typedef struct opt {
    const char *name;
    char letter;              /* 0: it has none */
    const char *const *words; /* that a value may be, or begin with; ends in NULL; NULL: it may be anything */
    int *flag;
    const char **text; /* NULL there means not given */
    opt_list *list;
} opt;

#define OPT_FLAG(name_, to)       \
    {                             \
        .name = name_, .flag = to \
    }
#define OPT_TEXT(name_, to)       \
    {                             \
        .name = name_, .text = to \
    }
/* Its words are for completion; whether the value is one of them the command sees (pick_word). */
#define OPT_WORD(name_, words_, to)                \
    {                                              \
        .name = name_, .words = words_, .text = to \
    }
#define OPT_SHORT(letter_, name_, to)                \
    {                                                \
        .letter = letter_, .name = name_, .text = to \
    }
#define OPT_LIST(name_, to)       \
    {                             \
        .name = name_, .list = to \
    }

/*
 * Takes the options out of argv, whose first *count entries are then the other
 * arguments.  0, or -1 with a sentence in message, of OPT_MESSAGE_BYTES.
 */
int opt_parse(const opt *options, size_t option_count, int argc, char **argv, size_t *count, char *message);

#endif
