#!/bin/bash
# The incarnation of a recognizer as the AWS CLI sees it; see real_clients.sh for the environment.
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
expect_status TRAINING scenario
answer=$(ask "" stop-training scenario) || fail "stop: $answer"
expect_status STOP_REQUESTED scenario
tjob report --store "$STORE" $base/scenario halted --trainer-token 7 >/dev/null || fail "the trainer cannot report"
expect_status STOPPED scenario
answer=$(ask "" stop-training scenario) || fail "second stop: $answer"

expect_error ResourceNotFoundException 'not found' "" stop-training nobody
expect_error InvalidRequestException 'at byte 60' "" stop-training -
expect_error ResourceInUseException TRAINING "" delete busy
expect_error InternalServerException Retry /broken stop-training scenario

# As if others had used up the rate: the word of the limiter is a time far ahead, of either byte order, and the next call is
# refused however late it comes. From that one on the time counts.
use_up_the_rate() {
    printf '\100\0\0\0\0\0\0\100' >"$THROTTLE"
}
use_up_the_rate
expect_error TooManyRequestsException Resubmit /throttled describe busy
use_up_the_rate
AWS_MAX_ATTEMPTS=20 answer=$(ask /throttled describe busy) || fail "with patience: $answer"
echo "  throttled, and came through"

answer=$(ask "" delete scenario) || fail "delete: $answer"
expect_status DELETING scenario
tjob remove --store "$STORE" $base/scenario >/dev/null || fail "the host cannot remove it"
expect_error ResourceNotFoundException 'not found' "" describe scenario
echo "the whole scenario"
