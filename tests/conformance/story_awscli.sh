#!/bin/bash
# The life of a recognizer as the AWS CLI sees it; see real_clients.sh for the environment.
set -u
base=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer
export AWS_MAX_ATTEMPTS=1 AWS_RETRY_MODE=standard

fail() {
    echo "FAILED: $1"
    exit 1
}

# ask PATH OPERATION NAME: one call, its output and its errors together.
ask() {
    aws comprehend "$2-entity-recognizer" --endpoint-url "$ENDPOINT$1" --entity-recognizer-arn "$base/$3" --output json 2>&1
}

# expect_status STATUS NAME
expect_status() {
    answer=$(ask "" describe "$2") || fail "describe of $2: $answer"
    grep -q "\"Status\": \"$1\"" <<<"$answer" || fail "$2 is not $1: $answer"
}

# expect_error ERROR WORDS PATH OPERATION NAME
expect_error() {
    answer=$(ask "$3" "$4" "$5") && fail "$4 of $5 succeeds"
    grep -q "An error occurred ($1) when calling the .* operation.*: .*$2" <<<"$answer" || fail "no $1 but: $answer"
    echo "  ${answer#$'\n'}"
}

aws --version
expect_status TRAINING story
answer=$(ask "" stop-training story) || fail "stop: $answer"
expect_status STOP_REQUESTED story
tjob report --store "$STORE" $base/story halted --worker 7 >/dev/null || fail "the trainer cannot report"
expect_status STOPPED story
answer=$(ask "" stop-training story) || fail "second stop: $answer"

expect_error ResourceNotFoundException 'not found' "" stop-training nobody
expect_error InvalidRequestException 'at byte 60' "" stop-training -
expect_error ResourceInUseException TRAINING "" delete busy
expect_error InternalServerException Retry /broken stop-training story

# Others use up the rate: one call is refused, and one that has patience comes through when they are gone.
use_up_the_rate() {
    local body="{\"EntityRecognizerArn\":\"$base/busy\"}" port=${ENDPOINT##*:}
    while sleep 0.05; do
        exec 3<>"/dev/tcp/127.0.0.1/$port" || return
        printf 'POST /throttled HTTP/1.0\r\nX-Amz-Target: Comprehend_20171127.DescribeEntityRecognizer\r\n' >&3
        printf 'Content-Type: application/x-amz-json-1.1\r\nContent-Length: %s\r\n\r\n%s' ${#body} "$body" >&3
        cat <&3 >/dev/null
        exec 3>&-
    done
}
use_up_the_rate &
others=$!
trap 'kill $others 2>/dev/null' EXIT
sleep 0.5
expect_error TooManyRequestsException Resubmit /throttled describe busy
(sleep 3; kill $others) &
AWS_MAX_ATTEMPTS=20 answer=$(ask /throttled describe busy) || fail "with patience: $answer"
echo "  throttled, and came through"

answer=$(ask "" delete story) || fail "delete: $answer"
expect_status DELETING story
tjob remove --store "$STORE" $base/story >/dev/null || fail "the host cannot remove it"
expect_error ResourceNotFoundException 'not found' "" describe story
echo "the whole story"
