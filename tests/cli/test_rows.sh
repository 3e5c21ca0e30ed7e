# The machine formats of each listing, byte by byte, and what --columns, --where, --sort and --limit do to them.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 7
works model run.db enc/w --value '[[1,2,3],[4,5,6]]'
works get run.db enc/b --shape 3 --init zeros --no-trainable
works get run.db step --dtype int64 --value 12
works get run.db odd --value '["NaN","Infinity","-Infinity",2,0]' --no-trainable
works snapshot run.db --name first --step 10
works set run.db step --value 13

# Byte by byte: $() would hide what is missing at the end.
golden() { # expected text with \t and \r, command...
    printf '%b' "$1" >expected
    shift
    run "$@"
    status_is "${ends_in:-0}"
    if cmp -s expected "$out"; then pass; else fail "printed \"$(cat "$out")\", not \"$(cat expected)\""; fi
}

# ls.  Statistics: mean 3.5 and norm of 0 and 2 are 1 and 2; population's standard deviation.
golden 'name\tdtype\tshape\nenc/w\tfloat32\t[2,3]\nenc/b\tfloat32\t[3]\nstep\tint64\t[]\nodd\tfloat32\t[5]\n' ls run.db
golden 'name,dtype,shape\r\nenc/w,float32,"[2,3]"\r\nenc/b,float32,[3]\r\nstep,int64,[]\r\nodd,float32,[5]\r\n' \
    ls run.db --csv
golden '[\n{"name":"enc/w","dtype":"float32","shape":[2,3]},\n{"name":"enc/b","dtype":"float32","shape":[3]},\n{"name":"step","dtype":"int64","shape":[]},\n{"name":"odd","dtype":"float32","shape":[5]}\n]\n' \
    ls run.db --json --columns name,dtype,shape
golden '[\n{"id":4,"namespace":"main","name":"odd","scope":"","dtype":"float32","shape":[5],"rank":1,"elements":5,"bytes":20,"trainable":0,"initialized":1,"min":0.0,"max":2.0,"mean":1.0,"std":1.0,"l2_norm":2.0,"zeros":1,"nans":1,"pos_infs":1,"neg_infs":1}\n]\n' \
    ls run.db --json --name odd --columns \
    id,namespace,name,scope,dtype,shape,rank,elements,bytes,trainable,initialized,min,max,mean,std,l2_norm,zeros,nans,pos_infs,neg_infs
golden 'name\tversion\tbytes\tcollections\nenc/w\t1\t24\t["variables","model_variables","trainable_variables"]\nenc/b\t1\t12\t["variables"]\nstep\t2\t8\t["variables","trainable_variables"]\nodd\t1\t20\t["variables"]\n' \
    ls run.db --columns name,version,bytes,collections
works ls run.db --json
same 'columns that --columns * has' "$("$VARSDB" ls run.db --columns '*' | head -n 1 | tr '\t' '\n' | wc -l | tr -d ' ')" \
    "$(sed -n 2p "$out" | sed 's/},$/}/; s/"shape":\[[^]]*\]/"shape":0/; s/"collections":\[[^]]*\]/"collections":0/' | tr ',' '\n' | wc -l | tr -d ' ')"

# ls --at has no version.
golden 'name\tdtype\tshape\tmax\nenc/b\tfloat32\t[3]\t0.0\nenc/w\tfloat32\t[2,3]\t6.0\nodd\tfloat32\t[5]\t2.0\nstep\tint64\t[]\t12\n' \
    ls run.db --at first --columns name,dtype,shape,max
golden 'name\tmax\nstep\t12\n' ls run.db --at first --columns name,max --where "dtype = 'int64'"
refuses 2 '^varsdb: --columns: there is no column "version"; the columns are: id, namespace, name, ' \
    ls run.db --at first --columns version

# tree
golden 'kind\tname\tdtype\tshape\tvariables\telements\tbytes\nscope\tenc\t\t\t2\t9\t36\nvariable\tenc/b\tfloat32\t[3]\t1\t3\t12\nvariable\tenc/w\tfloat32\t[2,3]\t1\t6\t24\nvariable\todd\tfloat32\t[5]\t1\t5\t20\nvariable\tstep\tint64\t[]\t1\t1\t8\n' \
    tree run.db --tsv
golden '[\n{"kind":"scope","name":"enc","dtype":null,"shape":null,"variables":2,"elements":9,"bytes":36},\n{"kind":"variable","name":"enc/b","dtype":"float32","shape":[3],"variables":1,"elements":3,"bytes":12},\n{"kind":"variable","name":"enc/w","dtype":"float32","shape":[2,3],"variables":1,"elements":6,"bytes":24}\n]\n' \
    tree run.db --json --where "name = 'enc' OR name LIKE 'enc/%'"
