#include <string.h>

#include "host/etcd/base64.h"
#include "host/etcd/store.h"

enum { PAGE_JOBS_MAX = 64, KEY_BYTES_MAX = TJOB_ETCD_PREFIX_BYTES_MAX + TJOB_ARN_BYTES_MAX + 64 };

/* What a cursor has if it is not at the beginning. */
#define CURSOR_OF_ETCD UINT64_C(0x65746364)

/* ---- The cursor ------------------------------------------------------------------------------------------------ */

enum { WORD_KIND, WORD_STATE, WORD_REVISION, WORD_LATEST, WORD_ARN_BYTES, WORD_ARN };

_Static_assert(WORD_ARN + TJOB_ARN_BYTES_MAX / 8 <= TJOB_LIST_CURSOR_WORDS, "a cursor has room for a place");

/* Returns the first state of a query from `state` on; TJOB_STATE_COUNT if there is none. */
static uint32_t list_state_from(const tjob_list_query *query, uint32_t state)
{
    while (state < TJOB_STATE_COUNT && query->states != 0 && (query->states & TJOB_LIST_STATE(state)) == 0) {
        state++;
    }
    return state;
}

/* False: the cursor is not of this store, or of another query. */
static bool list_read_cursor(const tjob_list_query *query, const tjob_list_cursor *cursor, etcd_place *place)
{
    static const tjob_list_cursor beginning = {{0}};
    *place = (etcd_place){.state = list_state_from(query, TJOB_ABSENT + 1)};
    if (memcmp(cursor, &beginning, sizeof beginning) == 0) {
        return true;
    }
    if (cursor->words[WORD_KIND] != CURSOR_OF_ETCD || cursor->words[WORD_STATE] == TJOB_ABSENT ||
        cursor->words[WORD_STATE] >= TJOB_STATE_COUNT || cursor->words[WORD_REVISION] > INT64_MAX ||
        cursor->words[WORD_ARN_BYTES] > TJOB_ARN_BYTES_MAX) {
        return false;
    }
    place->state = (uint32_t)cursor->words[WORD_STATE];
    place->revision = cursor->words[WORD_REVISION];
    place->latest_ms = cursor->words[WORD_LATEST];
    place->arn_bytes = (uint32_t)cursor->words[WORD_ARN_BYTES];
    memcpy(place->arn, &cursor->words[WORD_ARN], sizeof place->arn);
    return true;
}

static void list_write_cursor(tjob_list_cursor *cursor, const etcd_place *place)
{
    *cursor = (tjob_list_cursor){{0}};
    cursor->words[WORD_KIND] = CURSOR_OF_ETCD;
    cursor->words[WORD_STATE] = place->state;
    cursor->words[WORD_REVISION] = place->revision;
    cursor->words[WORD_LATEST] = place->latest_ms;
    cursor->words[WORD_ARN_BYTES] = place->arn_bytes;
    memcpy(&cursor->words[WORD_ARN], place->arn, place->arn_bytes);
}

/* ---- Entries --------------------------------------------------------------------------------------------------- */

/* Moves the place to an entry of its state: prefix "state/" D "/" time "/" ARN. False: the key is not one. */
static bool list_move(tjob_text prefix, const etcd_kv *kv, etcd_place *place)
{
    enum { TIME_AT = 8, ARN_AT = TIME_AT + 21 };
    char key[KEY_BYTES_MAX];
    size_t bytes;
    if (!tjob__base64_decode(&kv->key, key, sizeof key, &bytes) || bytes <= prefix.bytes + ARN_AT ||
        bytes > prefix.bytes + ARN_AT + TJOB_ARN_BYTES_MAX) {
        return false;
    }
    const char *rest = key + prefix.bytes;
    uint64_t latest_ms = 0;
    for (unsigned i = TIME_AT; i < ARN_AT - 1; i++) {
        const unsigned digit = (unsigned char)rest[i] - (unsigned)'0';
        if (digit > 9 || latest_ms > (UINT64_MAX - digit) / 10) {
            return false;
        }
        latest_ms = latest_ms * 10 + digit;
    }
    place->latest_ms = latest_ms;
    place->arn_bytes = (uint32_t)(bytes - prefix.bytes - ARN_AT);
    memcpy(place->arn, rest + ARN_AT, place->arn_bytes);
    return rest[ARN_AT - 1] == '/';
}

