/* cmd_backup.c - varsdb backup: a consistent copy, while others write. */
#include <sys/stat.h>

#include "cli.h"
#include "print.h"
#include "progress.h"

int cmd_backup(cli *c, int argc, char **argv)
{
    char size[PRINT_NUMBER_MAX];
    struct stat st;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    c->left = "nothing was written";
    if (varsdb_backup(c->db, c->args[1], VARSDB_UPKEEP(.progress = progress_report)) != VARSDB_OK)
        return cli_fail_db(c);
    print_size(size, stat(c->args[1], &st) == 0 ? (int64_t)st.st_size : 0);
    cli_note("%s: copied to %s, %s", c->args[0], c->args[1], size);
    return CLI_DONE;
}
