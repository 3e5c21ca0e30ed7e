/* attributes.c - see attributes.h. */
#include "attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

typedef struct object {
    FILE *text;
    sink *key; /* holds a key while it is escaped; never written anywhere */
    bool begun;
} object;

static int add_attribute(void *payload, const char *key, const char *json)
{
    object *o = payload;
    fputs(o->begun ? "," : "{", o->text);
    o->begun = true;
    o->key->used = 0;
    print_json(o->key, key, strlen(key));
    fwrite(o->key->data, 1, o->key->used, o->text);
    fputc(':', o->text);
    /* In JSON a line break stands between values only. */
    for (const char *p = json; *p; p++)
        fputc((unsigned char)*p < ' ' ? ' ' : *p, o->text);
    return ferror(o->text) || o->key->error;
}

static int list(cli *c, const varsdb_variable *variable, FILE *text)
{
    object o = {.text = text, .key = malloc(sizeof *o.key)};
    if (!o.key)
        return cli_fail_memory(c);
    sink_open(o.key, -1);
    int rc = varsdb_list_attributes(c->db, variable, add_attribute, &o);
    fputs(o.begun ? "}" : "{}", text);
    free(o.key);
    if (rc == VARSDB_OK)
        return CLI_DONE;
    return rc == VARSDB_CANCELLED ? cli_fail_memory(c) : cli_fail_db(c);
}

int attributes_json(cli *c, const varsdb_variable *variable, char **out)
{
    char *json = NULL;
    size_t bytes;
    FILE *text = open_memstream(&json, &bytes);
    if (!text)
        return cli_fail_memory(c);
    int status = list(c, variable, text);
    bool lost = ferror(text);
    if ((fclose(text) != 0 || lost) && status == CLI_DONE)
        status = cli_fail_memory(c);
    if (status == CLI_DONE)
        *out = json;
    else
        free(json);
    return status;
}
