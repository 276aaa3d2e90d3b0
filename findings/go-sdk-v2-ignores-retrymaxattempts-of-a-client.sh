#!/bin/sh
# Subject    aws-sdk-go-v2 1.17.1 (Debian golang-github-aws-aws-sdk-go-v2-dev 1.17.1-3), service/comprehend
# Guess      comprehend.NewFromConfig(config, func(o *comprehend.Options) { o.RetryMaxAttempts = 1 }) makes a client that sends each
#            request once: the options of a client are there to be set so, and Options.Region is.
# Behaviour  The value is stored and ignored. The retryer is built before the functions for the options run, and in a call the value
#            is compared only with that of the client itself, which is equal. The client makes three attempts, as without it.
# Seen       default: 3 requests; of the client, 1: 3 requests; of the client, 6: 3 requests; of the call, 1: 1 request; of
#            the configuration, 1: 1 request
# So         Set it in aws.Config, or in each call.
#
# Exit code 0: seen again. 1: otherwise. 77: the packages are not to be had.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v go >/dev/null || exit 77
for package in golang-github-aws-aws-sdk-go-v2-dev=1.17.1-3 golang-github-aws-smithy-go-dev \
    golang-github-jmespath-go-jmespath-dev; do
    apt-get download -qq "$package" >/dev/null 2>&1 || { echo "skipped: no $package"; exit 77; }
done
for package in *.deb; do dpkg -x "$package" root; done
cat >main.go <<'END'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/comprehend"
)

func main() {
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		w.WriteHeader(500)
		fmt.Fprint(w, `{"__type":"InternalServerException"}`)
	}))
	defer server.Close()
	count := func(what string, config, client, call int) {
		requests = 0
		settings := aws.Config{Region: "us-west-2", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
			RetryMaxAttempts: config}
		c := comprehend.NewFromConfig(settings, func(o *comprehend.Options) {
			o.EndpointResolver = comprehend.EndpointResolverFromURL(server.URL)
			if client != 0 {
				o.RetryMaxAttempts = client
			}
		})
		arn := "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x"
		c.StopTrainingEntityRecognizer(context.Background(), &comprehend.StopTrainingEntityRecognizerInput{EntityRecognizerArn: &arn},
			func(o *comprehend.Options) {
				if call != 0 {
					o.RetryMaxAttempts = call
				}
			})
		fmt.Printf("%s: %d\n", what, requests)
	}
	count("default", 0, 0, 0)
	count("of the client, 1", 0, 1, 0)
	count("of the client, 6", 0, 6, 0)
	count("of the call, 1", 0, 0, 1)
	count("of the configuration, 1", 1, 0, 0)
}
END
seen=$(GO111MODULE=off GOPATH=$PWD/root/usr/share/gocode GOCACHE=$PWD/cache timeout 300 go run main.go)
echo "$seen"
[ "$seen" = "default: 3
of the client, 1: 3
of the client, 6: 3
of the call, 1: 1
of the configuration, 1: 1" ]
