#!/bin/bash
# Makes what the drivers of clients/ need: packages of npm at the versions below, and the drivers in Go as programs.
#
#   prepare.sh FOLDER
#
# What is there is kept; what cannot be made is reported, and the tests that need it are skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1" && cd "$1" || exit 1

packages="@aws-sdk/client-comprehend@3.1138.0 aws-sdk@2.1693.0"
if [ "$(cat installed 2>/dev/null)" != "$packages" ]; then
    # shellcheck disable=SC2086
    if npm install --no-audit --no-fund --ignore-scripts --silent --prefix . $packages; then
        echo "$packages" >installed
    else
        echo "missing: the packages $packages of npm"
    fi
fi

# Debian's packages of Go are sources below one folder.
for version in v1 v2; do
    if ! GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$PWD/go-cache \
        go build -o go_$version "$here/clients/go_$version/main.go"; then
        echo "missing: golang-go or the package of Go $version"
    fi
done
