/*
 * A host's own store over a database: one table, and one statement for each operation of the store.
 *
 *   CREATE TABLE jobs (arn VARCHAR(256) PRIMARY KEY, version BIGINT NOT NULL, job BINARY(64))
 *
 * A row is never deleted: a removal sets its job to NULL, so that the absence has a version, too, which goes on from
 * the last one. The program runs the store through the contract suite. The database is an array, so that the example
 * needs no real one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/store_contract.h"
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
    bool loses_answer; /* the connection breaks after the next change was made */
};

/* The result of a statement: the rows that it found or changed, or the reason why that is unknown. */
enum answer { ONE_ROW, NO_ROW, NO_ROOM, NOT_SENT, LOST };

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
    return statuses[is_first ? insert_job(context, arn, bytes)
                             : update_job(context, arn, expected, next != NULL ? bytes : NULL)];
}

/* ---- The tests --------------------------------------------------------------------------------------------------- */

static bool open_store(void *context, tjob_store *store)
{
    *store = (tjob_store){.context = context, .load = load, .swap = swap};
    memset(context, 0, sizeof(struct database));
    return true;
}

static bool reopen_store(void *context, tjob_store *store)
{
    *store = (tjob_store){.context = context, .load = load, .swap = swap};
    return true;
}

static void close_store(void *context)
{
    (void)context;
}

/* The database loses the answer to a stop: the library loads again, and finds that the stop was applied. */
static bool survives_a_lost_answer(struct database *database)
{
    const tjob_text arn = TJOB_TEXT("arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/flowers");
    tjob_service service = {.clock = tjob_system_clock()};
    tjob_outcome outcome;
    open_store(database, &service.store);
    tjob_submit(&service, NULL, arn, 0, 1, 0, NULL);
    database->loses_answer = true;
    return tjob_stop(&service, NULL, arn, &outcome) == TJOB_OK && outcome.after == TJOB_STOPPED &&
           !database->loses_answer;
}

int main(void)
{
    static const char *const verdicts[] = {"kept", "BROKEN: ", "not applicable"};
    static struct database database;
    const struct store_contract subject = {&database, open_store, close_store, reopen_store, 0};
    bool sound = true;
    for (size_t i = 0; i < store_contract_case_count(); i++) {
        char message[STORE_CONTRACT_MESSAGE_BYTES];
        const enum store_contract_verdict verdict = store_contract_run(&subject, i, message);
        printf("%s: %s%s\n", store_contract_case_name(i), verdicts[verdict], message);
        sound = sound && verdict != STORE_CONTRACT_BROKEN;
    }
    const bool survives = survives_a_lost_answer(&database);
    printf("an answer that is lost: %s\n", survives ? "found out" : "BROKEN");
    return sound && survives ? EXIT_SUCCESS : EXIT_FAILURE;
}
