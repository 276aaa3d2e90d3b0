/*
 * Eight clients on a few jobs, on three members whose faults follow a script: kill -9 and SIGSTOP of the leader and of
 * followers, no quorum, members that are cut off where the machine allows it, a full database, lost and late requests
 * and answers. Each call is logged, and `tjob history check` checks the log.
 *
 *   etcd_faults TJOB SECONDS [MISTAKE]
 *
 * With a mistake seeded between the service and the store, the log must not be linearizable.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "etcd_proxy.h"
#include "etcd_servers.h"
#include "host/etcd/answer.h"
#include "host/etcd/base64.h"
#include "tjob/etcd_store.h"
#include "tjob/tjob.h"

enum {
    MEMBERS = 3,
    CLIENTS = 8,
    HANDLES = 2,
    CONNECTIONS = CLIENTS / HANDLES + 1 /* for purges */,
    JOBS = 3,
    ROUND_MS = 1600,
    WAIT_MS = 700,
    QUOTA_BYTES = 32 << 20
};

static struct etcd_cluster cluster;
static struct etcd_proxy proxies[MEMBERS];
static tjob_etcd_store stores[HANDLES];
static tjob_etcd_connection connections[HANDLES][CONNECTIONS];
static atomic_uint current_round;
static atomic_bool done;
static atomic_uint faults;
static atomic_uint outcomes[TJOB_STATUS_COUNT];
static atomic_uint_fast64_t last_id;
static FILE *log_file;

static void sleep_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* ---- The log ----------------------------------------------------------------------------------------------------- */

static void log_begin(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)context;
    (void)user;
    *tag = atomic_fetch_add(&last_id, 1) + 1;
    fwrite(line, 1, tjob_history_log_write_invocation(*tag, UINT64_MAX, span->arn, span->event, line, sizeof line),
           log_file);
}

static void log_end(void *context, void *user, const tjob_span *span, uint64_t *tag)
{
    char line[TJOB_HISTORY_LOG_LINE_BYTES_MAX];
    (void)context;
    (void)user;
    fwrite(line, 1, tjob_history_log_write_answer(*tag, UINT64_MAX, span->outcome, line, sizeof line), log_file);
}

/* ---- Mistakes ---------------------------------------------------------------------------------------------------- */

static atomic_uint false_alarms;

static tjob_load_status load_well(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    const tjob_store store = tjob_etcd_store_callbacks(context);
    const tjob_load_status status = store.load(context, user, arn, job, version);
    atomic_fetch_add(&false_alarms,
                     status == TJOB_LOAD_UNAVAILABLE && tjob_etcd_store_problem(context) == TJOB_ETCD_RESTORED);
    return status;
}

static tjob_swap_status swap_well(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    const tjob_store store = tjob_etcd_store_callbacks(context);
    return store.swap(context, user, arn, expected, next);
}

/* A lost answer is taken for a failure. */
static tjob_swap_status swap_failed(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    const tjob_swap_status status = swap_well(context, user, arn, expected, next);
    return status == TJOB_SWAP_UNKNOWN ? TJOB_SWAP_UNAVAILABLE : status;
}

/* It is sent again, and the second answer counts. */
static tjob_swap_status swap_again(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    tjob_swap_status status = swap_well(context, user, arn, expected, next);
    for (int i = 0; i < 20 && status == TJOB_SWAP_UNKNOWN; i++) {
        status = swap_well(context, user, arn, expected, next);
    }
    return status;
}

/* The version that stands now counts, not that of the load. */
static tjob_swap_status swap_blindly(void *context, void *user, tjob_text arn, uint64_t expected, const tjob_job *next)
{
    tjob_job job;
    (void)expected;
    sleep_ms(3); /* so that others come between */
    const tjob_load_status status = load_well(context, user, arn, &job, &expected);
    return status == TJOB_LOAD_UNAVAILABLE ? TJOB_SWAP_UNAVAILABLE : swap_well(context, user, arn, expected, next);
}