golden 'name,bytes\r\nenc,36\r\nenc/w,24\r\n' tree run.db --csv --columns name,bytes --sort bytes:desc --limit 2
# Asked for rows, it does not draw.
golden 'name\tbytes\nenc\t36\n' tree run.db --columns name,bytes --where "kind = 'scope'"

# collections, namespaces, snapshots
golden 'name\tvariables\telements\tbytes\nmodel_variables\t1\t6\t24\ntrainable_variables\t2\t7\t32\nvariables\t4\t15\t64\n' \
    collections run.db --sort name
golden 'name,variables,elements,bytes\r\nmodel_variables,1,6,24\r\ntrainable_variables,2,7,32\r\nvariables,4,15,64\r\n' \
    collections run.db --sort name --csv
golden '[\n{"name":"variables","bytes":64}\n]\n' collections run.db --json --where 'variables > 2' --columns name,bytes
golden 'id\tname\tseed\tvariables\tbytes\n1\tmain\t7\t4\t64\n' namespaces run.db --columns id,name,seed,variables,bytes
golden 'name,seed\r\nmain,7\r\n' namespaces run.db --columns name,seed --csv
golden '[\n{"name":"main","bytes":64}\n]\n' namespaces run.db --columns name,bytes --json
works snapshot run.db --name second --step 20
golden 'id\tname\tstep\tpinned\tvariables\tbytes\n1\tfirst\t10\t0\t4\t64\n2\tsecond\t20\t0\t4\t64\n' \
    snapshots run.db --columns id,name,step,pinned,variables,bytes
golden 'name,step\r\nsecond,20\r\n' snapshots run.db --csv --columns name,step --where 'step > 10'
golden '[\n{"name":"second","new_bytes":8}\n]\n' snapshots run.db --json --columns name,new_bytes --sort id:desc --limit 1
same 'snapshots, a time as the view has it' "$("$VARSDB" snapshots run.db --columns created_at)" \
    "created_at
$(sqlite3 run.db 'SELECT created_at FROM snapshots ORDER BY id')"

# diff, whose exit status says that there is a difference: 12 became 13.
ends_in=1
golden 'change\tname\tmax_abs\nvalue_changed\tstep\t1.0\n' diff run.db first second --columns change,name,max_abs
golden '[\n{"change":"value_changed","name":"step"}\n]\n' diff run.db first second --columns change,name --json --where 'max_abs >= 1'
ends_in=0

# inspect, which has no registry to work the expression out in
works export run.db f.safetensors --scope enc
golden 'name\tdtype\tshape\tbytes\nenc/b\tfloat32\t[3]\t12\nenc/w\tfloat32\t[2,3]\t24\n' inspect f.safetensors --sort name
golden 'name,bytes\r\nenc/w,24\r\n' inspect f.safetensors --csv --columns name,bytes --where 'bytes > 12'
golden '[\n{"name":"enc/b","format":"safetensors"}\n]\n' inspect f.safetensors --json --columns name,format --sort name --limit 1
mkdir temporary
TMPDIR=$PWD/temporary "$VARSDB" inspect f.safetensors --where 'bytes > 12' >"$out" 2>"$err"
out_lines 2
same 'what it leaves behind' "$(ls temporary)" ''
TMPDIR=$PWD/nowhere "$VARSDB" inspect f.safetensors --where 'bytes > 12' >"$out" 2>"$err"
status=$?
status_is 3
err_like '^varsdb: --where needs a folder for temporary files'

# sql
golden 'b\ta\n2\tx\n' sql run.db "SELECT 'x' AS a, 2 AS b UNION ALL SELECT 'y', 1" --columns b,a --sort b:desc --limit 1
golden '[\n{"a":"O'"'"'Brien, \\"x\\""}\n]\n' sql run.db "SELECT 'O''Brien, \"x\"' AS a UNION ALL SELECT 'z'" --json \
    --where "a LIKE 'O''B%'"
golden 'a,hex\r\nq,61\r\n' sql run.db "SELECT 'q' AS a, '61' AS hex UNION ALL SELECT 'a' || char(0) || 'b', '00'" --csv --where 'length(a) = 1 AND unicode(a) > 98'
golden '"a b"\n1\n' sql run.db 'SELECT 1 AS """a b"""' --where '"""a b""" = 1'

