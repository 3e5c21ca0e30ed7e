# sql.awk - the conformance file as scripts for SQLite's shell, for the cases whose every step SQL can do.
#
#   awk -v out=DIRECTORY [-v held=1] -f script.awk -f sql.awk *.txt
#
# The n-th case of these becomes two files.  DIRECTORY/n.sql is the script, which prints a line "@k" before what
# its k-th statement gives; it loads ./varsdb0 into the registry that the shell was started with, and sends all
# to standard error, so that answers and errors come in order.  With held=1 the whole case is one transaction.
# DIRECTORY/n.want has the case's id and its seed in its first line, and in line k + 1 what statement k must give:
# how, what and the step that it is of, separated by tabs.  How is one of
#
#   is      this text
#   new     an id, which is remembered
#   same    the id that was remembered
#   well    anything that is no error
#   fails   an error: its kind, or nothing, and with a blank between them what its sentence matches, or nothing
#
# What is skipped, and because of which verb, goes to DIRECTORY/skipped.  Standard output has how many cases
# there are in all.

BEGIN {
    key_of["GLOBAL"] = "variables"
    key_of["LOCAL"] = "local_variables"
    key_of["MODEL"] = "model_variables"
    key_of["TRAINABLE"] = "trainable_variables"
    count = split("reuse init regularizer partitioner dtype constraint collections", keys, " ")
    for (i = 1; i <= count; i++) is_attribute[keys[i]]
    here = "namespace = varsdb_namespace()"
    skipped = out "/skipped"
    printf "" >skipped
}

END { print cases + 0 }

function take(id, script) {
    cases++
    if (!translate(script)) {
        print id "\t" word[1] >skipped
        return
    }
    tried++
    printf ".output stderr\n.load ./varsdb0\n%s", sql >(out "/" tried ".sql")
    printf "%s\t%s\n%s", id, seed, wanted >(out "/" tried ".want")
    close(out "/" tried ".sql")
    close(out "/" tried ".want")
}

# Every step in turn; 0 when SQL cannot do one, or when all that it could do is to enter scopes.
function translate(script,    steps, count, i) {
    sql = wanted = prefix = root_reuse = used = current = ""
    seed = 42
    statements = depth = asked = 0
    split("", captured)
    split("", attribute)
    if (held) say("well", "", "BEGIN IMMEDIATE;")
    count = split(script, steps, " ; ")
    for (i = 1; i <= count; i++) {
        current = steps[i]
        if (!step(i)) return 0
    }
    if (held) say("well", "", "COMMIT;")
    say("is", "end", "SELECT 'end';")
    return asked
}

function step(number,    verb) {
    read_step(current)
    capture = ""
    if (words > 2 && word[words - 1] == "as") { capture = word[words]; words -= 2 }
    fails = expected ~ /^(NOTFOUND|EXISTS|MISMATCH|INVALID|MISUSE|UNINITIALIZED|CANCELLED|GONE)$/
    verb = word[1]
    if (verb == "open") return open(number)
    if (verb == "handle") return 0 # another connection
    if (verb ~ /^(begin|commit|rollback)$/) return transaction(verb)
    if (verb == "enter") return enter()
    if (verb == "leave") return leave()
    asked = 1
    if (verb ~ /^(get|model)$/) return get(verb)
    if (verb == "find") return find()
    if (verb == "find_part") return find_part()
    if (verb ~ /^assign(_part)?$/) return assign(verb)
    if (verb ~ /^(equal|close|uniform|normal|truncated|orthogonal)$/) return look_at_values(verb)
    if (fails && verb != "values") return 0
    if (verb == "use") { used = word[2]; return say("is", used, "SELECT varsdb_namespace(" quoted(used) ");") }
    return list(verb) || ask(verb)
}

# ---- handles, transactions and scopes

function say(how, what, statement) {
    sql = sql ".print @" (++statements) "\n" statement "\n"
    wanted = wanted how "\t" what "\t" current "\n"
    return 1
}

