# What is printed for help, and for commands and options that there are none of.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db

run
status_is 0
out_like '^usage: varsdb COMMAND DB'
works --help
out_like '^  get '
works help
out_like '^usage: '
works help get
out_like '^usage: varsdb get DB NAME'
out_like '[-][-]shape 2,3'
for command in init get model local scope set cat ls tree show find log stats top collections namespaces collect uncollect mv rm \
    import export snapshot snapshots snapshot-rm snapshot-pin restore diff report verify gc backup migrate inspect sql shell completion version; do
    works "$command" --help
    same "examples first for $command" "$(head -n 1 "$out" | cut -c 1-9)" '  varsdb '
    works help "$command"
done
for command in ls tree show find cat collections namespaces scope export snapshots diff verify backup sql; do
    works "$command" --help
    out_like '^  --immutable '
done
works help cat
out_like 'keeps the axis'
works help export
out_like 'GLOBAL'
works version
out_like '^varsdb [0-9]+\.[0-9]+\.[0-9]+$'
out_like '^SQLite 3'
works --version
works version --json
out_like '^\{"varsdb":"[0-9.]+","engine":"SQLite'

refuses 2 'unknown command "gte"; did you mean get' gte run.db
refuses 2 'did you mean .*import' imprt run.db
refuses 2 'unknown command "frobnicate"' frobnicate
refuses 2 'unknown command ""' ''
refuses 2 'unknown command' help frobnicate
refuses 2 'options come after the command, as in: varsdb ls DB --json' --json ls run.db
for command in cat ls tree show export; do
    works "$command" --help
    out_like '^  --at SNAPSHOT '
done
for command in cat restore diff snapshot-rm; do
    works "$command" --help
    out_like 'step:N .*#ID'
done
refuses 2 'unknown command "logs".*log' logs run.db
refuses 2 'did you mean snapshot, snapshots or snapshot-rm[?]$' snapsho run.db

works init run.db
refuses 2 'unknown option --frob; accepted: .*--shape.*--namespace' get run.db v --frob
refuses 2 'go with --as-snapshot' import run.db x.safetensors --step=3
refuses 2 'one of --step and --step-from' import run.db x.safetensors --as-snapshot --step 3 --step-from '(\d)'
refuses 2 '2 files are given' import run.db x.safetensors y.safetensors --as-snapshot --name n
works init network.db --allow-network
works ls network.db --allow-network
refuses 2 'unknown option --immutable' set run.db v --value 1 --immutable
refuses 2 'scope: --immutable only reads' scope run.db s --dtype int8 --immutable
refuses 2 'unknown option -x' ls run.db -x
refuses 2 'unknown option --json' rm run.db v --json
refuses 2 'option --shape needs a value' get run.db v --shape
refuses 2 'option --long takes no value' ls run.db --long=1
refuses 2 'option --shape is given twice' get run.db v --shape 1 --shape 2
refuses 2 'one of --json, --csv, --tsv and --table' ls run.db --json --csv
refuses 2 'one of --trainable and --no-trainable' get run.db v --shape 1 --trainable --no-trainable
refuses 2 'get takes DB NAME' get run.db
refuses 2 'get takes DB NAME' get
refuses 2 '"c" is too many' get run.db b c
refuses 2 'version takes no arguments' version now
refuses 2 'collect takes DB COLLECTION NAME' collect run.db c

# Options stand anywhere; "--" ends them; values may be given either way.
gives 'created a float32 [2]' get --shape=2 run.db a
gives 'created b float32 [2]' get run.db --shape 2 b
gives 'created c int32 []' get run.db c --shape scalar --dtype=int32 --init zeros
gives 'created d float32 []' get run.db --value -1.5 -- d
refuses 2 '.' get run.db --shape 2 -- --strange
finish
