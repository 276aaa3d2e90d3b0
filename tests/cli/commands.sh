# Functions for scripts that run the commands of a transcript: lines that begin with "$ ", what they print below each,
# standard output and standard error together, then "[exit N]" where that is not 0.

# without_times FILE: times are replaced by TIME, for they differ; and an incarnation that a submit would begin by N, where jobs were removed
# before: it depends on which names share a bucket, and so on the random key of the store.
without_times() {
    sed -E -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/(_ms":"|Time":)[0-9.]{10,}/\1TIME/g' \
        -e 's/[0-9.]+ seconds/TIME seconds/' -e 's/"seconds":[0-9.]+/"seconds":TIME/' \
        -e 's/([Tt]he next incarnation is) ([2-9]|[0-9]{2,})\./\1 N./' -e 's/\r$//' "$1"
}

# run_commands EXPECTED SCRATCH: runs the commands of a transcript in this shell, and prints what it then looks like. What a
# command sets, as in "$ A=1", later ones find. SCRATCH is the beginning of names for files.
run_commands() {
    if ! grep '^\$ ' "$1" >"$2.commands"; then
        echo "$1: no command"
        return
    fi
    while IFS= read -r line; do
        printf '%s\n' "$line"
        code=0
        eval "${line#\$ }" >"$2.output" 2>&1 </dev/null || code=$?
        without_times "$2.output"
        [ "$code" = 0 ] || echo "[exit $code]"
    done <"$2.commands"
}
