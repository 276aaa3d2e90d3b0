/*
 * The list of the store on etcd: what it lists is what is there, by states and times, in pages; and it costs as many
 * requests as there are pages of jobs that match, whatever else the store holds.
 *
 *   etcd_list [JOBS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etcd_proxy.h"
#include "etcd_servers.h"
#include "tjob/etcd_store.h"
#include "wire/json_writer.h"
#include "host/etcd/base64.h"

enum { PAGE = 64, DUE = 100 };

static unsigned failures;
static struct etcd_cluster cluster;
static struct etcd_proxy proxy;
static tjob_etcd_store store;
static tjob_etcd_connection connections[1];
static tjob_store callbacks;
static tjob_listed_job page[PAGE];

#define EXPECT_NUMBER(what, seen, wanted)                                                                              \
    expect((what), (unsigned long long)(seen), (unsigned long long)(wanted), __LINE__)

static void expect(const char *what, unsigned long long seen, unsigned long long wanted, int line)
{
    if (seen != wanted) {
        char message[TJOB_ETCD_MESSAGE_BYTES];
        tjob_etcd_store_message(&store, message);
        printf("line %d: %s: expected %llu, saw %llu (%s)\n", line, what, wanted, seen, message);
        failures++;
    }
}

static void open_store(const char *prefix)
{
    char endpoint[64];
    snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%u", proxy.port);
    const tjob_etcd_config config = {.endpoints = endpoint, .prefix = prefix};
    EXPECT_NUMBER("init", tjob_etcd_store_init(&store, connections, 1, &config), TJOB_ETCD_OK);
    EXPECT_NUMBER("create", tjob_etcd_store_create(&store), TJOB_ETCD_OK);
    callbacks = tjob_etcd_store_callbacks(&store);
}

static tjob_text name_of(char name[TJOB_ARN_BYTES_MAX], unsigned number)
{
    const int bytes =
        snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:r:111122223333:entity-recognizer/n%u", number);
    return (tjob_text){name, (size_t)bytes};
}

/* A job in a state that has the time `ms`. */
static tjob_job job_in(tjob_state state, uint64_t ms)
{
    tjob_job job = {.submit_token = 1, .incarnation = 1, .submitted_ms = ms, .state = (uint32_t)state};
    if (state == TJOB_TRAINING || state == TJOB_STOP_REQUESTED || state == TJOB_TRAINED) {
        job.trainer_token = 1;
        job.training_started_ms = ms;
    }
    job.stop_requested_ms = state == TJOB_STOP_REQUESTED || state == TJOB_STOPPED ? ms : 0;
    job.ended_ms = tjob_state_is_terminal(state) ? ms : 0;
    return job;
}

static void put(unsigned number, const tjob_job *job)
{
    char name[TJOB_ARN_BYTES_MAX];
    tjob_job old;
    uint64_t version;
    const tjob_text arn = name_of(name, number);
    EXPECT_NUMBER("load", callbacks.load(callbacks.context, NULL, arn, &old, &version) == TJOB_LOAD_UNAVAILABLE, false);
    EXPECT_NUMBER("swap", callbacks.swap(callbacks.context, NULL, arn, version, job), TJOB_SWAP_OK);
}

/* Lists all, checks that each matches and is what a load returns, and returns how many there are. */
static unsigned count_of(tjob_list_query query, uint32_t capacity, tjob_list_status *last)
{
    const tjob_store_list list = tjob_etcd_store_list(&store);
    tjob_list_cursor cursor = {{0}};
    unsigned total = 0;
    do {
        uint32_t count;
        *last = list.list(list.context, NULL, &query, &cursor, page, capacity, &count);
        for (uint32_t i = 0; i < count; i++) {
            tjob_job job;
            uint64_t version;
            const tjob_text arn = {page[i].arn, page[i].arn_bytes};
            EXPECT_NUMBER("a match", tjob_list_query_matches(&query, &page[i].job), true);
            if (total + i < 40) {
                EXPECT_NUMBER("load", callbacks.load(callbacks.context, NULL, arn, &job, &version), TJOB_LOAD_OK);
                EXPECT_NUMBER("version", page[i].version, version);
                EXPECT_NUMBER("the same", memcmp(&job, &page[i].job, sizeof job), 0);
            }
        }
        total += count;
    } while (*last == TJOB_LIST_MORE || *last == TJOB_LIST_SKIPPED);
    return total;
}

