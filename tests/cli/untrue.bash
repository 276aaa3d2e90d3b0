# Completion of the program tjob for bash: source this file, or put it where bash-completion finds it under the name tjob.
_tjob() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-} options
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W 'store submit start stop report describe delete remove expire list handle demo graph help --version' -- "$word"))
        return
    fi
    if [ "$command" = store ]; then
        if [ "$COMP_CWORD" -eq 2 ]; then
            COMPREPLY=($(compgen -W 'create grow check stat' -- "$word"))
            return
        fi
        command="store ${COMP_WORDS[2]}"
    fi
    case $before in
    --store) COMPREPLY=($(compgen -f -- "$word")) && return ;;
    --arn-grammar) COMPREPLY=($(compgen -W 'current reference' -- "$word")) && return ;;
    --format) COMPREPLY=($(compgen -W 'table dot mermaid promela tla' -- "$word")) && return ;;
    --state)
        COMPREPLY=($(compgen -W 'SUBMITTED TRAINING STOP_REQUESTED STOPPED TRAINED TRAINED_WITH_WARNING IN_ERROR DELETING' -- "$word"))
        return
        ;;
    --trainer-token | --incarnation | --token | --code | --stop-timeout-ms | --capacity | --target | --content-type | --request-id | --wait-ms) return ;;
    esac
    case $command in
    'store create') options='--json' ;;
    'store grow') options='--capacity --wait-ms --json' ;;
    'store check' | 'store stat') options='--wait-ms --json' ;;
    submit) options='--store --token --code --arn-grammar --wait-ms --json' ;;
    start) options='--store --trainer-token --incarnation --arn-grammar --wait-ms --json' ;;
    stop | describe | delete) options='--store --arn-grammar --wait-ms --json' ;;
    report) options='--store --trainer-token --incarnation --code --arn-grammar --wait-ms --json' ;;
    remove) options='--store --incarnation --arn-grammar --wait-ms --json' ;;
    expire) options='--store --stop-timeout-ms --wait-ms --json' ;;
    list) options='--store --state --wait-ms --json' ;;
    handle) options='--store --target --content-type --request-id --arn-grammar --wait-ms' ;;
    graph) options='--format' ;;
    *) options='' ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif [ "$command" = report ]; then
        COMPREPLY=($(compgen -W 'halted completed completed-with-warning failed trainer-lost' -- "$word"))
    elif [[ $command == store\ * ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}
complete -F _tjob tjob
