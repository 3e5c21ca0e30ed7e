# ls, tree, show, collections, namespaces, and the four formats.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
gives "name${tab}dtype${tab}shape" ls run.db
gives '[]' ls run.db --json
works model run.db layer1/w --shape 2,3 --value '[[1,2,3],[4,5,6]]'
works model run.db layer1/b --shape 3 --init zeros
works get run.db layer10/w --shape 2 --init zeros
works get run.db step --shape scalar --dtype int64 --init zeros --no-trainable
works local run.db count --shape scalar --init zeros

# Filters; a scope is not a prefix.
rows() { # names one a line, command...
    expected=$1
    shift
    works "$@"
    same "names of $*" "$(tail -n +2 "$out" | cut -f 1 | tr '\n' ' ')" "$expected"
}
rows 'layer1/w layer1/b layer10/w step count ' ls run.db
rows 'layer1/w layer1/b ' ls run.db --scope layer1
rows 'layer1/w layer1/b ' ls run.db --scope layer1/
rows 'layer1/w layer1/b ' ls run.db --collection MODEL
rows 'layer1/w layer1/b ' ls run.db --collection model_variables
rows 'layer1/w layer1/b layer10/w step ' ls run.db --collection GLOBAL
rows 'layer1/w layer1/b layer10/w ' ls run.db --collection TRAINABLE
rows 'count ' ls run.db --collection LOCAL
rows 'layer1/w layer10/w ' ls run.db --match '/w$'
rows 'layer1/w layer10/w ' ls run.db --name '*/w'
rows 'layer1/w ' ls run.db --name '*/w' --scope layer1 --collection TRAINABLE
rows '' ls run.db --name 'nothing*'
rows '' ls run.db --namespace elsewhere

# The four formats.
gives "name${tab}dtype${tab}shape
layer1/w${tab}float32${tab}[2,3]
layer1/b${tab}float32${tab}[3]" ls run.db --scope layer1
gives "name,dtype,shape$cr
layer1/w,float32,\"[2,3]\"$cr
layer1/b,float32,[3]$cr" ls run.db --scope layer1 --csv
gives 'name      dtype    shape
--------  -------  -----
layer1/w  float32  [2,3]
layer1/b  float32  [3]' ls run.db --scope layer1 --table
works ls run.db --long
out_like "^name${tab}dtype${tab}shape${tab}elements${tab}bytes${tab}trainable${tab}version${tab}collections${tab}initializer${tab}created_at\$"
out_like "^layer1/b${tab}float32${tab}\[3\]${tab}3${tab}12${tab}1${tab}1${tab}\[.*\"model_variables\".*\]${tab}zeros${tab}20"
works ls run.db --long --table
out_like '^step  +int64  +\[\]  +1  +8 B  +0  +1 '

# JSON has every column of the view, by its name: one object a line.
works ls run.db --json
out_lines 7
same 'first line' "$(head -n 1 "$out")" '['
same 'last line' "$(tail -n 1 "$out")" ']'
for key in id namespace name scope dtype shape rank elements bytes trainable initialized initializer seed regularizer \
    collections version hash created_at updated_at program host pid site min max mean std l2_norm zeros nans \
    pos_infs neg_infs; do
    same "objects with $key" "$(grep -c "[{,]\"$key\":" "$out")" 5
done
# The numbers 1 to 6: mean 3.5, variance 35/12, norm sqrt(91).
out_like '"name":"layer1/w","scope":"layer1","dtype":"float32","shape":\[2,3\],"rank":2,"elements":6,"bytes":24,"trainable":1,"initialized":1'
out_like '"min":1(\.0)?,"max":6(\.0)?,"mean":3\.5,"std":1\.70782512765993[0-9]*,"l2_norm":9\.539392014169[0-9]*,"zeros":0,"nans":0,"pos_infs":0,"neg_infs":0\}'
out_like '"created_at":"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"'
works get run.db none --shape 2 --init none
works ls run.db --name none --json
out_like '"initialized":0.*"version":0,"hash":null.*"min":null,"max":null,"mean":null,"std":null,"l2_norm":null,"zeros":null'
works rm run.db none