function open(number) {
    if (is_given("in") || depth) return 0
    root_reuse = option("reuse")
    if (number == 1 && is_given("seed")) seed = option("seed")
    if (number == 1) return 1
    if (is_given("seed") || held) return 0
    sql = sql ".open run.db\n.load ./varsdb0\n"
    used = ""
    split("", captured)
    return 1
}

function transaction(verb) {
    if (verb == "begin") return say("well", "", held ? "SAVEPOINT step;" : "BEGIN;")
    if (verb == "commit") return say("well", "", held ? "RELEASE step;" : "COMMIT;")
    return say("well", "", held ? "ROLLBACK TO step; RELEASE step;" : "ROLLBACK;")
}

# A scope is a prefix, and what a call gets as its arguments: its own attributes and, but for the constraint, those
# of the scope that it is in.
function enter(    i, key, value) {
    if (fails || capture != "" || words < 2 || word[2] ~ /^[a-z_]+=/ || (word[2] == "" && depth)) return 0
    before[++depth] = prefix
    if (word[2] != "") prefix = prefix word[2] "/"
    for (key in is_attribute) {
        delete attribute[depth, key]
        if (key != "constraint" && (depth - 1, key) in attribute) attribute[depth, key] = attribute[depth - 1, key]
    }
    for (i = 3; i <= words; i++) {
        key = word[i]
        sub(/=.*/, "", key)
        value = substr(word[i], length(key) + 2)
        if (!(key in is_attribute) || value == "") return 0
        if (key == "reuse" && value !~ /^(auto|create|require)$/) return 0
        attribute[depth, key] = value
    }
    return 1
}

function leave() {
    if (words != 1 || fails || !depth) return 0
    prefix = before[depth--]
    return 1
}

# ---- get_variable and model_variable

# Of key=value; "" when it is not given.
function option(key,    i) {
    for (i = 2; i <= words; i++)
        if (index(word[i], key "=") == 1) return substr(word[i], length(key) + 2)
    return ""
}

function is_given(key,    i) {
    for (i = 2; i <= words; i++)
        if (index(word[i], key "=") == 1) return 1
    return 0
}

# The call's own, or the scope's.
function argument(key) {
    return is_given(key) ? option(key) : (depth, key) in attribute ? attribute[depth, key] : ""
}

function get(verb,    name, call, count) {
    if (words < 2 || word[2] ~ /^[a-z_]+=/ || is_given("fill") || is_given("make") || is_given("getter")) return 0
    name = prefix word[2]
    call = arguments()
    if (call == "no") return 0
    call = "SELECT " verb "_variable(" quoted(name) call ");"
    if (fails) return say("fails", expected " " pattern, call)
    sub(/:0$/, "", name)
    count = "SELECT count(*) FROM variables WHERE " by_name(name) ";"
    if (expected != "") say("is", expected == "created" ? 0 : 1, count)
    say("new", "", call)
    say("same", "", "SELECT id FROM variables WHERE " by_name(name) ";")
    if (capture != "") {
        captured[capture] = 1
        sql = sql ".parameter set " capture " \"(SELECT id FROM variables WHERE " by_name(name) ")\"\n"
    }
    return 1
}

# Of a call, from the shape on; "no" when they cannot be said in SQL, or a scope's mean something else there.
function arguments(    shape, dtype, init, value, said) {
    shape = option("shape")
    dtype = argument("dtype")
    init = argument("init")
    value = option("json")
    # A dtype that is said is compared, a scope's is not; of an initial value neither.
    if (!is_given("dtype") && expected == "reused") dtype = ""
    if (is_given("value")) {
        if (expected == "reused") return "no"
        value = option("value")
        said = value
        if (sub(/:.*/, "", said)) {
            if (is_given("dtype") && dtype != said) return "no"
            dtype = said
            sub(/^[^:]*:/, "", value)
        }
        if (shape != "scalar") value = "[" value "]"
    }
    if (value != "" && !is_given("init")) init = ""
    # A scalar is not cut, unless the call says so.
    if (shape == "scalar" && !is_given("partitioner") && argument("partitioner") != "") return "no"
    if (shape ~ /\?/ || dtype == "clear") return "no"
    if (is_given("shape")) shape = quoted("[" (shape == "scalar" ? "" : shape) "]")
    return ", " (shape == "" ? "NULL" : shape) ", " or_null(dtype) ", " or_null(init) ", " quoted(options(value))
}

