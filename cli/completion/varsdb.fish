# varsdb.fish - completion for fish: asks the command itself, which knows its options and reads the names in the
# registry.  "varsdb completion fish" prints it.
function __varsdb_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -l current (commandline -ct)
    set -l bare (string unescape -- $current 2>/dev/null)
    or set bare $current
    set -e words[1]
    set -l lines (command $program complete -- $words "$bare" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path "$current"
        case words
            printf '%s\n' $lines[2..-1]
    end
end
complete -c varsdb -f -a '(__varsdb_complete)'
