#!/usr/bin/env bash
# The model that `tjob graph --format promela` prints, under SPIN; exit code 77 where SPIN is missing.
#   spin.sh COUNTERPART TEST [PAGE PROGRAM]
set -euo pipefail
counterpart=$1
test=$2
for tool in spin cc; do
    command -v $tool >/dev/null || { echo "SKIPPED: $tool is missing"; exit 77; }
done
compiler=$(command -v tcc || command -v cc) # tcc compiles a verifier in a hundredth of the time
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT

fail() { echo "FAILED: $*"; exit 1; }

# compile CONFIG FLAG...; CONFIG as the counterpart takes it
compile() {
    read -r clients trainers retries faults incarnations stop_submitted stop_finished <<<"$1"
    shift
    spin -a "${ltl[@]}" -DTJOB_CLIENTS="$clients" -DTJOB_TRAINERS="$trainers" -DTJOB_RETRIES="$retries" \
        -DTJOB_FAULTS="$faults" -DTJOB_INCARNATIONS="$incarnations" -DTJOB_STOP_SUBMITTED="$stop_submitted" \
        -DTJOB_STOP_FINISHED="$stop_finished" tjob.pml >spin.out 2>&1 || fail "$(cat spin.out)"
    "$compiler" -w -DNOREDUCE "$@" -o pan pan.c
}

# verify ARGUMENT...: runs the verifier; says what its output says: holds, violated NAME or unfinished REASON. Its exit
# code is 0 in every case.
verify() {
    ./pan "$@" >pan.out 2>&1 || { echo "unfinished exit code $?"; return; }
    if grep -q "max search depth too small" pan.out; then
        echo "unfinished max search depth too small"
    elif grep -q "errors: 0$" pan.out; then
        grep -q "Search not completed" pan.out && echo "unfinished search not completed" || echo holds
    elif grep -q "errors: [1-9]" pan.out; then
        sed -n 's/.*assertion violated (*\(tjob_\)*\([a-z_]*\).*/violated \2/p
            s/.*acceptance cycle.*/violated a cycle/p' pan.out | head -1
    else
        echo "unfinished no result"
    fi
}

safety=(-DSAFETY)
depth=-m200000
ltl=()

# The same states, and the same changes of the record, for each policy.
counts() {
    "$counterpart" promela >tjob.pml
    while read -r config; do
        compile "$config" "${safety[@]}" -DPRINTF
        found=$(verify $depth -w20)
        [ "$found" = holds ] || fail "$config: $found"
        ours=$("$counterpart" states $config)
        theirs=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.out)
        [ "$ours" = "$theirs" ] || fail "$config: $ours states, SPIN has $theirs"
        "$counterpart" changes $config | sort -u >ours.txt
        grep '^tjob ' pan.out | sort -u >theirs.txt
        diff ours.txt theirs.txt || fail "$config: other changes of the record"
        records=$(sed 's/.* -> //' theirs.txt | sort -u | wc -l)
        echo "$config: $theirs states, $(wc -l <theirs.txt) changes, $records records"
    done <<END
1 1 1 0 1 0 0
1 1 1 1 1 0 0
1 1 0 1 1 1 0
1 1 0 1 1 2 0
1 1 0 1 1 0 1
2 1 0 0 1 2 1
1 2 1 0 2 0 0
END
}

# What needs fairness: weak, of each process.
properties() {
    "$counterpart" promela >tjob.pml
    ltl=(-DTJOB_LTL)
    compile "1 1 1 $1 1 0 0" -DNFAIR=3
    for property in stop_is_kept stopped_has_stop_time times_are_ordered final_state_is_reached stops_complete; do
        found=$(verify -a -f $depth -w20 -N $property)
        echo "$property: $found"
        [ "$found" = holds ] || fail "$property"
    done
}

# seeded some|all CONFIG: each changed cell gets the same verdict, and for a reason that the other has too.
seeded() {
    config=$2
    local agreed=0 violated=0
    while read -r cell; do
        export TJOB_SEEDED_CELLS=$cell
        "$counterpart" promela >tjob.pml
        compile "$config" "${safety[@]}"
        found=$(verify $depth -w18)
        ours=$("$counterpart" violated $config)
        if [ "$found" = holds ]; then
            [ -z "$ours" ] || fail "$cell: SPIN finds nothing; ours:" $ours
        else
            name=${found#violated }
            grep -qx -- "${name//_/-}" <<<"$ours" || fail "$cell: SPIN: $found; ours:" $ours
            violated=$((violated + 1))
        fi
        agreed=$((agreed + 1))
    done < <("$counterpart" cells "$1")
    unset TJOB_SEEDED_CELLS
    echo "$agreed changed cells, $violated violate an invariant"
    [ "$violated" -gt $((agreed / 4)) ] || fail "few changes matter"
}

# A verifier that did not finish, or found something, is seen: its exit code says nothing.
output() {
    expect() { [ "$2" = "$3" ] || fail "$1: $3"; }
    "$counterpart" promela >tjob.pml
    compile "1 1 1 0 1 0 0" "${safety[@]}"
    expect "too deep" "unfinished max search depth too small" "$(verify -m20)"
    compile "1 1 1 0 1 0 0" "${safety[@]}" -DMEMLIM=2
    expect "too little memory" "unfinished" "$(verify $depth -w10 | cut -d' ' -f1)"
    TJOB_SEEDED_CELLS="2 2 3 2" "$counterpart" promela >tjob.pml # a stop in training changes nothing
    compile "1 1 1 0 1 0 0" "${safety[@]}"
    expect "a seeded cell" "violated answer_follows_table" "$(verify $depth)"
    sed -i 's/assert(tjob_answer_follows_table)/skip/' tjob.pml
    compile "1 1 1 0 1 0 0" "${safety[@]}"
    expect "a stop that is answered and not kept" "violated stop_is_kept" "$(verify $depth)"
    TJOB_SEEDED_CELLS="3 3 3 3 7 3 3 3" "$counterpart" promela |
        sed 's/assert(tjob_answer_follows_table)/skip/' >tjob.pml
    ltl=(-DTJOB_LTL)
    compile "1 1 1 0 1 0 0" -DNFAIR=3 # a trainer that has halted, or is lost, changes nothing
    expect "a stop that never completes" "violated a cycle" "$(verify -a -f $depth -N stops_complete)"
}

# The commands of a page, as they are printed there: two verifiers, of which neither finds anything.
page() {
    sed -n '/^```sh$/,/^```$/p' "$1" | grep -v '^```' >commands.sh
    PATH=$(dirname "$2"):$PATH bash -e commands.sh >page.out 2>&1 || fail "$(cat page.out)"
    grep "errors:" page.out
    [ "$(grep -c "errors: 0$" page.out)" = 2 ] || fail "$(cat page.out)"
    ! grep -E "max search depth too small|Search not completed" page.out
}

case $test in
page) page "$3" "$4" ;;
counts) counts ;;
properties) properties 0 ;;
properties_under_faults) properties 1 ;;
seeded_some) seeded some "2 1 0 0 1 0 0" ;;
seeded_all) seeded all "1 1 0 1 1 0 0" ;;
output) output ;;
*) fail "no such test" ;;
esac
