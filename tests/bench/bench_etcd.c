/*
 * A stop through the store on etcd, beside a hand-written range and txn loop over the same libcurl, on the same server:
 * they take turns. Three loops: one that changes the record alone, one that keeps an entry for lists of jobs by their
 * state, too, as the store does, and one that opens a connection for each change, so that libcurl sends it once.
 *
 *   tjob_bench_etcd [STOPS [MEMBERS]]
 */
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "engines/etcd_servers.h"
#include "host/etcd/base64.h"
#include "tjob/etcd_store.h"
#include "tjob/tjob.h"

enum { CLIENTS = 8, TURNS = 5 };

static struct etcd_cluster cluster;
static tjob_etcd_store store;
static tjob_etcd_connection connections[CLIENTS];
static unsigned stops = 400; /* of each client, in each turn */
static unsigned turn;

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static tjob_text name_of(char name[TJOB_ARN_BYTES_MAX], unsigned client, unsigned number)
{
    const int bytes =
        snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:us-west-2:111122223333:entity-recognizer/t%uc%un%u",
                 turn, client, number);
    return (tjob_text){name, (size_t)bytes};
}

/* ---- Through the store ------------------------------------------------------------------------------------------- */

static tjob_job training(void)
{
    return (tjob_job){.submit_token = 1,
                      .incarnation = 1,
                      .trainer_token = 1,
                      .submitted_ms = 1000,
                      .training_started_ms = 2000,
                      .state = TJOB_TRAINING};
}

static void *make_jobs(void *argument)
{
    const unsigned client = (unsigned)(uintptr_t)argument;
    const tjob_store callbacks = tjob_etcd_store_callbacks(&store);
    const tjob_job job = training();
    for (unsigned i = 0; i < stops; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        if (callbacks.swap(callbacks.context, NULL, name_of(name, client, i), 0, &job) != TJOB_SWAP_OK) {
            abort();
        }
    }
    return NULL;
}

static void *stop_jobs(void *argument)
{
    const unsigned client = (unsigned)(uintptr_t)argument;
    const tjob_service service = {.store = tjob_etcd_store_callbacks(&store), .clock = tjob_system_clock()};
    for (unsigned i = 0; i < stops; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        tjob_outcome outcome;
        if (tjob_stop(&service, NULL, name_of(name, client, i), &outcome) != TJOB_OK) {
            abort();
        }
    }
    return NULL;
}

static void *load_jobs(void *argument)
{
    const unsigned client = (unsigned)(uintptr_t)argument;
    const tjob_store callbacks = tjob_etcd_store_callbacks(&store);
    for (unsigned i = 0; i < stops; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        tjob_job job;
        uint64_t version;
        if (callbacks.load(callbacks.context, NULL, name_of(name, client, i), &job, &version) != TJOB_LOAD_OK) {
            abort();
        }
    }
    return NULL;
}

/* ---- By hand ----------------------------------------------------------------------------------------------------- */

struct hand {
    CURL *easy;
    char body[4096];
    char answer[4096];
    size_t bytes;
};

static size_t receive(char *data, size_t size, size_t count, void *context)
{
    struct hand *hand = context;
    memcpy(hand->answer + hand->bytes, data, size * count);
    hand->bytes += size * count;
    hand->answer[hand->bytes] = '\0';
    return size * count;
}

