/*
 * Beside the best that others have: simdjson, PCRE2 with its JIT, SQLite and LMDB. Each case and its peers take turns
 * in many rounds; the fastest rounds are compared, for what others do on the machine only adds. Prints a Markdown
 * table.
 *
 *   tjob_bench_peers     TMPDIR, else /tmp, must be on the disk to measure
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <inttypes.h>
#include <lmdb.h>
#include <pcre2.h>
#include <sqlite3.h>
#include <string.h>

#include "support/folder.h"
#include "tjob/arn.h"
#include "tjob/file_store.h"
#include "tjob/request.h"
#include "timing.h"

bool peer_simdjson_parses(const char *text, size_t bytes); /* in peer_simdjson.cpp */

enum {
    JOBS = 1024,
    TEXTS = 64, /* in turn, so that nothing is learned by heart; a power of two, as JOBS */
    ROUNDS = 201,
    COMMIT_ROUNDS = 31,
    REPEATS = 20, /* of all texts, in a round */
    COMMITS = 20, /* in a round */
    ROOM = 64     /* behind a text, which simdjson may read */
};

#define ARN "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/example-recognizer-%04u"
#define BODY "{\"EntityRecognizerArn\": \"" ARN "\"}"

struct text {
    char bytes[128 + ROOM];
    size_t count;
};

static struct text arns[JOBS];
static struct text bodies[TEXTS];

static void make_text(struct text *text, const char *format, unsigned number)
{
    text->count = (size_t)snprintf(text->bytes, sizeof text->bytes - ROOM, format, number);
}

static tjob_text arn_of(unsigned number)
{
    return (tjob_text){arns[number].bytes, arns[number].count};
}

/* ---- The parsers ------------------------------------------------------------------------------------------------- */

static bool decode_by_tjob(unsigned number)
{
    const tjob_http_request http = {
        .method = TJOB_TEXT("POST"),
        .target = TJOB_TEXT("Comprehend_20171127.StopTrainingEntityRecognizer"),
        .content_type = TJOB_TEXT("application/x-amz-json-1.1"),
        .body = {bodies[number].bytes, bodies[number].count},
    };
    tjob_request request;
    char arn[TJOB_ARN_BYTES_MAX];
    return tjob_request_decode(&request, &http, TJOB_ARN_REFERENCE, arn) == TJOB_REQUEST_VALID;
}

static bool decode_by_simdjson(unsigned number)
{
    return peer_simdjson_parses(bodies[number].bytes, bodies[number].count);
}

static bool validate_by_tjob(unsigned number)
{
    return tjob_arn_validate(arn_of(number), TJOB_ARN_REFERENCE).problem == TJOB_ARN_VALID;
}

static bool validate_by_pcre2(unsigned number)
{
    static const char pattern[] = "^arn:aws(?:-[^:]+)?:comprehend:[a-zA-Z0-9-]*:[0-9]{12}:entity-recognizer/"
                                  "[a-zA-Z0-9](?:-*[a-zA-Z0-9])*(?:/version/[a-zA-Z0-9](?:-*[a-zA-Z0-9])*)?\\z";
    static pcre2_code *code;
    static pcre2_match_data *data;
    if (code == NULL) {
        int error;
        PCRE2_SIZE offset;
        code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL);
        check(code != NULL && pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0);
        data = pcre2_match_data_create_from_pattern(code, NULL);
    }
    return pcre2_jit_match(code, (PCRE2_SPTR)arns[number].bytes, arns[number].count, 0, 0, data, NULL) > 0;
}

/* ---- The stores -------------------------------------------------------------------------------------------------- */

static tjob_file_store store;
static tjob_store calls;
static sqlite3_stmt *sqlite_select, *sqlite_update;
static MDB_env *lmdb;
static MDB_dbi lmdb_jobs;

static tjob_job job_of(unsigned number)
{
    return (tjob_job){.state = TJOB_SUBMITTED, .submit_token = number + 1, .incarnation = 1, .submitted_ms = 1};
}

static void make_store(const struct folder *folder)
{
    const char *path = folder_file(folder, "store");
    check(tjob_file_store_create(path, JOBS) == TJOB_FILE_OK);
    check(tjob_file_store_open(&store, path, 0) == TJOB_FILE_OK);
    calls = tjob_file_store_callbacks(&store);
    for (unsigned i = 0; i < JOBS; i++) {
        tjob_job job;
        uint64_t version;
        check(calls.load(&store, NULL, arn_of(i), &job, &version) == TJOB_LOAD_NOT_FOUND);
        job = job_of(i);
        check(calls.swap(&store, NULL, arn_of(i), version, &job) == TJOB_SWAP_OK);
    }
}

