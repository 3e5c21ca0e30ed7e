# sql: rows in the four formats, and errors.
# shellcheck shell=sh disable=SC1091,SC2010,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works get run.db v --shape 2 --init zeros

query="SELECT 1 AS i, 2.5 AS r, 'a' || char(9) || 'b\"c' AS t, x'00FF' AS b, NULL AS n"
gives "i${tab}r${tab}t${tab}b${tab}n
1${tab}2.5${tab}a\\tb\"c${tab}00FF${tab}" sql run.db "$query"
gives "i,r,t,b,n$cr
1,2.5,\"a${tab}b\"\"c\",00FF,$cr" sql run.db "$query" --csv
gives '[
{"i":1,"r":2.5,"t":"a\tb\"c","b":"00FF","n":null}
]' sql run.db "$query" --json
works sql run.db "$query" --table
out_like '^1  2\.5  a\\tb"c  00FF'
gives "t
a\\nb\\\\c" sql run.db "SELECT 'a' || char(10) || 'b\\c' AS t"
gives "t,u,v$cr
\"a
b\",\"\",$cr" sql run.db "SELECT 'a' || char(10) || 'b' AS t, '' AS u, NULL AS v" --csv
gives '[]' sql run.db 'SELECT * FROM variables WHERE 0' --json
gives '' sql run.db 'SELECT * FROM variables WHERE 0'
gives '[
{"x":"Infinity","y":"-Infinity","z":0.1}
]' sql run.db 'SELECT 9e999 AS x, -9e999 AS y, 0.1 AS z' --json

# Control characters do not reach a terminal; wide tables stay in line.
gives 'name
--------
a\x1b[1m' sql run.db "SELECT 'a' || char(27) || '[1m' AS name" --table
accents="SELECT 'é' AS name, 5 AS n UNION ALL SELECT 'xy', 10"
LC_ALL=C.UTF-8 gives 'name   n
----  --
é      5
xy    10' sql run.db "$accents" --table
gives 'name     n
------  --
\u00e9   5
xy      10' sql run.db "$accents" --table
# The columns are measured over the first thousand rows; what follows streams.
works sql run.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, i * i AS s FROM n" --table
out_lines 3002
out_has '1000  1000000'
out_has '   7       49'
out_has '3000  9000000'

refuses 2 'nowhere' sql run.db 'SELECT * FROM nowhere'
refuses 2 'syntax' sql run.db 'SELEC 1'
refuses 2 '.' sql run.db ''
refuses 2 '.' sql run.db 'SELECT 1; SELECT 2'
refuses 2 '.' sql run.db "DELETE FROM variables"
refuses 2 '.' sql run.db "CREATE TABLE t(x)"
refuses 2 '.' sql run.db "ATTACH 'other.db' AS o"
# The functions of SQL are there, for reading.
db=run.db
works init functions.db --seed 1
works model functions.db a/w --dtype int32 --value '[[1,2,3],[4,5,6]]'
works get functions.db large --shape 200000 --init 'constant(2)'
works snapshot functions.db --name s
works set functions.db a/w --value '[[1,2,3],[4,5,9]]'
db=functions.db
gives '[
{"name":"a/w","sum":24,"item":9,"id":1,"large":400000.0}
]' sql functions.db --json "SELECT name, (SELECT sum(value) FROM \
    tensor_each(name)) AS sum, tensor_item(name, 1, -1) AS item, get_variable(name) AS id, l1_loss('large') AS large FROM model_variables"
gives '[
{"bin":0,"count":3},
{"bin":1,"count":2},
{"bin":2,"count":1}
]' sql functions.db --json \
    "SELECT bin, count FROM model_variables, tensor_histogram(name, 3)"
gives '[
{"name":"a/w","max_abs":3.0}
]' sql functions.db --json "SELECT name, max_abs FROM snapshot_diff('s')"
works get functions.db a/w --namespace other --dtype int32 --value '[7]'
gives '[
{"value":7}
]' sql functions.db --json "SELECT value FROM tensor_each('a/w')" --namespace other
refuses 2 'only queries are possible here: variable new does not exist and cannot be created' sql functions.db \
    "SELECT get_variable('new', '[2]')"
refuses 2 'only queries are possible here' sql functions.db "SELECT assign('a/w', 1)"
refuses 2 'variable nothing does not exist' sql functions.db "SELECT tensor('nothing')"

finish