static void post(struct hand *hand, const char *path, bool fresh)
{
    char url[512];
    long status = 0;
    snprintf(url, sizeof url, "%s%s", cluster.endpoints, path);
    hand->bytes = 0;
    curl_easy_setopt(hand->easy, CURLOPT_URL, url);
    curl_easy_setopt(hand->easy, CURLOPT_POSTFIELDS, hand->body);
    curl_easy_setopt(hand->easy, CURLOPT_FRESH_CONNECT, (long)fresh);
    curl_easy_setopt(hand->easy, CURLOPT_FORBID_REUSE, (long)fresh);
    if (curl_easy_perform(hand->easy) != CURLE_OK ||
        curl_easy_getinfo(hand->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK || status != 200) {
        abort();
    }
}

static void encode(char *out, size_t capacity, const void *bytes, size_t count)
{
    json_writer writer = {out, 0, capacity - 1};
    base64_encoder encoder = {0};
    tjob__base64_write(&encoder, &writer, (tjob_text){bytes, count});
    tjob__base64_end(&encoder, &writer);
    out[writer.bytes] = '\0';
}

/* What a loop by hand does. */
enum hand_kind { RECORD_ALONE, WITH_ENTRY, FRESH_CONNECTION, HAND_KINDS };

static const char *const hand_names[HAND_KINDS] = {"by hand", "by hand with the entry",
                                                   "by hand with fresh connections"};
static enum hand_kind hand_kind;

/* The key of the entry of a job in a state. */
static void encode_entry(char *out, size_t capacity, const char *key, unsigned state, unsigned long long latest_ms)
{
    char entry[400];
    snprintf(entry, sizeof entry, "hand/state/%u/%020llu/%s", state, latest_ms, key);
    encode(out, capacity, entry, strlen(entry));
}

static void stop_by_hand(struct hand *hand, const char *key)
{
    char entries[2][600];
    char more[2048] = "";
    char code[512];
    char value[128];
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    size_t count;
    tjob_job job;
    encode(code, sizeof code, key, strlen(key));
    snprintf(hand->body, sizeof hand->body, "{\"key\":\"%s\"}", code);
    post(hand, "/v3/kv/range", false);
    const char *revision = strstr(hand->answer, "\"mod_revision\":\"");
    const char *old = strstr(hand->answer, "\"value\":\"");
    if (revision == NULL || old == NULL) {
        abort();
    }
    const unsigned long long mod = strtoull(revision + 16, NULL, 10);
    const json_value string = {.begin = (const unsigned char *)old + 9,
                               .end = (const unsigned char *)strchr(old + 9, '"'),
                               .kind = JSON_STRING};
    if (!tjob__base64_decode(&string, bytes, sizeof bytes, &count) || tjob_job_decode(bytes, &job) != TJOB_JOB_VALID) {
        abort();
    }
    job.state = TJOB_STOP_REQUESTED;
    job.stop_requested_ms = 3000;
    tjob_job_encode(&job, bytes);
    encode(value, sizeof value, bytes, sizeof bytes);
    if (hand_kind == WITH_ENTRY) {
        encode_entry(entries[0], sizeof entries[0], key, TJOB_TRAINING, 2000);
        encode_entry(entries[1], sizeof entries[1], key, TJOB_STOP_REQUESTED, 3000);
        snprintf(more, sizeof more,
                 ",{\"request_put\":{\"key\":\"%s\",\"value\":\"%s\"}},{\"request_delete_range\":{\"key\":\"%s\"}}",
                 entries[1], value, entries[0]);
    }
    snprintf(hand->body, sizeof hand->body,
             "{\"compare\":[{\"key\":\"%s\",\"target\":\"MOD\",\"mod_revision\":\"%llu\"}],"
             "\"success\":[{\"request_put\":{\"key\":\"%s\",\"value\":\"%s\"}}%s]}",
             code, mod, code, value, more);
    post(hand, "/v3/kv/txn", hand_kind == FRESH_CONNECTION);
    if (strstr(hand->answer, "\"succeeded\":true") == NULL) {
        abort();
    }
}

static void make_by_hand(struct hand *hand, const char *key)
{
    char code[600];
    char value[128];
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    const tjob_job job = training();
    tjob_job_encode(&job, bytes);
    encode(value, sizeof value, bytes, sizeof bytes);
    encode(code, sizeof code, key, strlen(key));
    snprintf(hand->body, sizeof hand->body, "{\"key\":\"%s\",\"value\":\"%s\"}", code, value);
    post(hand, "/v3/kv/put", false);
    if (hand_kind == WITH_ENTRY) {
        encode_entry(code, sizeof code, key, TJOB_TRAINING, 2000);
        snprintf(hand->body, sizeof hand->body, "{\"key\":\"%s\",\"value\":\"%s\"}", code, value);
        post(hand, "/v3/kv/put", false);
    }
}

static unsigned hand_round;

static void *run_by_hand(void *argument)
{
    const unsigned client = (unsigned)(uintptr_t)argument;
    struct hand *hand = calloc(1, sizeof *hand);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    hand->easy = curl_easy_init();
    curl_easy_setopt(hand->easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(hand->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(hand->easy, CURLOPT_WRITEDATA, hand);
    curl_easy_setopt(hand->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(hand->easy, CURLOPT_NOSIGNAL, 1L);
    for (unsigned i = 0; i < stops; i++) {
        char key[320];
        char name[TJOB_ARN_BYTES_MAX];
        const tjob_text arn = name_of(name, client, i);
        snprintf(key, sizeof key, "%u/job/%.*s", (unsigned)hand_kind, (int)arn.bytes, arn.data);
        if (hand_round == 0) {
            make_by_hand(hand, key);
        } else {
            stop_by_hand(hand, key);
        }
    }
    curl_easy_cleanup(hand->easy);
    curl_slist_free_all(headers);
    free(hand);
    return NULL;
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

/* Microseconds of processors that this program, and the server, have used. */
static double used_us[2];

static void take_used(double sign)
{
    char path[64];
    char text[1024] = "";
    unsigned long user;
    unsigned long system;
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    used_us[0] += sign * ((double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1e6 +
                          (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec));
    snprintf(path, sizeof path, "/proc/%d/stat", (int)cluster.pids[0]);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, sizeof text, file) == NULL ||
        sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) {
        abort();
    }
    fclose(file);
    used_us[1] += sign * (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static double run(const char *what, void *(*body)(void *))
{
    pthread_t threads[CLIENTS];
    used_us[0] = used_us[1] = 0;
    take_used(-1);
    const double began = now_s();
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)i) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    const double rate = CLIENTS * stops / (now_s() - began);
    take_used(1);
    printf("  %s: %.0f/s, processor: client %.0f us, etcd %.0f us\n", what, rate, used_us[0] / (CLIENTS * stops),
           used_us[1] / (CLIENTS * stops));
    return rate;
}

static double by_hand(enum hand_kind kind)
{
    hand_kind = kind;
    hand_round = 0;
    run("(makes jobs)", run_by_hand);
    hand_round = 1;
    return run(hand_names[kind], run_by_hand);
}

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values)
{
    qsort(values, TURNS, sizeof values[0], ascending);
    return values[TURNS / 2];
}

int main(int argc, char **argv)
{
    double by_store[TURNS];
    double loads[TURNS];
    double by_hands[HAND_KINDS][TURNS];
    double ratios[HAND_KINDS][TURNS];
    stops = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : stops;
    const unsigned members = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    if (!etcd_is_installed()) {
        return 0;
    }
    etcd_cluster_start(&cluster, members, false, 0);
    cluster.endpoints[strcspn(cluster.endpoints, ",")] = '\0'; /* of several members, only the first is asked */
    const tjob_etcd_config config = {.endpoints = cluster.endpoints};
    if (tjob_etcd_store_init(&store, connections, CLIENTS, &config) != TJOB_ETCD_OK ||
        tjob_etcd_store_create(&store) != TJOB_ETCD_OK) {
        return EXIT_FAILURE;
    }
    for (turn = 0; turn < TURNS; turn++) {
        run("(makes jobs)", make_jobs);
        by_store[turn] = run("store", stop_jobs);
        for (unsigned kind = 0; kind < HAND_KINDS; kind++) {
            by_hands[kind][turn] = by_hand((enum hand_kind)kind);
            ratios[kind][turn] = by_store[turn] / by_hands[kind][turn];
        }
        loads[turn] = run("loads", load_jobs);
    }
    printf("%u members, %d clients, medians of %d turns of %u stops each: the store %.0f stops/s, %.0f loads/s\n",
           members, CLIENTS, TURNS, stops, median(by_store), median(loads));
    for (unsigned kind = 0; kind < HAND_KINDS; kind++) {
        printf("  %s: %.0f stops/s; the store reaches %.2f of it\n", hand_names[kind], median(by_hands[kind]),
               median(ratios[kind]));
    }
    tjob_etcd_store_close(&store);
    etcd_cluster_end(&cluster);
    return EXIT_SUCCESS;
}