static void make_sqlite(const struct folder *folder)
{
    sqlite3 *database;
    sqlite3_stmt *insert;
    check(sqlite3_open(folder_file(folder, "sqlite"), &database) == SQLITE_OK);
    check(sqlite3_exec(database,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "CREATE TABLE jobs (name TEXT PRIMARY KEY, version INTEGER, record BLOB) WITHOUT ROWID; BEGIN",
                       NULL, NULL, NULL) == SQLITE_OK);
    check(sqlite3_prepare_v2(database, "INSERT INTO jobs VALUES (?, 1, ?)", -1, &insert, NULL) == SQLITE_OK);
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        unsigned char record[TJOB_JOB_ENCODED_BYTES];
        tjob_job_encode(&job, record);
        sqlite3_bind_text(insert, 1, arns[i].bytes, (int)arns[i].count, SQLITE_STATIC);
        sqlite3_bind_blob(insert, 2, record, sizeof record, SQLITE_TRANSIENT);
        check(sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK);
    }
    check(sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) == SQLITE_OK && sqlite3_finalize(insert) == SQLITE_OK);
    check(sqlite3_prepare_v2(database, "SELECT version, record FROM jobs WHERE name = ?", -1, &sqlite_select, NULL) ==
          SQLITE_OK);
    check(sqlite3_prepare_v2(database,
                             "UPDATE jobs SET version = version + 1, record = ? WHERE name = ? AND version = ?", -1,
                             &sqlite_update, NULL) == SQLITE_OK);
}

static void make_lmdb(const struct folder *folder)
{
    MDB_txn *transaction;
    check(mdb_env_create(&lmdb) == 0 && mdb_env_set_mapsize(lmdb, (size_t)64 << 20) == 0);
    check(mdb_env_open(lmdb, folder_file(folder, "lmdb"), MDB_NOSUBDIR, 0600) == 0);
    check(mdb_txn_begin(lmdb, NULL, 0, &transaction) == 0 && mdb_dbi_open(transaction, NULL, 0, &lmdb_jobs) == 0);
    for (unsigned i = 0; i < JOBS; i++) {
        const tjob_job job = job_of(i);
        unsigned char record[TJOB_JOB_ENCODED_BYTES];
        MDB_val name = {arns[i].count, arns[i].bytes};
        MDB_val value = {sizeof record, record};
        tjob_job_encode(&job, record);
        check(mdb_put(transaction, lmdb_jobs, &name, &value, 0) == 0);
    }
    check(mdb_txn_commit(transaction) == 0);
}

static bool load_by_tjob(unsigned number)
{
    tjob_job job;
    uint64_t version;
    return calls.load(&store, NULL, arn_of(number), &job, &version) == TJOB_LOAD_OK && job.submit_token == number + 1;
}

/* Returns the version, or -1. */
static sqlite3_int64 sqlite_version(unsigned number, tjob_job *job)
{
    sqlite3_bind_text(sqlite_select, 1, arns[number].bytes, (int)arns[number].count, SQLITE_STATIC);
    const bool found = sqlite3_step(sqlite_select) == SQLITE_ROW &&
                       tjob_job_decode(sqlite3_column_blob(sqlite_select, 1), job) == TJOB_JOB_VALID;
    const sqlite3_int64 version = found ? sqlite3_column_int64(sqlite_select, 0) : -1;
    return sqlite3_reset(sqlite_select) == SQLITE_OK ? version : -1;
}

static bool load_by_sqlite(unsigned number)
{
    tjob_job job;
    return sqlite_version(number, &job) > 0 && job.submit_token == number + 1;
}

static bool lmdb_find(MDB_txn *transaction, unsigned number, tjob_job *job)
{
    MDB_val name = {arns[number].count, arns[number].bytes};
    MDB_val value;
    return mdb_get(transaction, lmdb_jobs, &name, &value) == 0 && tjob_job_decode(value.mv_data, job) == TJOB_JOB_VALID;
}

static bool load_by_lmdb(unsigned number)
{
    static MDB_txn *transaction; /* kept, as its documentation advises */
    tjob_job job;
    check(transaction != NULL ? mdb_txn_renew(transaction) == 0
                              : mdb_txn_begin(lmdb, NULL, MDB_RDONLY, &transaction) == 0);
    const bool found = lmdb_find(transaction, number, &job);
    mdb_txn_reset(transaction);
    return found && job.submit_token == number + 1;
}

static bool change_by_tjob(unsigned number)
{
    tjob_job job;
    uint64_t version;
    check(calls.load(&store, NULL, arn_of(number), &job, &version) == TJOB_LOAD_OK);
    job.host_code++;
    return calls.swap(&store, NULL, arn_of(number), version, &job) == TJOB_SWAP_OK;
}

