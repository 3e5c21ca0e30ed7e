# TensorFlow checkpoints of objects: their keys, and the names that variables were called.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
key=layer/kernel/.ATTRIBUTES/VARIABLE_VALUE
bias=layer/b/.ATTRIBUTES/VARIABLE_VALUE

# One object with two variables, of which the second one tells no name but its key: the graph is a message of
# messages, each with its length before it.
graph="\"\\n\\u007f\\u0012G\\n\\u000eVARIABLE_VALUE\\u0012\\u000cdense/kernel\\u001a'$key"
graph="$graph\\u00124\\n\\u000eVARIABLE_VALUE\\u001a\\\"layer/b/.ATTRIBUTES/VARIABLE_VALUE\""
works init made.db --seed 1
works get made.db graph --dtype string --value "$graph"
works get made.db kernel --value '[1,2]'
works get made.db bias --value 3
works export made.db model.index --rename '^graph$=_CHECKPOINTABLE_OBJECT_GRAPH' --rename "^kernel\$=$key" \
    --rename "^bias\$=$bias"
works inspect model
out_has "$key${tab}float32${tab}[2]${tab}8"

names() { # registry
    "$VARSDB" sql "$1" 'SELECT name FROM variables ORDER BY name' --tsv | sed 1d | tr '\n' ' '
}
works import raw.db model
same 'what it is called' "$(names raw.db)" "_CHECKPOINTABLE_OBJECT_GRAPH $bias $key "
works import also.db model --names raw
same 'what it is called' "$(names also.db)" "_CHECKPOINTABLE_OBJECT_GRAPH $bias $key "
works import full.db model --names full --dry-run
out_has "imported${tab}dense/kernel${tab}$key${tab}"
works import full.db model --names full
same 'what it is called' "$(names full.db)" "_CHECKPOINTABLE_OBJECT_GRAPH dense/kernel $bias "
gives '[1.0, 2.0]' cat full.db dense/kernel
works import some.db model --names full --include '^dense' --rename '^dense=net' --scope a
same 'what it is called' "$(names some.db)" 'a/net/kernel '
refuses 2 'names "x".*raw, full' import full.db model --names x
refuses 1 'dense/kernel.*exists' import full.db model --names full --include '^dense'

# The names are the registry's alone: an export gives the keys back, and with them the same bytes.
works export full.db again.index
if cmp -s model.index again.index && cmp -s model.data-00000-of-00001 again.data-00000-of-00001; then pass
else fail 'other bytes'; fi

# A real one, of a saved model.
fixtures=${VARSDB_FIXTURES:-$HERE/../../../shared/fixtures}
if [ -d "$fixtures" ]; then
    real=$fixtures/tf-bundle/serving_half_plus_two_tf2
    works import real.db "$real" --names full
    same 'what it is called' "$(names real.db)" '_CHECKPOINTABLE_OBJECT_GRAPH a b c '
    gives '0.5' cat real.db a
    gives '2.0' cat real.db b
    gives '3.0' cat real.db c
    works import keys.db "$real" --names raw
    same 'what it is called' "$(names keys.db)" \
        '_CHECKPOINTABLE_OBJECT_GRAPH a/.ATTRIBUTES/VARIABLE_VALUE b/.ATTRIBUTES/VARIABLE_VALUE c/.ATTRIBUTES/VARIABLE_VALUE '
    # One that tells of no names has its keys.
    works import keras.db "$fixtures/tf-bundle/tfx_keras/variables" --names full --include '^layer_with_weights-0/bias/.ATT'
    same 'what it is called' "$(names keras.db)" 'layer_with_weights-0/bias/.ATTRIBUTES/VARIABLE_VALUE '
else
    echo "$TEST: fixtures left out: $fixtures is not there; VARSDB_FIXTURES names their folder" >&2
fi

finish