function or_null(value) { return value == "" ? "NULL" : quoted(value) }

function options(value,    json, reuse) {
    json = "{\"site\": \"train.c:12\"" member("regularizer") member("partitioner") member("constraint")
    reuse = argument("reuse") != "" ? argument("reuse") : root_reuse
    if (reuse != "") json = json ", \"reuse\": " string(reuse)
    if (is_given("trainable")) json = json ", \"trainable\": " (option("trainable") == "no" ? "false" : "true")
    if (is_given("collections") || (argument("collections") != "" && expected != "reused"))
        json = json ", \"collections\": [" strings(argument("collections")) "]"
    if (value != "") json = json ", \"value\": " value
    return json "}"
}

function member(key) {
    return argument(key) == "" ? "" : ", \"" key "\": " string(argument(key))
}

function strings(texts,    names, count, i, all) {
    count = split(texts, names, ",")
    for (i = 1; i <= count; i++) all = all (i > 1 ? ", " : "") string(key_for(names[i]))
    return all
}

# ---- what there is

# A name that ends in :0 is one for the functions; the view has what it finds.
function find(    name) {
    if (fails && expected != "NOTFOUND") return 0
    name = word[2]
    sub(/:0$/, "", name)
    say("is", fails ? "nothing" : expected == "" ? name : expected,
        all_of("name", "variables WHERE " by_name(name)))
    if (!fails) say("is", 1, "SELECT tensor_json(" quoted(word[2]) ") IS tensor_json(" quoted(name) ");")
    else if (name !~ /\/part_[0-9]+$/) say("fails", expected " " pattern, "SELECT tensor(" quoted(word[2]) ");")
    if (capture != "") {
        captured[capture] = 1
        sql = sql ".parameter set " capture " \"(SELECT id FROM variables WHERE " by_name(name) ")\"\n"
    }
    return 1
}

function find_part(    part) {
    part = "name || ' ' || part"
    say("is", fails ? "nothing" : expected,
        all_of(part, "variable_parts WHERE " here " AND part_name = " quoted(word[2])))
    if (fails) return say("fails", expected " " pattern, "SELECT tensor(" quoted(word[2]) ");")
    return say("is", 1, "SELECT tensor(" quoted(word[2]) ") IS NOT NULL;")
}

function list(verb,    from, scope) {
    if (verb == "members")
        return answer(all_of("name", "collection_variables WHERE " here " AND collection = " \
            quoted(key_for(word[2])) " ORDER BY position"))
    if (verb == "keys") return answer(all_of("name", "collections WHERE " here))
    if (verb == "scopes" && words == 1) return answer(all_of("name", "scopes WHERE " here))
    if (verb == "uninitialized")
        return answer(all_of("DISTINCT v.name", "uninitialized_variables v JOIN collection_variables c USING (id)" \
            " WHERE v." here " AND c.collection IN ('variables', 'local_variables') ORDER BY v.id"))
    if (verb != "list") return 0
    if (is_given("match") || is_given("match_prefix") || is_given("suffix") || is_given("exclude")) return 0
    from = is_given("collection") ? "collection_variables" : "variables"
    from = from " WHERE " here
    scope = quoted(option("scope") "/")
    if (is_given("collection")) from = from " AND collection = " quoted(key_for(option("collection")))
    if (is_given("scope")) from = from " AND substr(name, 1, length(" scope ")) = " scope
    if (is_given("glob")) from = from " AND name GLOB " quoted(option("glob"))
    return answer(all_of("name", from " ORDER BY " (is_given("collection") ? "position" : "id")))
}

