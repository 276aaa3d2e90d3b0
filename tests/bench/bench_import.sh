#!/bin/sh
# Benchmark of an import, beside that of the same lines into an SQLite database with the name as its key, durable like
# the store, in the same run. Prints a Markdown table.
#
#   bench_import.sh PROGRAM [LINES]
#
# PROGRAM    tjob
# LINES      else a million
# TMPDIR     the disk to measure, else /tmp
set -eu
program=$1
lines=${2:-1000000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

awk -v lines="$lines" 'BEGIN {
    for (i = 1; i <= lines; i++) {
        printf "{\"arn\":\"arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/job-%07d\",\"version\":\"3\",", i
        printf "\"job\":{\"state\":\"SUBMITTED\",\"incarnation\":\"1\",\"submit_token\":\"%d\",\"submitted_ms\":\"1\"}}\n", i
    }
    printf "{\"jobs\":\"%d\",\"base\":\"3\"}\n", lines
}' > "$folder/lines"

cat > "$folder/import.sql" <<END
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE job(arn TEXT PRIMARY KEY, version INTEGER, job TEXT) WITHOUT ROWID;
CREATE TEMP TABLE line(text TEXT);
.mode tabs
.import $folder/lines line
INSERT INTO job SELECT json_extract(text, '\$.arn'), json_extract(text, '\$.version'), json_extract(text, '\$.job')
    FROM line WHERE json_extract(text, '\$.arn') IS NOT NULL;
END

now() { date +%s.%N; }
row() { awk -v name="$1" -v begin="$2" -v end="$3" -v lines="$lines" 'BEGIN {
    printf "| %s | %.2f | %.0f |\n", name, end - begin, lines / (end - begin) }'; }

printf '| %s lines | seconds | lines/s |\n| --- | ---: | ---: |\n' "$lines"
begin=$(now)
"$program" store import "$folder/store" --capacity "$lines" < "$folder/lines" > "$folder/out"
row "tjob store import" "$begin" "$(now)"
if command -v sqlite3 > /dev/null; then
    begin=$(now)
    sqlite3 "$folder/database" < "$folder/import.sql" > "$folder/out"
    row "sqlite3, .import and INSERT" "$begin" "$(now)"
else
    echo "(skipped: sqlite3 is not installed)"
fi
