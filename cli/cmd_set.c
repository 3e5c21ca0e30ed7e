/* cmd_set.c - varsdb set: assign a value to a variable, or to a part of it. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nearby.h"
#include "part.h"
#include "print.h"
#include "vocabulary.h"

typedef struct source {
    const char *json, *path, *initializer;
} source;

static int assign_bytes(cli *c, const varsdb_variable *variable, const part *p, const void *data,
                        size_t bytes)
{
    int rc = p->given ? varsdb_assign_part(c->db, variable, p->index, data, bytes)
                      : varsdb_assign(c->db, variable, data, bytes);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

/* Exactly one tensor, of that dtype and shape. */
static int check_tensor(cli *c, const char *path, const varsdb_reader *reader, varsdb_dtype dtype,
                        const varsdb_shape *shape)
{
    const varsdb_tensor_info *tensor = varsdb_reader_tensor(reader, 0);
    char has[SHAPE_TEXT_MAX], wants[SHAPE_TEXT_MAX];
    size_t count = varsdb_reader_count(reader);
    if (count != 1)
        return cli_fail(c, CLI_USAGE, "%s: it has %zu tensors, and --from takes a file of one (see: import)",
                        path, count);
    if (tensor->dtype != dtype && tensor->dtype != VARSDB_DTYPE_NOT_SAID)
        return cli_fail(c, CLI_NO, "%s: its dtype is %s, the variable's is %s", path,
                        varsdb_dtype_name(tensor->dtype), varsdb_dtype_name(dtype));
    shape_print(has, &tensor->shape);
    shape_print(wants, shape);
    if (strcmp(has, wants) != 0)
        return cli_fail(c, CLI_NO, "%s: its shape is %s, the variable's is %s", path, has, wants);
    return CLI_DONE;
}

static int read_tensor(cli *c, varsdb_reader *reader, void **data, size_t *bytes)
{
    uint64_t size = varsdb_reader_tensor(reader, 0)->bytes;
    void *read = size < SIZE_MAX ? malloc((size_t)size + 1) : NULL;
    if (!read)
        return cli_fail_memory(c);
    int rc = varsdb_reader_read(reader, 0, 0, read, (size_t)size);
    if (rc != VARSDB_OK) {
        free(read);
        return cli_fail(c, cli_status(rc), "%s", varsdb_reader_errmsg(reader));
    }
    *data = read;
    *bytes = (size_t)size;
    return CLI_DONE;
}

static int assign_file(cli *c, const varsdb_variable *variable, const part *p, const char *path)
{
    varsdb_reader *reader = NULL;
    void *data = NULL;
    size_t bytes = 0;
    int rc = varsdb_open_reader(path, &reader);
    if (!reader)
        return cli_fail_memory(c);
    int status = rc == VARSDB_OK ? check_tensor(c, path, reader, varsdb_variable_dtype(variable), &p->shape)
                                 : cli_fail(c, cli_status(rc), "%s", varsdb_reader_errmsg(reader));
    if (status == CLI_DONE)
        status = read_tensor(c, reader, &data, &bytes);
    if (status == CLI_DONE)
        status = assign_bytes(c, variable, p, data, bytes);
    varsdb_close_reader(reader);
    free(data);
    return status;
}

static int assign(cli *c, const varsdb_variable *variable, const part *p, const source *from)
{
    char near[SUGGEST_TEXT_MAX];
    if (from->path)
        return assign_file(c, variable, p, from->path);
    if (from->initializer && p->given)
        return cli_fail(c, CLI_USAGE, "set: a part takes --value or --from; --init is for whole variables");
    int rc = from->initializer ? varsdb_initialize(c->db, variable, from->initializer)
             : p->given        ? varsdb_assign_part_json(c->db, variable, p->index, from->json)
                               : varsdb_assign_json(c->db, variable, from->json);
    return rc == VARSDB_OK ? CLI_DONE
                           : cli_fail_db_hint(c, VARSDB_INVALID, nearby_initializer(from->initializer, near));
}

static int report_text(cli *c, const varsdb_variable_info *info)
{
    sink_text(&c->out, "assigned ");
    print_visible(&c->out, info->name, strlen(info->name));
    sink_printf(&c->out, " version %lld\n", (long long)info->version);
    return 0;
}

static int report(void *payload, const varsdb_variable_info *info)
{
    static const char *const names[] = {"outcome", "name", "id", "version"};
    cli *c = payload;
    out_rows o;
    if (c->format == OUT_AUTO)
        return report_text(c, info);
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, "assigned");
    out_text(&o, info->name);
    out_int(&o, info->id);
    out_int(&o, info->version);
    cli_end_rows(c, &o, VARSDB_OK);
    return 0;
}

int cmd_set(cli *c, int argc, char **argv)
{
    source from = {0};
    const opt options[] = {OPT_TEXT("value", &from.json), OPT_TEXT("from", &from.path),
                           OPT_WORD("init", vocabulary_initializers, &from.initializer)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE && !!from.json + !!from.path + !!from.initializer != 1)
        status = cli_fail(c, CLI_USAGE, "set: give one of --value JSON, --from FILE and --init SPEC");
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status != CLI_DONE)
        return status;
    part target;
    const varsdb_variable *variable = part_pick(c, c->args[1], &target, &status);
    if (variable)
        status = assign(c, variable, &target, &from);
    if (status != CLI_DONE)
        return status;
    if (varsdb_describe(c->db, variable, report, c) != VARSDB_OK)
        return cli_fail_db(c);
    return CLI_DONE;
}
