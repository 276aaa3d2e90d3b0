# Completion of the program tjob for bash: source this file, or put it where bash-completion finds it under the name tjob.
_tjob_files() {
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
    compopt -o filenames 2>/dev/null # outside of a completion, as in a test, there is no such option
    [ "${#COMPREPLY[@]}" -gt 0 ]
}

_tjob() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-} options
    COMPREPLY=()
    if [ "$command" = help ] && [ "$COMP_CWORD" -gt 1 ]; then
        [[ $word == -* ]] && return
        COMP_WORDS=("${COMP_WORDS[0]}" "${COMP_WORDS[@]:2}") COMP_CWORD=$((COMP_CWORD - 1)) command=${COMP_WORDS[1]}
        [ "$COMP_CWORD" -gt 1 ] && [ "$command" != store ] && [ "$command" != history ] && return
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W 'store submit start stop report describe delete remove expire list handle serve history demo graph check simulate help --version' -- "$word"))
        return
    fi
    if [ "$command" = store ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'create grow copy restore export import repair check stat purge renew' -- "$word"))
            return
        fi
        command="store ${COMP_WORDS[2]}"
    fi
    if [ "$command" = history ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'check' -- "$word"))
            return
        fi
        command="history ${COMP_WORDS[2]}"
    fi
    case "$command $before" in
    'simulate --store') COMPREPLY=($(compgen -W 'simulated memory file' -- "$word")) && return ;;
    'simulate --faults') COMPREPLY=($(compgen -W 'none default storm' -- "$word")) && return ;;
    'simulate --format') COMPREPLY=($(compgen -W 'text json' -- "$word")) && return ;;
    esac
    case $before in
    --store | --log | --credentials | --html) _tjob_files "$word" && return ;;
    --success-body) COMPREPLY=($(compgen -W 'empty object' -- "$word")) && return ;;
    --arn-grammar) COMPREPLY=($(compgen -W 'current reference' -- "$word")) && return ;;
    --format)
        [ "$command" = check ] && COMPREPLY=($(compgen -W 'text json' -- "$word")) && return
        COMPREPLY=($(compgen -W 'table dot mermaid promela tla' -- "$word")) && return
        ;;
    --trace-format) COMPREPLY=($(compgen -W 'text mermaid' -- "$word")) && return ;;
    --stop-submitted) COMPREPLY=($(compgen -W 'stop ignore refuse' -- "$word")) && return ;;
    --stop-finished) COMPREPLY=($(compgen -W 'accept refuse' -- "$word")) && return ;;
    --bug) COMPREPLY=($(compgen -W "list $(tjob check --bug list 2>/dev/null | cut -d' ' -f1)" -- "$word")) && return ;;
    --state)
        COMPREPLY=($(compgen -W 'SUBMITTED TRAINING STOP_REQUESTED STOPPED TRAINED TRAINED_WITH_WARNING IN_ERROR DELETING' -- "$word"))
        return
        ;;
    --trainer-token | --incarnation | --token | --code | --stop-timeout-ms | --prefix | --older-than-ms | --limit | --give-up | --capacity | --target | --content-type | --request-id | --wait-ms | --clients | --trainers | --retries | --faults | --incarnations | --threads | --memory | --seed | --seeds | --jobs | --job | --minutes | --listen | --region | --rate | --burst | --connections | --idle-ms | --request-ms | --drain-ms) return ;;
    esac
    case $command in
    'store create' | 'store copy') options='--capacity --wait-ms --json' ;;
    'store repair') options='--give-up --wait-ms --json' ;;
    'store export') options='--salvage --wait-ms' ;;
    'store import') options='--capacity --json' ;;
    'store grow') options='--capacity --wait-ms --json' ;;
    'store check' | 'store stat' | 'store purge' | 'store renew') options='--wait-ms --json' ;;
    'store restore') options='--capacity --wait-ms --json' ;;
    submit) options='--store --incarnation --token --code --arn-grammar --wait-ms --json' ;;
    start) options='--store --trainer-token --incarnation --arn-grammar --wait-ms --json' ;;
    stop | describe | delete) options='--store --arn-grammar --wait-ms --json' ;;
    report) options='--store --trainer-token --incarnation --code --arn-grammar --wait-ms --json' ;;
    remove) options='--store --incarnation --arn-grammar --wait-ms --json' ;;
    expire) options='--store --stop-timeout-ms --dry-run --wait-ms --json' ;;
    list) options='--store --trainer-token --state --prefix --older-than-ms --limit --wait-ms --json' ;;
    handle) options='--store --stop-submitted --stop-finished --target --content-type --request-id --arn-grammar --wait-ms --success-body' ;;
    serve) options='--store --stop-submitted --stop-finished --arn-grammar --wait-ms --success-body --listen --credentials --region --log --rate --burst --connections --idle-ms --request-ms --drain-ms' ;;
    'history check') options='--stop-timeout-ms --stop-submitted --stop-finished --json --no-explain' ;;
    graph) options='--format --reachable' ;;
    check) options='--clients --trainers --retries --faults --incarnations --stop-submitted --stop-finished --bug --no-reduction --threads --memory --format --trace-format --html' ;;
    simulate) options='--seed --seeds --jobs --minutes --faults --store --job --shrink --bug --threads --format --trace-format --html' ;;
    *) options='' ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif [ "$command" = report ]; then
        COMPREPLY=($(compgen -W 'halted completed completed-with-warning failed trainer-lost' -- "$word"))
    elif [[ $command == store\ * || $command == history\ * ]]; then
        _tjob_files "$word"
    fi
}
complete -F _tjob tjob
