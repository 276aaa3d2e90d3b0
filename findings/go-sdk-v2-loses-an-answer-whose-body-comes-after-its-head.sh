#!/bin/sh
# Subject    aws-sdk-go-v2 1.17.1 (Debian golang-github-aws-aws-sdk-go-v2-dev 1.17.1-3) with Go 1.19.8, service/comprehend
# Guess      It makes no difference whether head and body of an answer come in one piece, or the body 2 ms after the head.
# Behaviour  Then some calls fail, with "use of closed network connection", though the server sent all and closed nothing. Such an
#            error is not tried again: the status was a 200. In one piece none fails, and the client of Go itself never fails.
# Seen       in one piece: 0 of 3000 failed; the body 2 ms later: 209 of 3000 failed; net/http, 2 ms later: 0 of 3000 failed (on
#            a busy machine; 28 of 3510 from another server)
# So         Send head and body of a small answer with one write.
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
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/comprehend"
)

func main() {
	body := []byte(`{"EntityRecognizerProperties":{"Status":"TRAINING"}}`)
	var pause time.Duration
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadAll(r.Body)
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		if pause != 0 {
			w.(http.Flusher).Flush()
			time.Sleep(pause)
		}
		w.Write(body)
	}))
	defer server.Close()
	client := comprehend.NewFromConfig(
		aws.Config{Region: "us-west-2", Credentials: credentials.NewStaticCredentialsProvider("none", "none", "")},
		func(o *comprehend.Options) { o.EndpointResolver = comprehend.EndpointResolverFromURL(server.URL) })
	arn := "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/x"
	sdk := func() error {
		_, err := client.DescribeEntityRecognizer(context.Background(),
			&comprehend.DescribeEntityRecognizerInput{EntityRecognizerArn: &arn})
		return err
	}
	plain := func() error {
		answer, err := http.Post(server.URL, "application/x-amz-json-1.1", bytes.NewReader(body))
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		return err
	}
	count := func(what string, call func() error) int {
		failed := 0
		for i := 0; i < 3000; i++ {
			if err := call(); err != nil {
				if failed++; failed == 1 {
					fmt.Println(err)
				}
			}
		}
		fmt.Printf("%s: %d of 3000 failed\n", what, failed)
		return failed
	}
	whole := count("in one piece", sdk)
	pause = 2 * time.Millisecond
	for i := 0; i < 5; i++ {
		if late := count("the body 2 ms later", sdk); late != 0 && whole == 0 && count("net/http, 2 ms later", plain) == 0 {
			os.Exit(0)
		}
	}
	os.Exit(1)
}
END
GO111MODULE=off GOPATH=$PWD/root/usr/share/gocode GOCACHE=$PWD/cache timeout 300 go run main.go
