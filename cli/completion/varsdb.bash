# varsdb.bash - completion for bash, 3.2 and later: asks the command itself, which knows its options and reads
# the names in the registry.  "varsdb completion bash" prints it.
_varsdb() {
    local rest=$COMP_LINE bare piece line kind='' escaped before
    local -a words
    local n=-1 i
    # What readline has cut apart at : and = is put together again where nothing stands between.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        bare=${rest#"${rest%%[![:space:]]*}"}
        if [[ $n -lt 0 || $bare != "$rest" ]]; then
            n=$((n + 1))
            words[n]=$piece
        else
            words[n]+=$piece
        fi
        rest=${bare#"$piece"}
    done
    # It puts a candidate in the place of the last piece only.
    [[ $piece == [:=] ]] && piece=
    before=${words[n]%"$piece"}
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
            continue
        fi
        line=${line%%$'\t'*}
        case ${words[n]} in
        \"*)
            line=${line//\\/\\\\}
            line=${line//\"/\\\"}
            line=${line//\$/\\\$}
            COMPREPLY+=("${line//\`/\\\`}")
            ;;
        \'*) [[ $line == *\'* ]] || COMPREPLY+=("$line") ;;
        *)
            printf -v escaped %q "${line#"$before"}"
            COMPREPLY+=("$escaped")
            ;;
        esac
    done < <("${1/#\~/$HOME}" complete --unquote -- "${words[@]:1:n}" 2>/dev/null)
    case $kind in
    files) compopt -o default 2>/dev/null ;;
    words) [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]] && compopt -o nospace 2>/dev/null ;;
    esac
    return 0
}
complete -F _varsdb varsdb
