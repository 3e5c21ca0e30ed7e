# cli.awk - the conformance file as calls of the shell functions of
# tests/cli/test_conformance.sh, for the cases whose every step the command can do.
#
#   awk -f script.awk -f cli.awk *.txt

function take(id, script) {
    if (translate(script)) printf "begin %s\n%s", quoted(id), calls
}

# Every step in turn; 0 when one cannot be done from the command line.
function translate(script,    steps, count, i) {
    calls = prefix = namespace = ""
    depth = 0
    count = split(script, steps, " ; ")
    for (i = 1; i <= count; i++)
        if (!step(steps[i])) return 0
    return calls != ""
}

function step(text,    verb) {
    read_step(text)
    if (!is_plain()) return 0
    sub(/train\\\.c:12/, "at varsdb (get|model|local)", pattern) # the command's own site
    status = expected ~ /^(NOTFOUND|EXISTS|MISMATCH|UNINITIALIZED)$/ ? 1 : expected ~ /^(INVALID|MISUSE)$/ ? 2 : 0
    if (!status && expected ~ /^[A-Z]+$/ && length(expected) > 3) return 0
    verb = word[1]
    if (verb ~ /^(get|model|local)$/) return get(verb)
    if (verb == "enter") return enter()
    if (verb == "leave") return leave()
    if (verb == "open") return words == 1
    if (verb == "use") { namespace = " --namespace " quoted(word[2]); return 1 }
    if (verb ~ /^(members|list|keys)$/) return list(verb)
    if (verb ~ /^(dtype|shape|trainable|version|initializer|regularizer|constraint|collections|seed|initialized|find|name)$/)
        return ask(verb)
    if (verb == "values") return expected ~ /'/ ? 0 : call("flat", "cat " quoted(word[2]) " --json")
    if (verb == "read_part") return call("flat", "cat " quoted(word[2]) " --json")
    return change(verb)
}

function change(verb,    more) {
    if (verb == "assign") return call("does", "set " quoted(word[2]) " --value " quoted(word[3]))
    if (verb == "assign_part") return call("does", "set " quoted(word[2]) " --value " quoted("[" word[3] "]"))
    if (verb == "initialize") return call("does", "set " quoted(word[2]) " --init " quoted(word[3]))
    if (verb ~ /^(un)?collect$/) return call("does", verb " " quoted(word[2]) " " quoted(word[3]))
    if (verb == "rename") return call("does", "mv " quoted(word[2]) " " quoted(word[3]))
    if (verb == "rename_scope") return call("does", "mv " quoted(word[2] "/") " " quoted(word[3]))
    if (verb == "delete") return call("does", "rm " quoted(word[2]))
    if (verb == "delete_scope") return call("does", "rm " quoted(word[2] "/"))
    if (verb == "defaults" && (more = options("init dtype regularizer partitioner", 3)) != "no")
        return call("does", "scope " quoted(word[2]) more)
    return 0
}

function get(verb,    more) {
    more = options("shape dtype init json trainable collections regularizer partitioner reuse", 3)
    if (more == "no" || words < 2 || word[2] ~ /=/) return 0
    if (verb == "local" && more ~ / --trainable/) return 0 # the command refuses it
    return call(expected ~ /^(created|reused)$/ ? "outcome" : "does", verb " " quoted(prefix word[2]) more)
}

function list(verb,    more) {
    if (verb == "keys") return call("names", "collections --tsv")
    if (verb == "members") return call("names", "ls --tsv --collection " quoted(word[2]))
    more = options("collection scope match glob", 2)
    return more == "no" ? 0 : call("names", "ls --tsv" more)
}

function ask(verb) {
    if (word[2] ~ /\/part_/) return 0 # the command takes a part for a variable
    if (verb == "seed" && namespace != "") return 0 # it gives a new namespace a seed of its own
    if (verb == "find" || verb == "name") return call("named", "show --json " quoted(word[2]))
    return status ? 0 : call("column", verb " " quoted(word[2]))
}

# A scope without options is only a prefix.
function enter() {
    if (words != 2 || word[2] == "" || word[2] ~ /=/ || status) return 0
    before[++depth] = prefix
    prefix = prefix word[2] "/"
    return 1
}

function leave() {
    if (words != 1 || status || !depth) return 0
    prefix = before[depth--]
    return 1
}

# key=value from word `first` on as --key value; "no" when one has no option.
function options(known, first,    i, key, value, more) {
    for (i = first; i <= words; i++) {
        key = word[i]
        if (key !~ /^[a-z_]+=/) return "no"
        sub(/=.*/, "", key)
        value = substr(word[i], length(key) + 2)
        if (index(" " known " ", " " key " ") == 0) return "no"
        if (key == "trainable") more = more (value == "no" ? " --no-trainable" : " --trainable")
        else if (key == "collections") more = more collections(value)
        else more = more option(key, value)
        if (key == "reuse" && value !~ /^(auto|create|require)$/) return "no"
        if (key == "collections" && value == "") return "no"
    }
    return more
}

function option(key, value) {
    if (key == "json") key = "value"
    if (key == "glob") key = "name"
    if (key == "dtype" && value == "clear") value = ""
    return " --" key " " quoted(value)
}

function collections(value,    names, count, i, more) {
    count = split(value, names, ",")
    for (i = 1; i <= count; i++) more = more " --collection " quoted(names[i])
    return more
}

function call(how, command) {
    if (status) calls = calls "fails " status " " quoted(pattern)
    else calls = calls how " " quoted(expected)
    calls = calls " " command namespace "\n"
    return 1
}

# No word captures something, stands for it, or would be taken for an option.
function is_plain(    i) {
    for (i = 1; i <= words; i++)
        if (word[i] ~ /^[@-]/ || word[i] == "as") return 0
    return words > 0
}

function quoted(text) {
    gsub(/'/, "'\\''", text)
    return "'" text "'"
}
