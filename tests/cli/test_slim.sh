# The port of a tf-slim network: names, shapes and collections as tf-slim gives them.
# shellcheck shell=sh disable=SC1091,SC2034,SC2154
. "$HERE/lib.sh"
slim=$(dirname "$VARSDB")/examples/slim
expected=$HERE/../../examples/slim.expected

ran="the example slim"
if [ ! -x "$slim" ]; then
    fail "$slim is not there; build it with: make check-cli"
    finish
    exit
fi

"$slim" net.db >"$out" 2>"$err"
status=$?
status_is 0
same 'what it prints' "$(cat "$out")" "$(cat "$expected")"

# Run again it finds everything, and changes nothing.
before=$(sqlite3 net.db 'SELECT name, hash, version, collections FROM variables')
"$slim" net.db >"$out" 2>"$err"
status=$?
status_is 0
same 'what it prints the second time' "$(cat "$out")" "$(sed 's/^\(first tower: .*\), 22 created/\1, 0 created/' "$expected")"
same 'the registry' "$(sqlite3 net.db 'SELECT name, hash, version, collections FROM variables')" "$before"

# The collections again, by a stock SQLite client.
ran='sqlite3 net.db'
members() { sqlite3 net.db "SELECT name FROM collection_variables WHERE collection = '$1' ORDER BY position"; }
moving='net/Conv/BatchNorm/moving_mean
net/Conv/BatchNorm/moving_variance
net/Conv_1/BatchNorm/moving_mean
net/Conv_1/BatchNorm/moving_variance
net/BatchNorm/moving_mean
net/BatchNorm/moving_variance
net/fully_connected/BatchNorm/moving_mean
net/fully_connected/BatchNorm/moving_variance'
weights='net/Conv/weights
net/Conv_1/weights
net/Conv_2/weights
net/fully_connected/weights
net/fully_connected_1/weights
net/logits/weights'
trainable='net/Conv/weights
net/Conv/BatchNorm/beta
net/Conv_1/weights
net/Conv_1/BatchNorm/beta
net/Conv_1/BatchNorm/gamma
net/Conv_2/weights
net/Conv_2/biases
net/BatchNorm/beta
net/fully_connected/weights
net/fully_connected/BatchNorm/beta
net/fully_connected_1/weights
net/fully_connected_1/biases
net/logits/weights
net/logits/biases'
same moving_vars "$(members moving_vars)" "$moving"
same regularization_losses "$(members regularization_losses)" "$weights"
same trainable_variables "$(members trainable_variables)" "$trainable"
same global_step "$(members global_step)" global_step
same moving_average_variables "$(members moving_average_variables)" ''
same local_variables "$(members local_variables)" ''
same 'the model' "$(members model_variables | sort)" "$(printf '%s\n%s\n' "$trainable" "$moving" | sort)"
same 'GLOBAL beyond the model' \
    "$(sqlite3 net.db 'SELECT name FROM global_variables EXCEPT SELECT name FROM model_variables')" global_step
same 'what is trainable and no part of the model' \
    "$(sqlite3 net.db 'SELECT count(*) FROM variables WHERE trainable AND name NOT IN (SELECT name FROM model_variables)')" 0
same 'the number of variables' "$(sqlite3 net.db 'SELECT count(*) FROM variables')" 23

# Their values: what is no weight is constant; weights are within glorot's limit, sqrt(6 / (fan in + fan out)).
constant() { # what value
    same "every $1" "$(sqlite3 net.db "SELECT DISTINCT min, max FROM variables WHERE name LIKE '%/$1'")" "$2|$2"
}
constant beta 0.0
constant gamma 1.0
constant moving_mean 0.0
constant moving_variance 1.0
constant biases 0.0
limit() { # name fans: the limit is not passed, and come near to
    got=$(sqlite3 net.db "SELECT max(max, -min) <= sqrt(6.0 / $2) AND max(max, -min) > 0.9 * sqrt(6.0 / $2)
                          FROM variables WHERE name = 'net/$1/weights'")
    same "whether the weights of $1 keep the limit" "$got" 1
}
limit Conv "(9 * 3 + 9 * 8)"
limit Conv_1 "(9 * 8 + 9 * 16)"
limit fully_connected "(64 + 32)"
same 'regularizers' "$(sqlite3 net.db "SELECT DISTINCT regularizer FROM variables WHERE name LIKE '%/weights'")" \
    'l2(0.0005)'
same 'regularizers of others' \
    "$(sqlite3 net.db "SELECT count(*) FROM variables WHERE name NOT LIKE '%/weights' AND regularizer <> 'none'")" 0

# tf-slim's way to pick out what to restore, and the command's view of it.
run ls net.db --collection MODEL --scope net/Conv_1 --json
status_is 0
same 'variables of Conv_1 alone' "$(grep -o '"name":"[^"]*"' "$out" | sed 's/.*Conv_1//; s/"//')" '/weights
/BatchNorm/beta
/BatchNorm/gamma
/BatchNorm/moving_mean
/BatchNorm/moving_variance'

finish