/* Every other load is a serializable read of the member that is cut off, which answers from what it has. */
static tjob_load_status load_stale(void *context, void *user, tjob_text arn, tjob_job *job, uint64_t *version)
{
    static atomic_uint turn;
    char body[1024];
    char text[4096];
    char key[TJOB_ARN_BYTES_MAX + 32];
    unsigned char bytes[TJOB_JOB_ENCODED_BYTES];
    size_t count;
    etcd_kv kv;
    const tjob_load_status status = load_well(context, user, arn, job, version);
    if (atomic_fetch_add(&turn, 1) % 2 == 0) {
        return status;
    }
    json_writer writer = {body, 0, sizeof body - 1};
    base64_encoder encoder = {0};
    tjob__json_write_string(&writer, "{\"success\":[{\"request_range\":{\"serializable\":true,\"key\":\"");
    const int length = snprintf(key, sizeof key, "faults/job/%.*s", (int)arn.bytes, arn.data);
    tjob__base64_write(&encoder, &writer, (tjob_text){key, (size_t)length});
    tjob__base64_end(&encoder, &writer);
    tjob__json_write_string(&writer, "\"}}]}");
    body[writer.bytes] = '\0';
    if (etcd_post(&cluster, MEMBERS - 1, "/v3/kv/txn", body, text, sizeof text) != 200) {
        return status;
    }
    const etcd_answer answer = tjob__etcd_answer_read((tjob_text){text, strlen(text)});
    etcd_range range = tjob__etcd_answer_range(&answer, 0);
    if (tjob__etcd_range_next(&range, &kv) && tjob__base64_decode(&kv.value, bytes, sizeof bytes, &count) &&
        count == sizeof bytes && tjob_job_decode(bytes, job) == TJOB_JOB_VALID) {
        return TJOB_LOAD_OK;
    }
    *version = 0;
    return TJOB_LOAD_NOT_FOUND;
}

static const struct mistake {
    const char *name;
    tjob_load_status (*load)(void *, void *, tjob_text, tjob_job *, uint64_t *);
    tjob_swap_status (*swap)(void *, void *, tjob_text, uint64_t, const tjob_job *);
    bool needs_cut;
} mistakes[] = {
    {"none", load_well, swap_well, false},        {"lost-is-failure", load_well, swap_failed, false},
    {"sent-again", load_well, swap_again, false}, {"no-version-check", load_well, swap_blindly, false},
    {"stale-reads", load_stale, swap_well, true},
};

static const struct mistake *seeded = &mistakes[0];

/* ---- The clients ------------------------------------------------------------------------------------------------- */

static tjob_service service_of(unsigned handle)
{
    return (tjob_service){.store = {&stores[handle], seeded->load, seeded->swap},
                          .clock = tjob_system_clock(),
                          .observer = {NULL, log_begin, log_end}};
}

static tjob_text name_of(char name[TJOB_ARN_BYTES_MAX], unsigned round, unsigned job)
{
    const int bytes =
        snprintf(name, TJOB_ARN_BYTES_MAX, "arn:aws:comprehend:r:111122223333:entity-recognizer/r%uj%u", round, job);
    return (tjob_text){name, (size_t)bytes};
}

static void *use(void *argument)
{
    const unsigned client = (unsigned)(uintptr_t)argument;
    const tjob_service service = service_of(client % HANDLES);
    const char *repetition = getenv("TJOB_REPETITION");
    uint64_t state = client + CLIENTS * (repetition != NULL ? strtoull(repetition, NULL, 10) : 0);
    while (!atomic_load(&done)) {
        char name[TJOB_ARN_BYTES_MAX];
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); /* Knuth's, of MMIX */
        const uint32_t kind = (uint32_t)((state >> 50) % TJOB_EVENT_KIND_COUNT);
        const bool is_of_trainer = kind == TJOB_START || (kind >= TJOB_HALTED && kind <= TJOB_TRAINER_LOST);
        const tjob_event event = {.kind = kind,
                                  .token = atomic_load(&last_id) * CLIENTS + client + 1,
                                  .trainer_token = is_of_trainer ? 7 : 0};
        const tjob_text arn = name_of(name, atomic_load(&current_round), (unsigned)(state >> 40) % JOBS);
        atomic_fetch_add(&outcomes[tjob_perform(&service, NULL, arn, &event, NULL)], 1);
    }
    return NULL;
}

/* ---- The script -------------------------------------------------------------------------------------------------- */

static unsigned member_of(unsigned offset)
{
    const unsigned leader = etcd_cluster_leader(&cluster);
    return ((leader == MEMBERS ? 0 : leader) + offset) % MEMBERS;
}

static void signal_for(unsigned offset, long ms)
{
    const unsigned member = member_of(offset);
    etcd_member_signal(&cluster, member, SIGSTOP);
    sleep_ms(ms);
    etcd_member_signal(&cluster, member, SIGCONT);
}

static void kill_for(unsigned offset, long ms)
{
    const unsigned member = member_of(offset);
    etcd_member_signal(&cluster, member, SIGKILL);
    sleep_ms(ms);
    etcd_member_start(&cluster, member);
}

