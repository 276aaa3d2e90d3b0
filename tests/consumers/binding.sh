#!/bin/sh
# Runs the program $1 with python3 and the shared library that is installed in $2, and compares what it prints with the
# file $3, and its constants with the installed layout. $4 is a file to write to.
set -eu
if ! command -v python3 >/dev/null || ! python3 -c 'import ctypes' 2>/dev/null; then
    echo "skipped: there is no python3 with ctypes"
    exit 0
fi
python3 -B "$1" "$(find "$2" -name libtjob.so)" >"$4"
diff "$3" "$4"
python3 -B - "$1" "$2/share/tjob/layout.json" <<'END'
import json, runpy, sys
constants = json.load(open(sys.argv[2]))["constants"]
binding = runpy.run_path(sys.argv[1])
names = [name for name, value in binding.items() if name.isupper() and isinstance(value, int)]
assert len(names) > 10, names
for name in names:
    value = constants.get("TJOB_FLAT_" + name, constants.get("TJOB_" + name))
    assert binding[name] == value, f"{name} is {value}"
END
