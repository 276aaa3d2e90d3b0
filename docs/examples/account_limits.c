/*
 * A rate limit for each account: one bucket for each, in a small table of fixed size that threads share. The account is
 * the one in the ARN, which owns the job. An account takes a slot with its first request and keeps it. Accounts that
 * find no slot share one more bucket, so the table bounds the memory, and no account escapes a limit.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tjob/tjob.h"

/* ---- The limits ------------------------------------------------------------------------------------------------ */

enum { ACCOUNTS_MAX = 4, REQUESTS = 2, PER_MS = 1000, BURST = 3 };

struct account {
    _Atomic uint64_t number; /* one more than the account's 12 digits; 0 = a free slot */
    tjob_bucket bucket;
};

struct limits {
    struct account accounts[ACCOUNTS_MAX];
    tjob_bucket others;
};

static void limits_init(struct limits *limits)
{
    memset(limits, 0, sizeof *limits);
    tjob_limiter_set(&limits->others.limiter, REQUESTS, PER_MS, BURST);
    for (int i = 0; i < ACCOUNTS_MAX; i++) {
        limits->accounts[i].bucket.limiter = limits->others.limiter;
    }
}

/* Returns the account of a valid ARN, plus one: the 12 digits after the fourth colon. */
static uint64_t account_of(tjob_text arn)
{
    uint64_t number = 0;
    int colons = 0;
    for (size_t i = 0; i < arn.bytes && colons < 5; i++) {
        if (arn.data[i] == ':') {
            colons++;
        } else if (colons == 4) {
            number = 10 * number + (uint64_t)(arn.data[i] - '0');
        }
    }
    return number + 1;
}

/* Returns the bucket of an account: its own, that of a slot it takes now, or the one for all others. */
static tjob_bucket *find_bucket(struct limits *limits, uint64_t number)
{
    for (uint64_t i = 0; i < ACCOUNTS_MAX; i++) {
        struct account *account = &limits->accounts[(number + i) % ACCOUNTS_MAX];
        uint64_t found = 0; /* a free slot becomes this account's, unless another thread was faster: then the other's */
        if (atomic_compare_exchange_strong(&account->number, &found, number) || found == number) {
            return &account->bucket;
        }
    }
    return &limits->others;
}

static tjob_admission admit(void *context, void *user, tjob_text arn, const tjob_event *event, uint64_t now_ms)
{
    (void)user, (void)event;
    return tjob_bucket_admit(find_bucket(context, account_of(arn)), now_ms);
}

/* ---- The host: clients of several accounts --------------------------------------------------------------------- */

static struct limits limits;
static tjob_memory_store store;
static uint64_t memory[TJOB_MEMORY_STORE_BYTES(1) / sizeof(uint64_t)];
static tjob_service service;
static uint64_t now_ms = 1600000000000;

static uint64_t clock_now_ms(void *context, void *user)
{
    (void)context, (void)user;
    return now_ms;
}

/* An account describes a job of its own `times` times, at the same moment. */
static void describe(uint64_t account, int times)
{
    char arn[TJOB_ARN_BYTES_MAX];
    const int bytes =
        snprintf(arn, sizeof arn, "arn:aws:comprehend:us-west-2:%012" PRIu64 ":entity-recognizer/flowers", account);
    int throttled = 0;
    for (int i = 0; i < times; i++) {
        throttled += tjob_describe(&service, NULL, (tjob_text){arn, (size_t)bytes}, NULL) == TJOB_THROTTLED;
    }
    printf("  account %012" PRIu64 ": %d requests, %d throttled\n", account, times, throttled);
}

int main(void)
{
    limits_init(&limits);
    tjob_memory_store_init(&store, memory, sizeof memory, 1, NULL, NULL);
    service = (tjob_service){
        .store = tjob_memory_store_callbacks(&store),
        .clock = {NULL, clock_now_ms},
        .admitter = {&limits, admit},
    };

    printf("a busy account throttles no other:\n");
    describe(111122223333, 5);
    describe(444455556666, 2);
    describe(111122223333, 1);
    now_ms += PER_MS;
    printf("a second later:\n");
    describe(111122223333, 5);
    printf("accounts that found no slot share a bucket:\n");
    describe(0, 1);
    describe(999999999999, 1);
    describe(777788889999, 2);
    describe(888899990000, 2);
    return EXIT_SUCCESS;
}