static bool change_by_sqlite(unsigned number)
{
    tjob_job job;
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    const sqlite3_int64 version = sqlite_version(number, &job);
    job.host_code++;
    tjob_job_encode(&job, record);
    sqlite3_bind_blob(sqlite_update, 1, record, sizeof record, SQLITE_STATIC);
    sqlite3_bind_text(sqlite_update, 2, arns[number].bytes, (int)arns[number].count, SQLITE_STATIC);
    sqlite3_bind_int64(sqlite_update, 3, version);
    return sqlite3_step(sqlite_update) == SQLITE_DONE && sqlite3_reset(sqlite_update) == SQLITE_OK &&
           sqlite3_changes(sqlite3_db_handle(sqlite_update)) == 1;
}

static bool change_by_lmdb(unsigned number)
{
    MDB_txn *transaction;
    tjob_job job;
    unsigned char record[TJOB_JOB_ENCODED_BYTES];
    MDB_val name = {arns[number].count, arns[number].bytes};
    MDB_val value = {sizeof record, record};
    check(mdb_txn_begin(lmdb, NULL, 0, &transaction) == 0 && lmdb_find(transaction, number, &job));
    job.host_code++;
    tjob_job_encode(&job, record);
    return mdb_put(transaction, lmdb_jobs, &name, &value, 0) == 0 && mdb_txn_commit(transaction) == 0;
}

/* ---- The table --------------------------------------------------------------------------------------------------- */

enum { PEERS_MAX = 3 };

static const struct bench_case {
    const char *name;
    unsigned things;  /* that are taken in turn: a power of two */
    unsigned repeats; /* in a round */
    unsigned rounds;
    struct {
        const char *name;
        bool (*run)(unsigned number);
    } peers[PEERS_MAX]; /* the first is this library */
} cases[] = {
    {"decode and validate a stop",
     TEXTS,
     TEXTS *REPEATS,
     ROUNDS,
     {{"tjob", decode_by_tjob}, {"simdjson, parse alone", decode_by_simdjson}}},
    {"validate an ARN",
     TEXTS,
     TEXTS *REPEATS,
     ROUNDS,
     {{"tjob", validate_by_tjob}, {"PCRE2 with JIT", validate_by_pcre2}}},
    {"load a job, warm",
     JOBS,
     JOBS,
     ROUNDS,
     {{"tjob", load_by_tjob}, {"SQLite, prepared select", load_by_sqlite}, {"LMDB, get", load_by_lmdb}}},
    {"load and durable change",
     JOBS,
     COMMITS,
     COMMIT_ROUNDS,
     {{"tjob", change_by_tjob}, {"SQLite, WAL, FULL", change_by_sqlite}, {"LMDB", change_by_lmdb}}},
};

static double round_ns(const struct bench_case *compared, unsigned peer, unsigned round)
{
    const unsigned first = round * compared->repeats;
    const uint64_t begin = now_ns();
    for (unsigned i = first; i < first + compared->repeats; i++) {
        check(compared->peers[peer].run(i * 7 & (compared->things - 1)));
    }
    return (double)(now_ns() - begin) / compared->repeats;
}

static void print_case(const struct bench_case *compared)
{
    double fastest[PEERS_MAX] = {0};
    for (unsigned round = 0; round < compared->rounds; round++) {
        for (unsigned peer = 0; peer < PEERS_MAX && compared->peers[peer].run != NULL; peer++) {
            const double ns = round_ns(compared, peer, round);
            fastest[peer] = round == 0 || ns < fastest[peer] ? ns : fastest[peer];
        }
    }
    for (unsigned peer = 1; peer < PEERS_MAX && compared->peers[peer].run != NULL; peer++) {
        printf("| %s | %.1f | %s | %.1f | %.2f |\n", compared->name, fastest[0], compared->peers[peer].name,
               fastest[peer], fastest[0] / fastest[peer]);
        fflush(stdout);
    }
}

int main(void)
{
    struct folder folder;
    for (unsigned i = 0; i < JOBS; i++) {
        make_text(&arns[i], ARN, i);
    }
    for (unsigned i = 0; i < TEXTS; i++) {
        make_text(&bodies[i], BODY, i);
    }
    folder_make(&folder);
    make_store(&folder);
    make_sqlite(&folder);
    make_lmdb(&folder);
    printf("| case | ns | peer | ns | ratio |\n| --- | ---: | --- | ---: | ---: |\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        print_case(&cases[i]);
    }
    folder_remove(&folder);
    return EXIT_SUCCESS;
}