function ask(verb,    column, flat) {
    if (word[2] ~ /^@/ && !(word[2] in captured)) return 0
    if (verb == "same" && word[3] in captured) return answer("SELECT " yes(word[2] " = " word[3]) ";")
    if (verb == "values") {
        flat = "replace(replace(replace(tensor_json(" reference(word[2]) "), '[', ''), ']', ''), '\"', '''')"
        if (fails) return say("is", "null", "SELECT coalesce(tensor_json(" reference(word[2]) "), 'null');")
        return answer("SELECT coalesce(nullif(" flat ", ''), 'nothing');")
    }
    if (verb == "loss")
        return answer("SELECT printf('%g', regularization_loss(" (words > 1 ? reference(word[2]) : "") "));")
    if (verb == "read_part")
        return answer("SELECT group_concat(printf('%g', value)) FROM tensor_each(" quoted(word[2]) ");")
    if (verb == "parts")
        return answer(all_of(along("offset") " || '+' || " along("shape"), parts_of(word[2])))
    if (verb == "part_shapes")
        return answer(all_of(axis() " || ':' || trim(p.shape, '[]')", parts_of(word[2])))
    if (verb == "seed" && used != "") return 0 # a namespace that SQL makes has a seed of its own
    if (verb == "constraint") # is in none of the views
        return answer("SELECT coalesce(constraint_text, 'none') FROM varsdb_variables WHERE id = " \
            id_of(word[2]) ";")
    column = verb
    if (verb == "shape") column = "CASE shape WHEN '[]' THEN 'scalar' ELSE trim(shape, '[]') END"
    else if (verb ~ /^(trainable|initialized)$/) column = yes(verb)
    else if (verb ~ /^(initializer|regularizer)$/) column = "coalesce(" verb ", 'none')"
    else if (verb == "collections")
        column = "(SELECT coalesce(group_concat(value), 'nothing') FROM" \
            " (SELECT value FROM json_each(collections) ORDER BY value))"
    else if (verb !~ /^(name|dtype|version|seed)$/) return 0
    return answer("SELECT " column " FROM variables WHERE id = " id_of(word[2]) ";")
}

# The axis that is cut is the one along which the last part does not begin at 0; of one part the first will do.
function axis() {
    return "coalesce((SELECT o.key FROM variable_parts l, json_each(l.offset) o WHERE l." here \
        " AND l.name = p.name AND o.value > 0), 0)"
}

function along(column) { return "json_extract(p." column ", '$[' || " axis() " || ']')" }
function parts_of(name) { return "variable_parts p WHERE p." here " AND p.name = " quoted(name) " ORDER BY p.part" }

# ---- values

function assign(verb,    value) {
    value = verb == "assign" ? word[3] : "[" word[3] "]"
    return say(fails ? "fails" : "well", fails ? expected " " pattern : "",
        "SELECT assign(" reference(word[2]) ", " quoted(value) ");")
}

function look_at_values(verb,    a, b) {
    if (fails) return 0
    a = reference(word[2])
    b = reference(word[3])
    if (verb == "equal") return answer("SELECT " yes("tensor(" a ") = tensor(" b ")") ";")
    if (verb == "close")
        return answer("SELECT " yes("count(*) AND count(*) = sum(abs(a.value - b.value) <= 1e-5 * abs(b.value))") \
            " FROM tensor_each(" a ") a LEFT JOIN tensor_each(" b ") b ON b.flat_index = a.flat_index;")
    if (verb == "orthogonal") return orthogonal(a, word[3])
    return distribution(verb, a, word[3] + 0, word[4] + 0)
}

