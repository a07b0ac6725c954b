# Sourced by the commands in scripts/: with --help they print the comment at their head, and end.

print_help() {
    while IFS= read -r help_line; do
        case $help_line in
        '#!'*) ;;
        '#'*)
            help_line=${help_line#'#'}
            printf '%s\n' "${help_line# }"
            ;;
        *) return 0 ;;
        esac
    done <"$0"
}

case ${1:-} in
-h | --help)
    print_help
    exit 0
    ;;
esac