static bool list_read_job(etcd_call *call, const etcd_kv *kv, const etcd_place *place, tjob_listed_job *listed)
{
    listed->version = call->marker.base + kv->mod_revision;
    listed->arn_bytes = place->arn_bytes;
    memcpy(listed->arn, place->arn, place->arn_bytes);
    return tjob__etcd_record_read(call, kv, &listed->job) == TJOB_LOAD_OK && listed->job.state == place->state &&
           tjob_job_latest_ms(&listed->job) == place->latest_ms;
}

/* Reads the entries of the answer. Moves the place behind them. An entry that is damaged ends the page before it; if it
 * is the first one, it is skipped. */
static tjob_list_status list_take(etcd_call *call, const tjob_list_query *query, etcd_place *place,
                                  tjob_listed_job *jobs, uint32_t *count)
{
    etcd_kv kv;
    etcd_range entries = tjob__etcd_answer_range(&call->answer, 0);
    place->revision = place->revision != 0 ? place->revision : call->answer.revision;
    while (tjob__etcd_range_next(&entries, &kv)) {
        const etcd_place before = *place;
        if (!list_move(call->prefix, &kv, place)) {
            *count = 0; /* a foreign key: there is no place behind it */
            (void)tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "a key of the index is not one");
            return TJOB_LIST_UNAVAILABLE;
        }
        if (!list_read_job(call, &kv, place, &jobs[*count])) {
            if (*count == 0) {
                (void)tjob__etcd_call_note(call, TJOB_ETCD_DAMAGED, "a record is not that of its key of the index");
                return TJOB_LIST_SKIPPED;
            }
            *place = before;
            return TJOB_LIST_MORE;
        }
        (*count)++;
    }
    if (!entries.is_valid) {
        *count = 0;
        (void)tjob__etcd_call_note_range(call);
        return TJOB_LIST_UNAVAILABLE;
    }
    if (entries.more) {
        return TJOB_LIST_MORE;
    }
    *place = (etcd_place){.state = list_state_from(query, place->state + 1), .revision = place->revision};
    return place->state < TJOB_STATE_COUNT ? TJOB_LIST_MORE : TJOB_LIST_END;
}

/* ---- The list -------------------------------------------------------------------------------------------------- */

enum { CODE_OUT_OF_RANGE = 11 };

/* The revision of the list is compacted: it begins again, with the present one. */
static tjob_list_status list_begin_again(const tjob_list_query *query, etcd_place *place)
{
    *place = (etcd_place){.state = list_state_from(query, TJOB_ABSENT + 1)};
    return TJOB_LIST_MORE;
}

static tjob_list_status list_page(etcd_call *call, const tjob_list_query *query, etcd_place *place,
                                  tjob_listed_job *jobs, uint32_t capacity, uint32_t *count)
{
    const uint32_t limit = capacity < PAGE_JOBS_MAX ? capacity : PAGE_JOBS_MAX;
    tjob__etcd_request_page(tjob__etcd_call_writer(call), call->prefix, place, query->until_ms, limit);
    const etcd_outcome outcome = tjob__etcd_call_send(call, false);
    if (outcome.problem == TJOB_ETCD_REFUSED && call->answer.code == CODE_OUT_OF_RANGE && place->revision != 0) {
        return list_begin_again(query, place);
    }
    if (outcome.certainty != ETCD_DONE || tjob__etcd_call_marker(call, 1) != TJOB_ETCD_OK) {
        return TJOB_LIST_UNAVAILABLE;
    }
    return list_take(call, query, place, jobs, count);
}

static tjob_list_status etcd_store_list(void *context, void *user, const tjob_list_query *query,
                                        tjob_list_cursor *cursor, tjob_listed_job *jobs, uint32_t capacity,
                                        uint32_t *count)
{
    etcd_call call;
    etcd_place place;
    (void)user;
    *count = 0;
    if (!tjob_list_query_is_valid(query, capacity) || !list_read_cursor(query, cursor, &place)) {
        return TJOB_LIST_INVALID;
    }
    if (!tjob__etcd_call_begin(&call, context)) {
        return TJOB_LIST_UNAVAILABLE;
    }
    const tjob_list_status status = list_page(&call, query, &place, jobs, capacity, count);
    tjob__etcd_call_end(&call, status == TJOB_LIST_UNAVAILABLE || status == TJOB_LIST_SKIPPED);
    if (status == TJOB_LIST_MORE || status == TJOB_LIST_SKIPPED) {
        list_write_cursor(cursor, &place);
    }
    return status;
}

tjob_store_list tjob_etcd_store_list(tjob_etcd_store *store)
{
    return (tjob_store_list){.context = store, .list = etcd_store_list};
}
