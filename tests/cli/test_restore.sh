# restore.
# shellcheck shell=sh disable=SC1091,SC2016,SC2034,SC2154
. "$HERE/lib.sh"
db=run.db
works init run.db --seed 1
works model run.db enc/w --value '[1,2,3]'
works get run.db enc/b --value '[4]' --dtype int64 --no-trainable
works get run.db gone --value '[[5,6]]' --collection GLOBAL --collection mine
works get run.db none --shape 2 --init none
works local run.db count --value 1
works snapshot run.db --step 10

# All of it: a changed value, an unset one, a renamed and a deleted variable.
works set run.db enc/w --value 0
works set run.db none --value 1
works mv run.db enc/b enc/bias
works rm run.db gone
works restore run.db step:10 --dry-run
out_has "outcome${tab}name${tab}snapshot_name${tab}reason"
out_has "restored${tab}enc/w${tab}enc/w${tab}"
out_has "restored${tab}enc/bias${tab}enc/b${tab}"
out_has "recreated${tab}gone${tab}gone${tab}"
out_has "restored${tab}none${tab}none${tab}"
out_has "untouched${tab}count${tab}${tab}not in the collection variables"
err_like '^varsdb: run.db: 3 restored, 1 recreated, 1 untouched \(dry run: nothing is changed\)$'
gives '[0.0, 0.0, 0.0]' cat run.db enc/w
refuses 1 'gone' cat run.db gone
works restore run.db step:10
err_like '^varsdb: run.db: 3 restored, 1 recreated, 1 untouched$'
gives '[1.0, 2.0, 3.0]' cat run.db enc/w
gives '[4]' cat run.db enc/bias
gives '[[5.0, 6.0]]' cat run.db gone
refuses 1 'none' cat run.db none
gives "version
3" sql run.db "SELECT version FROM variables WHERE name = 'enc/w'"
gives "name
gone" sql run.db "SELECT name FROM collection_variables WHERE collection = 'mine'"
works restore run.db latest --json
out_like '^\{"outcome":"untouched","name":"count","snapshot_name":null,"reason":"not in the collection variables"\},?$'

# Parts of it.
works set run.db enc/w --value 0
works set run.db gone --value 0
works restore run.db latest --scope enc/
out_has "restored${tab}enc/w${tab}enc/w${tab}"
out_has "untouched${tab}gone${tab}${tab}not in --scope enc"
gives '[[0.0, 0.0]]' cat run.db gone
works set run.db enc/w --value 0
works restore run.db latest --collection MODEL --tsv
err_like '1 restored, [0-9]+ untouched'
gives '[1.0, 2.0, 3.0]' cat run.db enc/w
works restore run.db latest --include '^gone' --exclude 'x'
gives '[[5.0, 6.0]]' cat run.db gone

# Missing: nothing is changed, and all are told.
works get run.db late --value 1
works get run.db later --value 2
works set run.db enc/w --value 0
before=$(fingerprint run.db)
run restore run.db latest
status_is 1
out_has "missing${tab}late${tab}${tab}the snapshot has none"
out_has "missing${tab}later${tab}${tab}the snapshot has none"
err_like 'late'
err_like '2 missing.*\(nothing is changed\)$'
same 'the registry' "$(fingerprint run.db)" "$before"
works restore run.db latest --ignore-missing
gives '[1.0, 2.0, 3.0]' cat run.db enc/w
gives '1.0' cat run.db late
works rm run.db late later

# Other shapes.
works rm run.db gone
works get run.db gone --value '[7,8]'
before=$(fingerprint run.db)
run restore run.db latest
status_is 1
out_has "mismatched${tab}gone${tab}gone${tab}[2] here, [1,2] there"
run restore run.db latest --dry-run --include '^gone$'
out_has "mismatched${tab}gone${tab}gone${tab}[2] here, [1,2] there"
out_like "^untouched${tab}enc/w${tab}${tab}left out by --include, or local"
run restore run.db latest
err_like 'gone'
err_like '1 mismatched.*\(nothing is changed\)$'
same 'the registry' "$(fingerprint run.db)" "$before"
works restore run.db latest --reshape
gives '[5.0, 6.0]' cat run.db gone
works rm run.db gone
works restore run.db latest --existing-only
out_has "extra${tab}gone${tab}gone${tab}none here, and --existing-only makes none"
refuses 1 'gone' cat run.db gone

# One value under several names.
works get run.db dec/w --value '[0,0,0]'
works get run.db dec2/w --value '[0,0,0]'
works restore run.db latest --include '^enc/w' --rename '^enc/(.)$=dec/$1' --rename '^enc/=dec2/'
out_has "restored${tab}dec/w${tab}enc/w${tab}"
out_has "restored${tab}dec2/w${tab}enc/w${tab}"
gives '[1.0, 2.0, 3.0]' cat run.db dec/w
gives '[1.0, 2.0, 3.0]' cat run.db dec2/w

# Asked wrongly.
refuses 2 'rename "x"' restore run.db latest --rename x
refuses 2 '\(' restore run.db latest --include '('
refuses 2 'takes DB SNAPSHOT' restore run.db
refuses 1 'nothere' restore run.db nothere
refuses 1 'latest|snapshot' restore run.db latest --namespace absent

# What is listed is chosen; what is done is not.
works init chosen.db --seed 1
for name in a b c; do works get chosen.db $name --value 1; done
works snapshot chosen.db --name before
for name in a b c; do works set chosen.db $name --value 2; done
changed=$("$VARSDB" sql chosen.db 'SELECT name, hash FROM variables')
refuses 2 'no such column: weight' restore chosen.db before --where 'weight > 1'
gives "$changed" sql chosen.db 'SELECT name, hash FROM variables'
# Of a row, and of the last one.
refuses 2 'integer overflow' restore chosen.db before --where "CASE name WHEN 'c' THEN abs(-9223372036854775807 - 1) END"
gives "$changed" sql chosen.db 'SELECT name, hash FROM variables'
gives "name
c" restore chosen.db before --sort name:desc --limit 1 --columns name --quiet
for name in a b c; do gives 1.0 cat chosen.db $name; done
finish
