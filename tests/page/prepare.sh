#!/bin/sh
# Makes what the tests of the page need besides Chromium: the driver of browsers, from npm, at the version below.
#
#   prepare.sh FOLDER
#
# What is there is kept; if it cannot be made, that is reported, and the tests are skipped.
set -u
mkdir -p "$1" && cd "$1" || exit 1

package="playwright-core@1.65.1"
if [ "$(cat installed 2>/dev/null)" != "$package" ]; then
    if npm install --no-audit --no-fund --ignore-scripts --silent --prefix . "$package"; then
        echo "$package" >installed
    else
        echo "missing: the package $package of npm"
    fi
fi