static void try_queries(void)
{
    static const tjob_state states[] = {TJOB_SUBMITTED, TJOB_TRAINING, TJOB_STOP_REQUESTED, TJOB_STOPPED, TJOB_TRAINED};
    tjob_list_status last;
    open_store("list/");
    EXPECT_NUMBER("none", count_of((tjob_list_query){0}, PAGE, &last), 0);
    EXPECT_NUMBER("last", last, TJOB_LIST_END);
    for (unsigned i = 0; i < 150; i++) {
        const tjob_job job = job_in(states[i % 5], 1000 + i);
        put(i, &job);
    }
    put(0, NULL); /* SUBMITTED */
    EXPECT_NUMBER("all", count_of((tjob_list_query){0}, 12, &last), 149);
    EXPECT_NUMBER("all", count_of((tjob_list_query){0}, PAGE, &last), 149);
    EXPECT_NUMBER("submitted", count_of((tjob_list_query){.states = TJOB_LIST_STATE(TJOB_SUBMITTED)}, 12, &last), 29);
    EXPECT_NUMBER("deleting", count_of((tjob_list_query){.states = TJOB_LIST_STATE(TJOB_DELETING)}, 12, &last), 0);
    EXPECT_NUMBER(
        "two",
        count_of((tjob_list_query){.states = TJOB_LIST_STATE(TJOB_STOPPED) | TJOB_LIST_STATE(TJOB_TRAINED)}, 12, &last),
        60);
    EXPECT_NUMBER("early", count_of((tjob_list_query){.until_ms = 1049}, 12, &last), 49);
    EXPECT_NUMBER("late", count_of((tjob_list_query){.until_ms = UINT64_MAX}, 12, &last), 149);
    EXPECT_NUMBER("before all", count_of((tjob_list_query){.until_ms = 999}, 12, &last), 0);
    for (unsigned i = 0; i < 150; i += 5) { /* each leaves its entry, and makes another */
        const tjob_job job = job_in(TJOB_STOPPED, 2000);
        put(i, &job);
    }
    EXPECT_NUMBER("submitted", count_of((tjob_list_query){.states = TJOB_LIST_STATE(TJOB_SUBMITTED)}, 12, &last), 0);
    EXPECT_NUMBER("all", count_of((tjob_list_query){0}, PAGE, &last), 150);
    EXPECT_NUMBER("one entry a job",
                  etcd_run(&cluster,
                           "test $(ETCDCTL_API=3 etcdctl --endpoints=%E get --prefix list/state/ --keys-only | "
                           "grep -c .) = 150"),
                  0);
    tjob_etcd_store_close(&store);
}

static void try_cursors(void)
{
    const tjob_store_list list = tjob_etcd_store_list(&store);
    const tjob_list_query all = {0};
    const tjob_list_query unknown = {.states = 1};
    tjob_list_cursor cursor = {{7}};
    tjob_list_cursor beginning = {{0}};
    uint32_t count;
    open_store("list/");
    EXPECT_NUMBER("cursor", list.list(list.context, NULL, &all, &cursor, page, 12, &count), TJOB_LIST_INVALID);
    EXPECT_NUMBER("page", list.list(list.context, NULL, &all, &beginning, page, 11, &count), TJOB_LIST_INVALID);
    EXPECT_NUMBER("query", list.list(list.context, NULL, &unknown, &beginning, page, 12, &count), TJOB_LIST_INVALID);
    /* What changes during a list is listed as it was when the list began. */
    EXPECT_NUMBER("first page", list.list(list.context, NULL, &all, &beginning, page, 12, &count), TJOB_LIST_MORE);
    const tjob_job job = job_in(TJOB_SUBMITTED, 1);
    put(149, &job); /* TRAINED before: it goes back behind the cursor */
    unsigned total = count;
    unsigned seen = 0;
    tjob_list_status status = TJOB_LIST_MORE;
    while (status == TJOB_LIST_MORE) {
        status = list.list(list.context, NULL, &all, &beginning, page, PAGE, &count);
        total += count;
        for (uint32_t i = 0; i < count; i++) {
            seen += page[i].job.state == TJOB_TRAINED && page[i].job.ended_ms == 1149;
        }
    }
    EXPECT_NUMBER("all", total, 150);
    EXPECT_NUMBER("as it was", seen, 1);
    /* A list whose revision is compacted begins again. */
    beginning = (tjob_list_cursor){{0}};
    EXPECT_NUMBER("first page", list.list(list.context, NULL, &all, &beginning, page, 12, &count), TJOB_LIST_MORE);
    put(149, &job);
    EXPECT_NUMBER("compact",
                  etcd_run(&cluster, "rev=$(ETCDCTL_API=3 etcdctl --endpoints=%E endpoint status -w json | grep -o "
                                     "'\"revision\":[0-9]*' | grep -o '[0-9]*'); ETCDCTL_API=3 etcdctl "
                                     "--endpoints=$TJOB_ENDPOINTS compact $rev >/dev/null"),
                  0);
    EXPECT_NUMBER("again", list.list(list.context, NULL, &all, &beginning, page, PAGE, &count), TJOB_LIST_MORE);
    EXPECT_NUMBER("no jobs", count, 0);
    total = 0;
    do {
        status = list.list(list.context, NULL, &all, &beginning, page, PAGE, &count);
        total += count;
    } while (status == TJOB_LIST_MORE);
    EXPECT_NUMBER("all", total, 150);
    /* An entry that is damaged is skipped, and no other. */
    EXPECT_NUMBER("damage",
                  etcd_run(&cluster, "key=$(ETCDCTL_API=3 etcdctl --endpoints=%E get --prefix list/state/4/ "
                                     "--keys-only --limit 5 | grep . | tail -1); ETCDCTL_API=3 etcdctl "
                                     "--endpoints=$TJOB_ENDPOINTS put $key damaged >/dev/null"),
                  0);
    EXPECT_NUMBER("all but one", count_of(all, 12, &status), 149);
    EXPECT_NUMBER("last", status, TJOB_LIST_END);
    tjob_etcd_store_close(&store);
}

