/* cmd_inspect.c - varsdb inspect: what is in a tensor file. */
#include "cli.h"
#include "shape.h"

static void print_tensor(out_rows *o, const varsdb_tensor_info *tensor, const char *format)
{
    char shape[SHAPE_TEXT_MAX];
    shape_print(shape, &tensor->shape);
    out_text(o, tensor->name);
    out_text(o, varsdb_dtype_name(tensor->dtype));
    out_raw(o, shape);
    out_int(o, (int64_t)tensor->bytes);
    if (format)
        out_text(o, format);
}

static int list_tensors(cli *c, const varsdb_reader *reader)
{
    static const char *const names[] = {"name", "dtype", "shape", "bytes", "format"};
    bool json = c->format == OUT_JSON;
    const char *format = varsdb_reader_format(reader);
    size_t count = varsdb_reader_count(reader);
    uint64_t bytes = 0;
    out_rows o;
    out_begin(&o, &c->out, c->format, names, json ? 5 : 4);
    for (size_t i = 0; i < count && out_alive(&o); i++) {
        const varsdb_tensor_info *tensor = varsdb_reader_tensor(reader, i);
        print_tensor(&o, tensor, json ? format : NULL);
        bytes += tensor->bytes;
    }
    int status = cli_end_rows(c, &o, VARSDB_OK);
    if (status == CLI_DONE && !json)
        cli_note("%s: %s, %zu tensor%s, %llu bytes", c->args[0], format, count, count == 1 ? "" : "s",
                 (unsigned long long)bytes);
    return status;
}

static void note_passed_over(const varsdb_reader *reader)
{
    for (const char *name = NULL; (name = varsdb_reader_passed_over(reader, name));)
        cli_note("passed over, as no tensor of the file: %s", name);
}

/* What the file has and a registry cannot have is listed without a dtype; reading it says why. */
static void note_unread(varsdb_reader *reader)
{
    for (size_t i = 0; i < varsdb_reader_count(reader); i++)
        if (varsdb_reader_tensor(reader, i)->dtype == VARSDB_DTYPE_NOT_SAID) {
            varsdb_reader_read(reader, i, 0, NULL, 0);
            cli_note("%s", varsdb_reader_errmsg(reader));
        }
}

int cmd_inspect(cli *c, int argc, char **argv)
{
    varsdb_reader *reader = NULL;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status != CLI_DONE)
        return status;
    int rc = varsdb_open_reader(c->args[0], &reader);
    if (!reader)
        return cli_fail_memory(c);
    status = rc == VARSDB_OK ? list_tensors(c, reader)
                             : cli_fail(c, cli_status(rc), "%s", varsdb_reader_errmsg(reader));
    if (status == CLI_DONE)
        note_unread(reader);
    if (status == CLI_DONE)
        note_passed_over(reader);
    varsdb_close_reader(reader);
    return status;
}
