/* help_snapshots.c - --help of snapshots and of keeping a registry. */
#include <stddef.h>

#include "help_text.h"

const help_text help_of_snapshots[] = {
    {"snapshot",
     "  varsdb snapshot run.db --step 100\n"
     "  varsdb snapshot run.db --name best --replace --pin --meta '{\"loss\":0.12}'\n"
     "  varsdb snapshot run.db --step 200 --keep 5 --keep-every 1000\n",
     "  --name NAME          unique in the namespace\n"
     "  --step N             where the training was\n"
     "  --meta JSON          anything to be kept with it\n"
     "  --replace            instead of the snapshot of the same name, or, without a name, step\n"
     "  --pin                retention leaves it\n"
     "  --keep N, --keep-every STEPS\n"
     "                       retention, from now on: the last N snapshots stay, those whose step is a\n"
     "                       multiple of STEPS, and pinned ones; 0 or all switches each off\n"
     "  --collection C       members of C; GLOBAL, MODEL, TRAINABLE and LOCAL are short for TensorFlow's "
     "names\n"
     "  --scope SCOPE        variables in this scope and below\n"
     "  --match REGEX        names in which the expression is found\n",
     "without --collection the variables in GLOBAL are taken: all but local ones.\n"
     "values that are stored already cost nothing; B new is what this one added\n"},
    {"snapshots", "  varsdb snapshots run.db\n  varsdb snapshots run.db --long --json\n",
     "  --long               exclusive_bytes, too: what deleting the snapshot would free\n", NULL},
    {"snapshot-rm",
     "  varsdb snapshot-rm run.db step:100 step:200\n"
     "  varsdb snapshot-rm run.db best && varsdb gc run.db\n",
     "", HELP_SELECTORS},
    {"snapshot-pin",
     "  varsdb snapshot-pin run.db step:1000\n"
     "  varsdb snapshot-pin run.db best --unpin\n",
     "  --unpin              retention may drop them again\n", HELP_SELECTORS},
    {"restore",
     "  varsdb restore run.db step:100\n"
     "  varsdb restore run.db latest --dry-run\n"
     "  varsdb restore run.db best --collection MODEL --exclude 'head/'\n"
     "  varsdb restore run.db best --include '^encoder/' --rename '^encoder/=decoder/'\n",
     "  --collection C, --scope SCOPE\n"
     "                       only what the snapshot has in them\n"
     "  --include RE, --exclude RE\n"
     "                       names of the snapshot to take, to leave\n"
     "  --rename OLD=NEW     expression OLD becomes NEW ($1 for groups) in the snapshot's names; may be\n"
     "                       repeated: each that matches gives a name to restore to\n"
     "  --reshape            another shape with as many elements will do\n"
     "  --existing-only      make no variable again that was deleted\n"
     "  --ignore-missing     leave variables alone that the snapshot does not have\n"
     "  --dry-run            list what would come of each, change nothing\n",
     "all or nothing: when a name is missing or does not fit, nothing is changed.\n"
     "lists restored, recreated, missing, extra, mismatched and untouched names\n" HELP_SELECTORS},
    {"diff",
     "  varsdb diff run.db step:100 step:200\n"
     "  varsdb diff run.db latest                      (with the current values)\n"
     "  varsdb diff run.db best --hashes-only && echo nothing changed\n",
     "  --sort name|max_abs|rel_l2\n"
     "                       by name, or what moved farthest first (default: rel_l2;\n"
     "                       with --hashes-only name); by name nothing is held in memory\n"
     "  --hashes-only        what changed, not how far: reads no values\n"
     "  --collection C       members of C on either side\n"
     "  --scope SCOPE        in this scope and below\n"
     "  --match REGEX        names in which the expression is found\n",
     "exits 1 when they differ.  max_abs: the largest difference of an element;\n"
     "rel_l2: the norm of all differences over the norm of the old values\n" HELP_SELECTORS},
    {"report",
     "  varsdb report run.db -o report.html\n"
     "  varsdb report run.db -o model.html --collection MODEL --title 'digits, 1200 steps'\n"
     "  varsdb report run.db --histograms none --changes none >report.html\n",
     "  -o FILE, --output FILE\n"
     "                       where to write it; without it to standard output, unless that is a terminal\n"
     "  --title TEXT         the page's heading (default: the name of the registry's file)\n" HELP_FILTERS
     "  --histograms N       values to be read at most for histograms, in bytes, the smallest variables\n"
     "                       first: 4GiB, none (default: 256MiB)\n"
     "  --changes N          and to tell how far values moved between snapshots, the newest first\n",
     "one file for any browser: it asks no network for anything, and runs from a disk or an e-mail.\n"
     "FILE appears whole, or stays as it was\n"},
    {"verify", "  varsdb verify run.db\n  varsdb verify run.db --quick\n",
     "  --quick              all but the bytes of the values\n",
     "prints a line for each problem, and exits 1 when there is one; changes nothing\n"},
    {"gc", "  varsdb gc run.db --dry-run\n  varsdb gc run.db\n",
     "  --dry-run            count what would be deleted\n",
     "values that no variable and no snapshot has are deleted, in steps between which others\n"
     "can write; the file then gets smaller.  What a save or a reader holds is left, and told\n"},
    {"backup", "  varsdb backup run.db copy.db\n", "",
     "others may write meanwhile; OUT must not exist, and appears whole\n"},
    {"migrate", "  varsdb migrate run.db\n", "",
     "every command that writes does it, too, for a registry of an older varsdb\n"},
    {.command = NULL},
};