/* ---- Many jobs --------------------------------------------------------------------------------------------------- */

static void put_base64(json_writer *writer, const char *bytes, size_t count)
{
    base64_encoder encoder = {0};
    tjob__base64_write(&encoder, writer, (tjob_text){bytes, count});
    tjob__base64_end(&encoder, writer);
}

/* As swaps would have written them, 60 jobs in one transaction of a file for curl. */
static void fill(unsigned jobs)
{
    enum { AT_ONCE = 60 };
    static char body[1 << 17];
    char path[128];
    char command[512];
    snprintf(path, sizeof path, "%s/body", cluster.folder);
    for (unsigned first = 0; first < jobs; first += AT_ONCE) {
        json_writer writer = {body, 0, sizeof body};
        tjob__json_write_string(&writer, "{\"success\":[");
        for (unsigned i = first; i < first + AT_ONCE && i < jobs; i++) {
            char key[512];
            char name[TJOB_ARN_BYTES_MAX];
            unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
            const tjob_text arn = name_of(name, i);
            const tjob_state state = i % 10 == 0 ? TJOB_STOP_REQUESTED : TJOB_TRAINED;
            const tjob_job job = job_in(state, i % (jobs / DUE) == 0 ? 5 : 1000000);
            tjob_job_encode(&job, bytes);
            for (unsigned which = 0; which < 2; which++) {
                const int length =
                    which == 0 ? snprintf(key, sizeof key, "many/job/%.*s", (int)arn.bytes, arn.data)
                               : snprintf(key, sizeof key, "many/state/%u/%020llu/%.*s", (unsigned)state,
                                          (unsigned long long)tjob_job_latest_ms(&job), (int)arn.bytes, arn.data);
                tjob__json_write_string(&writer, i == first && which == 0 ? "" : ",");
                tjob__json_write_string(&writer, "{\"request_put\":{\"key\":\"");
                put_base64(&writer, key, (size_t)length);
                tjob__json_write_string(&writer, "\",\"value\":\"");
                put_base64(&writer, (const char *)bytes, sizeof bytes);
                tjob__json_write_string(&writer, "\"}}");
            }
        }
        tjob__json_write_string(&writer, "]}");
        FILE *file = fopen(path, "w");
        if (file == NULL || fwrite(body, 1, writer.bytes, file) != writer.bytes || fclose(file) != 0) {
            abort();
        }
        snprintf(command, sizeof command, "curl -sf --noproxy '*' %s/v3/kv/txn -d @%s >/dev/null", cluster.endpoints,
                 path);
        EXPECT_NUMBER("fill", etcd_run(&cluster, command), 0);
    }
}

static void try_many(unsigned jobs)
{
    struct timespec began;
    struct timespec ended;
    tjob_list_status last;
    unsigned requests;
    unsigned swaps;
    unsigned opened;
    tjob_list_cursor cursor = {{0}};
    const tjob_list_query due = {.states = TJOB_LIST_STATE(TJOB_STOP_REQUESTED), .until_ms = 10};
    const tjob_store_list list = tjob_etcd_store_list(&store);
    open_store("many/");
    fill(jobs);
    unsigned total = 0;
    uint32_t count;
    etcd_proxy_counts(&proxy, &requests, &swaps, &opened);
    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        last = list.list(list.context, NULL, &due, &cursor, page, PAGE, &count);
        total += count;
    } while (last == TJOB_LIST_MORE);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    etcd_proxy_counts(&proxy, &requests, &swaps, &opened);
    EXPECT_NUMBER("due", total, DUE);
    EXPECT_NUMBER("requests", requests, 2);
    printf("%u due of %u jobs: %u requests, %.1f ms\n", total, jobs, requests,
           (double)(ended.tv_sec - began.tv_sec) * 1e3 + (double)(ended.tv_nsec - began.tv_nsec) / 1e6);
    EXPECT_NUMBER("stop requested",
                  count_of((tjob_list_query){.states = TJOB_LIST_STATE(TJOB_STOP_REQUESTED)}, PAGE, &last), jobs / 10);
    tjob_etcd_store_close(&store);
}

int main(int argc, char **argv)
{
    if (!etcd_is_installed()) {
        return 77;
    }
    etcd_cluster_start(&cluster, 1, false, UINT64_C(6) << 30);
    setenv("TJOB_ENDPOINTS", cluster.endpoints, 1);
    etcd_proxy_start(&proxy, cluster.hosts[0], cluster.client_ports[0]);
    if (argc < 2) {
        try_queries();
        try_cursors();
    }
    try_many(argc < 2 ? 20000 : (unsigned)strtoul(argv[1], NULL, 10));
    etcd_cluster_end(&cluster);
    printf("%u failures\n", failures);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