# What ls prints is what the view holds.
"$VARSDB" ls run.db --json >ls.json
if command -v python3 >/dev/null 2>&1; then
    "$VARSDB" sql run.db 'SELECT * FROM variables' --json >view.json 2>"$err"
    cat >compare.py <<'END'
import json
a, b = json.load(open("ls.json")), json.load(open("view.json"))
for row in b:
    for key in ("shape", "collections"):
        row[key] = json.loads(row[key])
def near(x, y):
    return x == y or str(x) == str(y) or (isinstance(x, float) and abs(x - float(y)) <= 1e-12 * abs(x))
print(len(a) == len(b) and all(list(x) == list(y) and all(near(x[k], y[k]) for k in x) for x, y in zip(a, b)))
END
    same 'ls and the view agree' "$(python3 compare.py 2>&1 | tail -n 1)" True
fi

works collections run.db
out_like "^model_variables${tab}2${tab}9${tab}36\$"
out_like "^local_variables${tab}1${tab}1${tab}4\$"
works namespaces run.db --json
out_like '^\{"id":1,"name":"main","seed":1,"created_at":"20.*Z","variables":5,"bytes":56\}$'

# A bar has ten strokes for all bytes: 4 of 56 are one, 36 six, 12 two, 24 four, 8 one.
gives 'main          5 variables, 13 elements  56 B
|-- count     float32 []                 4 B  #
|-- layer1/   2 variables, 9 elements   36 B  ######
|   |-- b     float32 [3]               12 B  ##
|   `-- w     float32 [2,3]             24 B  ####
|-- layer10/  1 variable, 2 elements     8 B  #
|   `-- w     float32 [2]                8 B  #
`-- step      int64 []                   8 B  #' tree run.db
gives 'layer1/  2 variables, 9 elements  36 B
|-- b    float32 [3]              12 B  ###
`-- w    float32 [2,3]            24 B  #######' tree run.db layer1
gives 'layer1/  2 variables, 9 elements  36 B
|-- b    float32 [3]              12 B  ###
`-- w    float32 [2,3]            24 B  #######' tree run.db layer1/
gives 'elsewhere  0 variables, 0 elements  0 B' tree run.db --namespace elsewhere
works tree run.db --tsv
out_has "scope${tab}layer1${tab}${tab}${tab}2${tab}9${tab}36"
out_has "variable${tab}step${tab}int64${tab}[]${tab}1${tab}1${tab}8"
LC_ALL=C.UTF-8 "$VARSDB" tree run.db layer1 >"$out"
out_has '└── w    float32 [2,3]            24 B  ███████'
# A variable and a scope of one name, and a slash before all other characters.
works init nest.db --seed 1
works get nest.db w --shape 1 --init zeros
works get nest.db w/slot/m --shape 1 --init zeros
works get nest.db w-1 --shape 1 --init zeros
gives 'main           3 variables, 3 elements  12 B
|-- w          float32 [1]               4 B  ###
|-- w/         1 variable, 1 element     4 B  ###
|   `-- slot/  1 variable, 1 element     4 B  ###
|       `-- m  float32 [1]               4 B  ###
`-- w-1        float32 [1]               4 B  ###' tree nest.db

works show run.db layer1/w
out_like '^name         layer1/w$'
out_like '^shape        \[2,3\]$'
out_like '^mean         3\.5$'
out_like '^site         varsdb model$'
same 'bins' "$(grep -c '^  ' "$out")" 21
# Six values in twenty bins over 1 to 6: one each in bins 0, 4, 8, 12, 16 and 19.
same 'counts' "$(grep '^  ' "$out" | tail -n +2 | tr -s ' ' | cut -d ' ' -f 4 | tr '\n' ' ')" \
    '1 0 0 0 1 0 0 0 1 0 0 0 1 0 0 0 1 0 0 1 '
works show run.db layer1/b
out_like '^ +0 +0 +3 '
works show run.db layer1/w --json
out_lines 1
out_like '^\{"id":1,.*"histogram":\[\{"low":1\.0,"high":1\.25,"count":1\},'
out_like '"count":1\}\]\}$'
works show run.db layer1/b --csv
out_lines 2
works get run.db odd --value '["NaN","Infinity",1,2]'
works show run.db odd
out_like '^nans         1$'
works get run.db text --dtype string --value '["x"]'
works show run.db text
out_unlike '^mean'
finish