# As tests/support/conformance_value.c does it: ends where they must be, and mean and standard deviation
# within five of their own standard errors.  Without a root: |sqrt(q) - 1| <= d, if (q + 1 - d d)^2 <= 4 q.
function distribution(verb, name, a, b,    width, mean, variance, ends, near) {
    if (verb == "uniform") {
        width = b - a
        mean = (a + b) / 2
        variance = width * width / 12
        ends = exact(a - 1e-6 * width) " <= low AND low < " exact(a + 0.02 * width) " AND high <= " \
            exact(b + 1e-6 * width) " AND high > " exact(b - 0.02 * width)
    } else {
        mean = a
        variance = verb == "normal" ? b * b : b * b * 0.87962566103423978 * 0.87962566103423978
        ends = "min(high - " exact(a) ", " exact(a) " - low) > " exact(verb == "normal" ? 3 * b : 1.9 * b)
        if (verb == "truncated")
            ends = ends " AND max(high - " exact(a) ", " exact(a) " - low) <= " exact(2 * b * (1 + 1e-6))
    }
    near = "n >= 1000 AND (mean - " exact(mean) ") * (mean - " exact(mean) ") * n <= 25 * " exact(variance) \
        " AND (q + 1 - 25.0 / n) * (q + 1 - 25.0 / n) <= 4 * q"
    return answer("WITH e AS (SELECT value AS x FROM tensor_each(" name "))," \
        " m AS MATERIALIZED (SELECT count(*) AS n, min(x) AS low, max(x) AS high, avg(x) AS mean FROM e)," \
        " s AS (SELECT m.*, avg((x - mean) * (x - mean)) / " exact(variance) " AS q FROM e, m)" \
        " SELECT CASE WHEN " ends " AND " near " THEN 'yes'" \
        " ELSE printf('from %g to %g, mean %g, variance %g of what it should be', low, high, mean, q) END FROM s;")
}

# Products of the rows with each other, or of the columns when these are fewer; elsewhere zeros.
function orthogonal(name, gain,    from, length_of_all, square) {
    from = option("from") + 0
    square = exact(gain * gain)
    length_of_all = is_given("rows") ? option("rows") + 0 : "(SELECT elements FROM v) / (SELECT columns FROM v)"
    return answer("WITH v AS (SELECT elements, json_extract(shape, '$[#-1]') AS columns FROM variables" \
        " WHERE id = " id_of(word[2]) ")," \
        " size AS (SELECT " length_of_all " AS rows, columns, elements FROM v)," \
        " e AS MATERIALIZED (SELECT flat_index - " from " AS i, value AS x FROM tensor_each(" name "))," \
        " m AS MATERIALIZED (SELECT CASE WHEN rows <= columns THEN i / columns ELSE i % columns END AS line," \
        " CASE WHEN rows <= columns THEN i % columns ELSE i / columns END AS place, x" \
        " FROM e, size WHERE i >= 0 AND i < rows * columns)," \
        " p AS (SELECT a.line = b.line AS own, sum(a.x * b.x) AS product FROM m a JOIN m b USING (place)" \
        " GROUP BY a.line, b.line)" \
        " SELECT " yes("(SELECT count(*) = min(rows, columns) * min(rows, columns) FROM p, size)" \
        " AND (SELECT max(abs(product - own * " square ")) FROM p) <= 1e-5 * " square \
        " AND NOT EXISTS (SELECT 1 FROM e, size WHERE (i < 0 OR i >= rows * columns) AND x <> 0)") ";")
}

# ---- SQL

function answer(statement) {
    return say(expected == "" ? "well" : "is", expected, statement)
}

# All of a column, joined by commas.
function all_of(column, from) {
    return "SELECT coalesce(group_concat(x), 'nothing') FROM (SELECT " column " AS x FROM " from ");"
}

function yes(condition) { return "CASE WHEN " condition " THEN 'yes' ELSE 'no' END" }
function by_name(name) { return here " AND name = " quoted(name) }
function key_for(name) { return name in key_of ? key_of[name] : name }
function exact(x) { return sprintf("%.17g", x) }

# What functions take for a variable, and what finds its row.
function reference(name) { return name ~ /^@/ ? name : quoted(name) }
function id_of(name) { return name ~ /^@/ ? name : "(SELECT id FROM variables WHERE " by_name(name) ")" }

function quoted(value) {
    gsub(/'/, "''", value)
    return "'" value "'"
}

function string(value) {
    gsub(/\\/, "\\\\", value)
    gsub(/"/, "\\\"", value)
    return "\"" value "\""
}
