/*
 * A host's own store over a database: one table, and one statement for each operation of the store.
 *
 *   CREATE TABLE jobs (arn VARCHAR(256) PRIMARY KEY, version BIGINT NOT NULL, job BINARY(64))
 *
 * A row is never deleted: a removal sets its job to NULL, so that the absence has a version, too, which goes on from
 * the last one. The program runs the store through the contract suite, and loses calls on the way. The database is an
 * array, so that the example needs no real one. Link it with tjob::verify, or with $(pkg-config --libs tjob_verify).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/store_contract.h"
#include "tjob/tjob.h"

/* ---- The database ------------------------------------------------------------------------------------------------ */

enum { ROWS_MAX = 64 };

struct database {
    struct {
        char arn[TJOB_ARN_BYTES_MAX];
        size_t arn_bytes;
        uint64_t version;
        bool is_null;
        unsigned char job[TJOB_JOB_ENCODED_BYTES];
    } rows[ROWS_MAX];
    unsigned count;
    bool loses_request; /* the connection breaks before the next change reaches the database */
    bool loses_answer;  /* the connection breaks after the next change was made */
};

/* The result of a statement: the rows that it found or changed, or the reason why that is unknown. */
enum answer { ONE_ROW, NO_ROW, NO_ROOM, NOT_SENT, LOST };

/* Whether the next change is lost on its way. */
static bool is_lost(struct database *database)
{
    const bool lost = database->loses_request;
    database->loses_request = false;
    return lost;
}

static unsigned find(const struct database *database, tjob_text arn)
{
    unsigned row = 0;
    while (row < database->count &&
           (database->rows[row].arn_bytes != arn.bytes || memcmp(database->rows[row].arn, arn.data, arn.bytes) != 0)) {
        row++;
    }
    return row;
}

static enum answer changed(struct database *database, unsigned row, uint64_t version, const unsigned char *job)
{
    const bool lost = database->loses_answer;
    database->rows[row].version = version;
    database->rows[row].is_null = job == NULL;
    if (job != NULL) {
        memcpy(database->rows[row].job, job, TJOB_JOB_ENCODED_BYTES);
    }
    database->loses_answer = false;
    return lost ? LOST : ONE_ROW;
}

/* SELECT version, job FROM jobs WHERE arn = ? */
static enum answer select_job(struct database *database, tjob_text arn, uint64_t *version, bool *is_null,
                              unsigned char job[TJOB_JOB_ENCODED_BYTES])
{
    const unsigned row = find(database, arn);
    if (row == database->count) {
        return NO_ROW;
    }
    *version = database->rows[row].version;
    *is_null = database->rows[row].is_null;
    memcpy(job, database->rows[row].job, TJOB_JOB_ENCODED_BYTES);
    return ONE_ROW;
}

/* INSERT INTO jobs VALUES (?, 1, ?) ON CONFLICT DO NOTHING */
static enum answer insert_job(struct database *database, tjob_text arn, const unsigned char *job)
{
    const unsigned row = find(database, arn);
    if (is_lost(database)) {
        return LOST;
    }
    if (row < database->count) {
        return NO_ROW;
    }
    if (row == ROWS_MAX) {
        return NO_ROOM;
    }
    memcpy(database->rows[row].arn, arn.data, arn.bytes);
    database->rows[row].arn_bytes = arn.bytes;
    database->count++;
    return changed(database, row, 1, job);
}

/* UPDATE jobs SET version = version + 1, job = ? WHERE arn = ? AND version = ? */
static enum answer update_job(struct database *database, tjob_text arn, uint64_t expected, const unsigned char *job)
{
    const unsigned row = find(database, arn);
    if (is_lost(database)) {
        return LOST;
    }
    if (row == database->count || database->rows[row].version != expected) {
        return NO_ROW;
    }
    return changed(database, row, expected + 1, job);
}

/* ---- The store --------------------------------------------------------------------------------------------------- */

static tjob_load_status load(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    bool is_null = true;
    (void)user;
    *version = 0;
    const enum answer answer = select_job(context, arn, version, &is_null, bytes);
    if (answer == NO_ROW || (answer == ONE_ROW && is_null)) {
        return TJOB_LOAD_NOT_FOUND;
    }
    return answer == ONE_ROW && tjob_job_decode(bytes, job) == TJOB_JOB_VALID ? TJOB_LOAD_OK : TJOB_LOAD_UNAVAILABLE;
}

static tjob_swap_status swap(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    static const tjob_swap_status statuses[] = {
        [ONE_ROW] = TJOB_SWAP_OK,           [NO_ROW] = TJOB_SWAP_CONFLICT, [NO_ROOM] = TJOB_SWAP_FULL,
        [NOT_SENT] = TJOB_SWAP_UNAVAILABLE, [LOST] = TJOB_SWAP_UNKNOWN,
    };
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    (void)user;
    if (next != NULL) {
        tjob_job_encode(next, bytes);
    }
    const bool is_first = expected == 0 && next != NULL;
    const enum answer answer =
        is_first ? insert_job(context, arn, bytes) : update_job(context, arn, expected, next != NULL ? bytes : NULL);
    return answer == NO_ROOM && !is_first ? TJOB_SWAP_UNAVAILABLE : statuses[answer]; /* FULL is for creations */
}

/* ---- The test bench ---------------------------------------------------------------------------------------------- */

static bool open_store(void *context, tjob_store *store)
{
    *store = (tjob_store){.context = context, .load = load, .swap = swap};
    memset(context, 0, sizeof(struct database));
    return true;
}

static void close_store(void *context)
{
    (void)context;
}

/* Another connection to the same database: after a restart, or beside the first. */
static bool connect_again(void *context, tjob_store *store)
{
    *store = (tjob_store){.context = context, .load = load, .swap = swap};
    return true;
}

static bool inject(void *context, tjob_store_contract_fault fault)
{
    struct database *database = context;
    database->loses_request = fault == TJOB_STORE_CONTRACT_REQUEST_LOST;
    database->loses_answer = fault == TJOB_STORE_CONTRACT_ANSWER_LOST;
    return database->loses_request || database->loses_answer; /* no statement is late here */
}

static bool heal(void *context)
{
    const struct database *database = context;
    return !database->loses_request && !database->loses_answer; /* the fault has happened */
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

static void print(void *context, const tjob_store_contract_result *result)
{
    (void)context;
    printf("%s: %s%s%s\n", result->name, tjob_store_contract_verdict_name(result->verdict),
           result->message[0] != '\0' ? ": " : "", result->message);
}

int main(void)
{
    static struct database database;
    static uint64_t memory[TJOB_STORE_CONTRACT_BYTES / sizeof(uint64_t)];
    const tjob_store_contract contract = {
        .context = &database,
        .memory = memory,
        .open = open_store,
        .close = close_store,
        .reopen = connect_again,
        .open_another = connect_again,
        .inject = inject,
        .heal = heal,
    };
    return tjob_store_contract_run(&contract, print, NULL) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