static void cut_for(unsigned offset, long ms)
{
    const unsigned member = member_of(offset);
    if (!cluster.isolated) {
        signal_for(offset, ms);
        return;
    }
    etcd_member_cut(&cluster, member, true);
    sleep_ms(ms);
    etcd_member_cut(&cluster, member, false);
}

static void stop_quorum_for(unsigned offset, long ms)
{
    const unsigned leader = member_of(offset);
    etcd_member_signal(&cluster, (leader + 1) % MEMBERS, SIGSTOP);
    etcd_member_signal(&cluster, (leader + 2) % MEMBERS, SIGSTOP);
    sleep_ms(ms);
    etcd_member_signal(&cluster, (leader + 1) % MEMBERS, SIGCONT);
    etcd_member_signal(&cluster, (leader + 2) % MEMBERS, SIGCONT);
}

/* Until writes are refused for want of space; afterwards there is space again, and the alarm is put off. */
static void fill_for(unsigned offset, long ms)
{
    (void)offset;
    etcd_run(&cluster,
             "head -c 1000000 /dev/zero | tr '\\0' x >$TJOB_FOLDER/fill; for i in $(seq 100); do ETCDCTL_API=3 "
             "etcdctl --endpoints=%E put fill$i <$TJOB_FOLDER/fill || break; done >/dev/null 2>&1");
    sleep_ms(ms);
    if (etcd_run(&cluster, "export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=%E ETCDCTL_COMMAND_TIMEOUT=60s; exec >/dev/null "
                           "2>&1; etcdctl del --prefix fill && "
                           "etcdctl compact --physical $(etcdctl get fill -w json | grep -o '\"revision\":[0-9]*' | "
                           "tr -dc 0-9) && etcdctl defrag && etcdctl alarm disarm") != 0) {
        fputs("cannot make room\n", stderr);
        abort();
    }
}

static void nothing_for(unsigned offset, long ms)
{
    (void)offset;
    sleep_ms(ms);
}

static const struct {
    const char *name;
    void (*make)(unsigned offset, long ms);
    unsigned offset; /* from the leader */
    unsigned wait_ms;
} script[] = {
    {"nothing else", nothing_for, 0, 300},          {"kill -9 of the leader", kill_for, 0, 600},
    {"SIGSTOP of the leader", signal_for, 0, 1200}, {"the leader is cut off", cut_for, 0, 1200},
    {"kill -9 of a follower", kill_for, 1, 600},    {"no quorum", stop_quorum_for, 0, 1000},
    {"a follower is cut off", cut_for, 1, 800},     {"a full database", fill_for, 0, 1000},
};

static uint64_t purged;

/* Purges beside the clients, whose late creations must not come back. */
static void purge(void)
{
    uint64_t count;
    (void)tjob_etcd_store_purge(&stores[1], &count);
    purged += count;
}

/* What is lost on the way in each round, besides the fault of the script. */
static void lose_some(unsigned round)
{
    static const enum etcd_fault kinds[] = {PROXY_ANSWER_LOST, PROXY_REQUEST_LOST, PROXY_WRITE_LATE, PROXY_ANSWER_LOST,
                                            PROXY_STATUS_ONLY};
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned member = 0; member < MEMBERS; member++) {
            etcd_proxy_inject(&proxies[member], kinds[(round + i + member) % 5], "request_put", false);
        }
        sleep_ms(60);
        purge();
    }
}

/* Ends what the proxies hold back, which needs a server that answers. */
static void heal_all(void)
{
    for (unsigned member = 0; member < MEMBERS; member++) {
        etcd_member_wait(&cluster, member);
    }
    for (unsigned member = 0; member < MEMBERS; member++) {
        atomic_fetch_add(&faults, etcd_proxy_heal(&proxies[member]));
    }
}

static void run_round(unsigned round)
{
    const unsigned step = seeded == &mistakes[0] ? round % (sizeof script / sizeof script[0]) : 0;
    atomic_store(&current_round, round);
    lose_some(round);
    script[step].make(script[step].offset, script[step].wait_ms);
    atomic_fetch_add(&faults, step != 0);
    if (!seeded->needs_cut) {
        heal_all();
    }
}

/* ---- The run ----------------------------------------------------------------------------------------------------- */

