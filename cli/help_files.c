/* help_files.c - --help of tensor files, queries, and varsdb itself. */
#include <stddef.h>

#include "help_text.h"

#define HELP_READ_FORMATS                                                                                    \
    "formats, by content: safetensors, sets of them (by their index), npy, npz, pytorch, gguf, tensorflow\n" \
    "(a checkpoint by its prefix, a file of it, or its folder)\n"

const help_text help_of_files[] = {
    {"import",
     "  varsdb import run.db model.safetensors\n"
     "  varsdb import run.db model.safetensors --scope encoder --sep . --model --trainable 'weight$'\n"
     "  varsdb import run.db model.safetensors --existing-only --dry-run\n"
     "  varsdb import run.db model.safetensors --on-conflict skip\n"
     "  varsdb import run.db model.safetensors --rename '^encoder\\.=enc/' --rename '\\.=/'\n"
     "  varsdb import run.db arrays.npz\n"
     "  varsdb import run.db model.ckpt-1000\n"
     "  varsdb import run.db step-*.safetensors --as-snapshot --step-from 'step-(\\d+)'\n",
     "  --scope PREFIX       put everything below it\n"
     "  --collection C       add to C, too\n"
     "  --model              add to the model variables\n"
     "  --trainable RE       names that are trainable (default: none)\n"
     "  --include RE, --exclude RE\n"
     "                       tensors of the file to take, to leave\n"
     "  --rename OLD=NEW     replace expression OLD by NEW ($1 for groups) in the file's names; may be\n"
     "                       repeated: each takes what the one before it made\n"
     "  --sep .              turn a separator into scopes\n"
     "  --names raw|full     as the file has them (default), or as a TensorFlow 2 checkpoint tells that\n"
     "                       variables were called\n"
     "  --on-conflict error|skip|replace\n"
     "                       what to do about variables that exist (default: error, nothing is imported)\n"
     "  --existing-only      assign to what is there, create nothing; lists what came of each, and why.\n"
     "                       --on-conflict does not matter then\n"
     "  --dry-run            list what would come of each, change nothing; what fails an import fails\n"
     "                       this too, a variable that exists before anything is listed\n"
     "  --as-snapshot        make a snapshot of each file, and no variable; current values stay\n"
     "  --step N, --step-from RE, --name NAME, --meta JSON, --replace\n"
     "                       of the snapshot; RE's first group is the step in the file's path\n",
     HELP_READ_FORMATS "DB is made if it does not exist, except with --existing-only and --dry-run\n"},
    {"export",
     "  varsdb export run.db model.safetensors\n"
     "  varsdb export run.db encoder.safetensors --collection MODEL --scope encoder\n"
     "  varsdb export run.db best.safetensors --at best\n"
     "  varsdb export run.db arrays.npz\n"
     "  varsdb export run.db model.safetensors --max-shard-size 5GB\n",
     HELP_FILTERS
     "  --include RE         the same as --match\n"
     "  --exclude RE         names to leave out\n"
     "  --format FORMAT      instead of the file's suffix\n"
     "  --at SNAPSHOT        names and values as a snapshot has them\n"
     "  --max-shard-size 5GB a set of files and its index, when a file would have more\n"
     "  --names registry|original\n"
     "                       as in the registry, or as in the file they came from (default)\n"
     "  --rename OLD=NEW     replace expression OLD by NEW ($1 for groups) in these names; may be\n"
     "                       repeated: each takes what the one before it made\n",
     "formats, by suffix: safetensors, sets of them (.safetensors.index.json), npy, npz, tensorflow "
     "(.index)\n"
     "without --collection the variables in GLOBAL are taken: all but local ones\n"},
    {"inspect",
     "  varsdb inspect model.safetensors\n  varsdb inspect model.safetensors.index.json\n  varsdb inspect "
     "model.gguf --sort bytes:desc --limit 10\n",
     "",
     HELP_READ_FORMATS
     "a tensor without a dtype is one that no registry can have; why is said below the list\n"},
    {"sql", "  varsdb sql run.db 'SELECT name, std FROM model_variables ORDER BY std DESC'\n", "", NULL},
    {"shell",
     "  varsdb shell run.db\n"
     "  printf 'ls --long\\nshow layer1/weights\\n' | varsdb shell run.db\n",
     "  --keep-going         without a terminal: go on after a command that failed; the status is the last\n"
     "                       failure's\n",
     "commands are the same, without the word DB: ls --long.  Words are quoted as in a POSIX shell.\n"
     "SELECT, WITH, EXPLAIN, VALUES or .sql begin SQL, which ends at a semicolon at the end of a line.\n"
     "use NS works in another namespace; quit, or Ctrl-D, leaves; Ctrl-C drops the line.\n"
     "on a terminal the history is kept in $XDG_STATE_HOME/varsdb/history (~/.local/state).\n"
     "without a terminal the first command that fails ends it, with its status\n"},
    {"completion",
     "  varsdb completion bash > ~/.local/share/bash-completion/completions/varsdb\n"
     "  varsdb completion zsh > ~/.zfunc/_varsdb       (with fpath+=~/.zfunc before compinit)\n"
     "  varsdb completion fish > ~/.config/fish/completions/varsdb.fish\n"
     "  eval \"$(varsdb completion bash)\"              (in this shell alone)\n",
     "",
     "commands and options, and from the registry names, scopes, collections, namespaces and snapshots.\n"
     "\"make install\" and Debian's package put the scripts where the shells look for them.\n"
     "completing changes nothing, and waits 0.2 s at most for a registry that is locked\n"},
    {"version", "  varsdb version\n", "", NULL},
    {"help", "  varsdb help get\n", "", NULL},
    {.command = NULL},
};
