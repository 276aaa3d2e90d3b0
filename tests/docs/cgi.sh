#!/bin/sh
# Runs the CGI example as a web server does, and compares its answers with a file.
#
#   cgi.sh CGI_PROGRAM FOLDER_OF_TJOB EXPECTED
set -eu
cgi=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
expected=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
PATH=$(cd "$2" && pwd):$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
arn=arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/a
tjob store create jobs --capacity 10 >/dev/null
tjob submit --store jobs $arn >/dev/null

export REQUEST_METHOD=POST CONTENT_TYPE=application/x-amz-json-1.1 TJOB_STORE=jobs
export HTTP_X_AMZ_TARGET=Comprehend_20171127.StopTrainingEntityRecognizer

# request TITLE BODY [LENGTH]
request() {
    printf '== %s\n' "$1"
    printf '%s' "$2" | CONTENT_LENGTH=${3-${#2}} "$cgi" 2>&1 | sed -e 's/\r$//' -e 's/^\(x-amzn-RequestId: \).*/\1ID/'
    echo
}
# large LENGTH: 300,000 bytes, of that length or of none. Whoever sends them can send them all.
large() {
    printf '== 300000 bytes of a length "%s"\n' "$1"
    { head -c 300000 /dev/zero && echo "all sent" >sent; } 2>/dev/null | env ${1:+CONTENT_LENGTH=$1} "$cgi" | tail -1
    echo
    cat sent && rm sent
}
{
    request "a stop" "{\"EntityRecognizerArn\":\"$arn\"}"
    request "no such recognizer" "{\"EntityRecognizerArn\":\"${arn}b\"}"
    request "more than the length is not read" "{\"EntityRecognizerArn\":\"$arn\"} and more" 86
    request "a length that is none" "{}" none
    request "a body that is too large" "{}" 65537
    request "a body larger than any" "{}" 18446744073709551616
    large 300000
    large ""
    printf '== a chunked body has no length\n'
    printf '%s' "{\"EntityRecognizerArn\":\"$arn\"}" | "$cgi" | grep ^Status: | tr -d '\r'
    REQUEST_METHOD=GET request "another method" ""
    TJOB_STORE=missing request "no store" "{\"EntityRecognizerArn\":\"$arn\"}"
    export TJOB_THROTTLE=throttle
    request "one" "{\"EntityRecognizerArn\":\"$arn\"}"
    request "two" "{\"EntityRecognizerArn\":\"$arn\"}"
    request "three at once" "{\"EntityRecognizerArn\":\"$arn\"}"
    TJOB_THROTTLE=missing/throttle request "no file for the rate limit" "{\"EntityRecognizerArn\":\"$arn\"}"
    TJOB_THROTTLE=/dev/full request "a rate limit that cannot be kept" "{\"EntityRecognizerArn\":\"$arn\"}"
    unset TJOB_STORE TJOB_THROTTLE
    request "no store is named" "{\"EntityRecognizerArn\":\"$arn\"}"
    export TJOB_STORE=jobs
    cp jobs before
    printf '== standard input is closed\n'
    CONTENT_LENGTH=10 "$cgi" <&- | grep ^Status: | tr -d '\r'
    printf '== standard output is closed\n'
    CONTENT_LENGTH=10 "$cgi" </dev/null >&- || echo "exit code $?"
    cmp before jobs
} >actual
[ "${REWRITE-}" = "" ] || cp actual "$expected"
diff -u "$expected" actual
