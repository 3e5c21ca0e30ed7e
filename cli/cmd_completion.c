/* cmd_completion.c - varsdb completion: the script that makes a shell complete what is typed. */
#include "cli.h"
#include "completion_scripts.h"
#include "pick.h"
#include "vocabulary.h"

int cmd_completion(cli *c, int argc, char **argv)
{
    const char *const scripts[] = {completion_bash, completion_zsh, completion_fish};
    int shell = 0, status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = pick_word(c, "completion of", c->args[0], vocabulary_shells, &shell);
    if (status == CLI_DONE)
        sink_text(&c->out, scripts[shell]);
    return status;
}