static void open_handles(void)
{
    for (unsigned handle = 0; handle < HANDLES; handle++) {
        char endpoints[256] = "";
        const unsigned count = seeded->needs_cut ? MEMBERS - 1 : MEMBERS;
        for (unsigned i = 0; i < count; i++) {
            const size_t used = strlen(endpoints);
            snprintf(endpoints + used, sizeof endpoints - used, "%shttp://127.0.0.1:%u", i == 0 ? "" : ",",
                     proxies[(i + handle) % count].port);
        }
        const tjob_etcd_config config = {
            .endpoints = endpoints, .prefix = "faults/", .wait_ms = WAIT_MS, .connect_ms = 200};
        if (tjob_etcd_store_init(&stores[handle], connections[handle], CONNECTIONS, &config) != TJOB_ETCD_OK) {
            abort();
        }
    }
    while (tjob_etcd_store_create(&stores[0]) != TJOB_ETCD_OK) {
    }
}

static void describe_all(unsigned rounds)
{
    const tjob_service service = service_of(0);
    for (unsigned i = 0; i < rounds * JOBS; i++) {
        char name[TJOB_ARN_BYTES_MAX];
        tjob_outcome outcome;
        tjob_describe(&service, NULL, name_of(name, i / JOBS, i % JOBS), &outcome);
    }
}

static unsigned run(unsigned seconds)
{
    pthread_t threads[CLIENTS];
    struct timespec began;
    struct timespec now;
    unsigned round = 0;
    if (seeded->needs_cut) {
        etcd_member_cut(&cluster, MEMBERS - 1, true);
        sleep_ms(1500); /* the others elect one of them, if it led */
    }
    open_handles();
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_create(&threads[i], NULL, use, (void *)(uintptr_t)i);
    }
    do {
        run_round(round++);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - began.tv_sec < (time_t)seconds);
    atomic_store(&done, true);
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    describe_all(round);
    return round;
}

int main(int argc, char **argv)
{
    char path[128];
    char command[512];
    if (argc < 3 || !etcd_is_installed()) {
        return argc < 3 ? 2 : 77;
    }
    for (unsigned i = 0; argc == 4 && i < sizeof mistakes / sizeof mistakes[0]; i++) {
        seeded = strcmp(mistakes[i].name, argv[3]) == 0 ? &mistakes[i] : seeded;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    etcd_cluster_start(&cluster, MEMBERS, true, QUOTA_BYTES);
    setenv("TJOB_FOLDER", cluster.folder, 1);
    if (seeded->needs_cut && !cluster.isolated) {
        puts("skipped: no network namespaces");
        etcd_cluster_end(&cluster);
        return 77;
    }
    for (unsigned i = 0; i < MEMBERS; i++) {
        etcd_proxy_start(&proxies[i], cluster.hosts[i], cluster.client_ports[i]);
    }
    snprintf(path, sizeof path, "%s.log", cluster.folder);
    log_file = fopen(path, "w");
    const unsigned rounds = run((unsigned)strtoul(argv[2], NULL, 10));
    fclose(log_file);
    printf("%llu tombstones purged\n", (unsigned long long)purged);
    printf("%llu calls by %d clients in %u rounds of %d jobs; %u faults; members %s; mistake: %s\n",
           (unsigned long long)last_id, CLIENTS, rounds, JOBS, faults,
           cluster.isolated ? "in network namespaces" : "on loopback", seeded->name);
    for (unsigned i = 0; i < HANDLES; i++) {
        char message[TJOB_ETCD_MESSAGE_BYTES];
        tjob_etcd_store_message(&stores[i], message);
        printf("the latest problem: %s\n", message);
        tjob_etcd_store_close(&stores[i]);
    }
    etcd_cluster_end(&cluster);
    for (unsigned i = 0; i < TJOB_STATUS_COUNT; i++) {
        printf("%s%u %s%s", i == 0 ? "" : ", ", outcomes[i], tjob_status_name((tjob_status)i),
               i + 1 < TJOB_STATUS_COUNT ? "" : "\n");
    }
    snprintf(command, sizeof command,
             "%s history check %s --no-explain >%s.verdicts; code=$?; tail -1 %s.verdicts; exit $code", argv[1], path,
             path, path);
    const int code = etcd_run(&cluster, command);
    snprintf(command, sizeof command, "%s.verdicts", path);
    remove(command);
    if (false_alarms != 0) {
        printf("etcd seemed restored %u times\n", false_alarms);
        return EXIT_FAILURE;
    }
    if (code == (seeded != &mistakes[0])) {
        remove(path);
        return EXIT_SUCCESS;
    }
    printf("tjob history check exits with %d: see %s\n", code, path);
    return EXIT_FAILURE;
}