# The order: numbers by value, texts after them, nothing last either way; equals as they came.
values="SELECT column1 AS v, column2 AS n FROM (VALUES(10,1),(9,2),(NULL,3),(9e999,4),('a',5),(-9223372036854775808,6),
    (9223372036854775807,7),(9223372036854775806,8),(9,9),(-9e999,10))"
order() { # columns expected
    same "the order by $1" "$("$VARSDB" sql run.db "$values" --sort "$1" --columns n | tail -n +2 | tr '\n' ' ')" "$2"
}
order v '10 6 2 9 1 8 7 4 5 3 '
order v:desc '5 4 7 8 1 2 9 6 10 3 '
order v,n:desc '10 6 9 2 1 8 7 4 5 3 '
order 'v:asc, n:asc' '10 6 2 9 1 8 7 4 5 3 '

# Where infinities and NaN go.
golden '[\n{"x":"Infinity"}\n]\n' sql run.db 'SELECT 9e999 AS x' --json --json-nan string
golden '[\n{"x":null}\n]\n' sql run.db 'SELECT 9e999 AS x' --json --json-nan null
golden 'x\nInfinity\n' sql run.db 'SELECT 9e999 AS x' --json-nan null
golden 'x\nInfinity\n' sql run.db 'SELECT 9e999 AS x UNION ALL SELECT -9e999 UNION ALL SELECT 5' --where 'x > 6'
refuses 2 '^varsdb: --json-nan "zero" is not accepted; accepted: string, null$' ls run.db --json --json-nan zero

# The number of rows, and none of them.
golden 'name\tdtype\tshape\n' ls run.db --limit 0
golden '[]\n' ls run.db --limit 0 --json
golden '[]\n' ls run.db --where 0 --json
golden 'name\n' ls run.db --where 'bytes IS NULL' --columns name
golden 'name\nenc/w\nenc/b\n' ls run.db --limit 2 --columns name
golden 'name\n' ls run.db --namespace other --columns name --sort bytes --where 'bytes > 1'

# What is wrong is said in one line, before any row.
refuses 2 '^varsdb: --columns: there is no column "nmae"; the columns are: id, namespace, name, ' ls run.db --columns nmae
refuses 2 '^varsdb: --columns: there is no column ""' ls run.db --columns 'name,'
refuses 2 '^varsdb: --columns: name is named twice$' ls run.db --columns name,name
refuses 2 '^varsdb: --sort: there is no column "size"; the columns are: name, variables, elements, bytes$' \
    collections run.db --sort size:desc
refuses 2 '^varsdb: --sort: there is no column "name:down"' ls run.db --sort name:down
refuses 2 '^varsdb: --limit "many" is not accepted' ls run.db --limit many
refuses 2 '^varsdb: --limit takes a number of rows, not -1$' ls run.db --limit=-1
refuses 2 '^varsdb: --where "size > 3": no such column: size; the columns are: id, namespace, name, ' ls run.db --where 'size > 3'
refuses 2 '^varsdb: --where "size > 3": no such column: size; ' ls run.db --namespace other --where 'size > 3'
refuses 2 '^varsdb: --where "bytes >": ' ls run.db --where 'bytes >'
refuses 2 '^varsdb: --where "bytes \) --": ' ls run.db --where 'bytes ) --'
refuses 2 '^varsdb: --where "1 /\*": ' ls run.db --where '1 /*'
refuses 2 '^varsdb: --where "count\(\*\) > 1": ' ls run.db --where 'count(*) > 1'
refuses 2 '^varsdb: --where needs an expression' ls run.db --where ' '
refuses 2 '^varsdb: --where "bytes; DELETE FROM varsdb_variables": ' ls run.db --where 'bytes; DELETE FROM varsdb_variables'
refuses 2 '^varsdb: --where .*only queries are possible' ls run.db --where "assign('step', '14')"
refuses 2 'no such function: load_extension|not authorized|only queries' ls run.db --where "load_extension('x')"
refuses 2 'no such function: readfile|only queries' ls run.db --where "readfile('/etc/passwd') IS NOT NULL"
refuses 2 '^varsdb: --where .*integer overflow' ls run.db --where 'abs(-9223372036854775807 - id / id) > 1'
refuses 2 'unknown option --where' init other.db --where 1
# It can ask the registry, for reading.
golden 'name\nenc/w\n' ls run.db --columns name --where \
    "name IN (SELECT name FROM collection_variables WHERE collection = 'model_variables') -- and no more"
golden 'name\nstep\n' ls run.db --columns name --where "name = 'step' AND tensor_item(name) = 13"
finish
