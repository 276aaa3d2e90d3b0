# Compares what the completion offers with the program's help: the commands, their options, the words of each list.
#
#   bash completion.bash PROGRAM COMPLETION
set -u
help=$("$1" help)
source "$2"
failed=0

# offered WORD...: what is offered for the last of these words, sorted, on one line.
offered() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _tjob
    printf '%s\n' "${COMPREPLY[@]-}" | sort | tr '\n' ' '
}

# expect WHAT EXPECTED ACTUAL
expect() {
    if [ "$2" != "$3" ]; then
        echo "$1: expected $2, offered $3"
        failed=1
    fi
}

lines=$(grep '^  tjob ' <<<"$help" | sed 's/^  tjob //')
expect commands "$(cut -d' ' -f1 <<<"$lines" | sort -u | tr '\n' ' ')" "$(offered tjob '')"
expect 'store commands' "$(sed -n 's/^store \([a-z]*\).*/\1/p' <<<"$lines" | sort | tr '\n' ' ')" "$(offered tjob store '')"

while IFS= read -r line; do
    command=$(sed -E 's/ ?(\[?--[a-z]|\[?[A-Z]|halted).*//' <<<"$line")
    [ "${line#--version}" = "$line" ] || continue
    options=$(grep -o -e '--[a-z-]*' <<<"$line" | sort | tr '\n' ' ')
    expect "$command" "${options:- }" "$(offered tjob $command --)"
done <<<"$lines"

expect 'report kinds' "$(sed -n 's/^report ARN \([^ ]*\).*/\1/p' <<<"$lines" | tr '|' '\n' | sort | tr '\n' ' ')" \
    "$(offered tjob report arn '')"
expect 'help commands' "$(offered tjob '')" "$(offered tjob help '')"
expect 'help store commands' "$(offered tjob store '')" "$(offered tjob help store '')"
expect 'help stop' ' ' "$(offered tjob help stop '')"
expect 'history commands' 'check ' "$(offered tjob history '')"

# words COMMAND OPTION: the words of a list, as the command's own line of the help has them.
words() {
    grep "^$1 " <<<"$lines" | sed -n "s/.*$2 \([a-z|]*\).*/\1/p" | tr '|' '\n' | sort | tr '\n' ' '
}
for choice in 'stop --arn-grammar' 'graph --format' 'check --format' 'check --trace-format' 'check --stop-submitted' \
    'check --stop-finished' 'simulate --store' 'simulate --faults' 'simulate --format' 'simulate --trace-format'; do
    expect "$choice" "$(words $choice)" "$(offered tjob $choice '')"
done
states=$("$1" list --store none --state none 2>&1 | sed 's/.*one of \([A-Z_|]*\),.*/\1/')
expect --state "$(tr '|' '\n' <<<"$states" | sort | tr '\n' ' ')" "$(offered tjob list --state '')"
exit $failed
