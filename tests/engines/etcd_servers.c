#include "etcd_servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void etcd_sleep_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static int etcd_shell(const char *command)
{
    const int status = system(command); /* NOLINT: a test of its own machine */
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool etcd_is_installed(void)
{
    if (etcd_shell("command -v etcd >/dev/null && command -v curl >/dev/null && command -v etcdctl >/dev/null") == 0) {
        return true;
    }
    puts("skipped: there is no etcd, etcdctl or curl");
    return false;
}

static uint16_t etcd_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        abort();
    }
    close(fd);
    return ntohs(address.sin_port);
}

/* ---- Members --------------------------------------------------------------------------------------------------- */

/* In the child: never returns. */
static void etcd_exec(const struct etcd_cluster *cluster, unsigned member)
{
    char name[16];
    char data[128];
    char client[64];
    char peer[64];
    char all[256] = "";
    char quota[32];
    char log[128];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(name, sizeof name, "m%u", member);
    snprintf(data, sizeof data, "%s/%s", cluster->folder, name);
    snprintf(log, sizeof log, "%s/%s.log", cluster->folder, name);
    snprintf(client, sizeof client, "http://%s:%u", cluster->hosts[member], cluster->client_ports[member]);
    snprintf(peer, sizeof peer, "http://%s:%u", cluster->hosts[member], cluster->peer_ports[member]);
    snprintf(quota, sizeof quota, "%llu", (unsigned long long)cluster->quota_bytes);
    for (unsigned i = 0; i < cluster->members; i++) {
        const size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%sm%u=http://%s:%u", i == 0 ? "" : ",", i, cluster->hosts[i],
                 cluster->peer_ports[i]);
    }
    const int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execlp("etcd", "etcd", "--name", name, "--data-dir", data, "--listen-client-urls", client,
           "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
           "--initial-cluster", all, "--initial-cluster-token", cluster->token, "--heartbeat-interval", "50",
           "--election-timeout", "500", "--quota-backend-bytes", quota, (char *)NULL);
    _exit(127);
}

/* Connects the namespace of a member, whose process waits for that, with the bridge of the test. */
static void etcd_connect_namespace(const struct etcd_cluster *cluster, unsigned member, pid_t pid)
{
    char command[512];
    snprintf(
        command, sizeof command,
        "ip link del v%u 2>/dev/null; ip link add v%u type veth peer name e0 netns %d && "
        "ip link set v%u master tjbr up && nsenter -t %d -n sh -c 'ip link set lo up && ip addr add %s/24 dev e0 && "
        "ip link set e0 up'",
        member, member, (int)pid, member, (int)pid, cluster->hosts[member]);
    if (etcd_shell(command) != 0) {
        fprintf(stderr, "cannot connect the namespace of a member\n");
        abort();
    }
}

void etcd_member_start(struct etcd_cluster *cluster, unsigned member)
{
    int ready[2];
    int go[2];
    char byte = 0;
    if (pipe(ready) != 0 || pipe(go) != 0) {
        abort();
    }
    const pid_t pid = fork();
    if (pid == 0) {
        if (cluster->isolated && unshare(CLONE_NEWNET) != 0) {
            _exit(126);
        }
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1) {
            _exit(125);
        }
        for (int fd = 3; fd < 1024; fd++) { /* sockets of the test's proxies, too */
            close(fd);
        }
        etcd_exec(cluster, member);
    }
    if (pid < 0 || read(ready[0], &byte, 1) != 1) {
        abort();
    }
    if (cluster->isolated) {
        etcd_connect_namespace(cluster, member, pid);
    }
    if (write(go[1], &byte, 1) != 1) {
        abort();
    }
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    close(go[1]);
    cluster->pids[member] = pid;
}

void etcd_member_signal(struct etcd_cluster *cluster, unsigned member, int signal)
{
    if (cluster->pids[member] == 0) {
        return;
    }
    kill(cluster->pids[member], signal);
    if (signal == SIGSTOP) {
        waitpid(cluster->pids[member], NULL, WUNTRACED); /* it stops when its threads do */
    }
    if (signal == SIGKILL) {
        waitpid(cluster->pids[member], NULL, 0);
        cluster->pids[member] = 0;
    }
}

void etcd_member_cut(struct etcd_cluster *cluster, unsigned member, bool cut)
{
    char command[64];
    snprintf(command, sizeof command, "ip link set v%u %s", member, cut ? "down" : "up");
    if (!cluster->isolated || etcd_shell(command) != 0) {
        abort();
    }
}

/* ---- Requests -------------------------------------------------------------------------------------------------- */

unsigned etcd_post(const struct etcd_cluster *cluster, unsigned member, const char *path, const char *body,
                   char *answer, unsigned capacity)
{
    char command[4096];
    char enter[64] = "";
    if (cluster->isolated) { /* from its own namespace, so that one that is cut off answers, too */
        snprintf(enter, sizeof enter, "nsenter -t %d -n ", (int)cluster->pids[member]);
    }
    snprintf(command, sizeof command, "%scurl -s -m 5 --noproxy '*' -w '\\n%%{http_code}' http://%s:%u%s -d '%s'",
             enter, cluster->hosts[member], cluster->client_ports[member], path, body);
    FILE *pipe = popen(command, "r"); /* NOLINT: the same */
    const size_t bytes = fread(answer, 1, capacity - 1, pipe);
    answer[bytes] = '\0';
    pclose(pipe);
    char *status = strrchr(answer, '\n');
    if (status == NULL) {
        return 0;
    }
    *status = '\0';
    return (unsigned)strtoul(status + 1, NULL, 10);
}

bool etcd_member_wait(const struct etcd_cluster *cluster, unsigned member)
{
    char answer[1024];
    for (int i = 0; i < 300; i++) {
        if (etcd_post(cluster, member, "/v3/kv/range", "{\"key\":\"AA==\"}", answer, sizeof answer) == 200) {
            return true;
        }
        etcd_sleep_ms(100);
    }
    return false;
}

static bool etcd_field(const char *json, const char *name, char *value, size_t capacity)
{
    const char *at = strstr(json, name);
    if (at == NULL) {
        return false;
    }
    at += strlen(name) + 3; /* ":" and the quotes */
    const size_t bytes = strcspn(at, "\"");
    snprintf(value, capacity, "%.*s", (int)bytes, at);
    return true;
}

unsigned etcd_cluster_leader(const struct etcd_cluster *cluster)
{
    char answer[2048];
    char leader[32];
    char member_id[32];
    for (unsigned i = 0; i < cluster->members; i++) {
        if (cluster->pids[i] != 0 &&
            etcd_post(cluster, i, "/v3/maintenance/status", "{}", answer, sizeof answer) == 200 &&
            etcd_field(answer, "\"leader\"", leader, sizeof leader) &&
            etcd_field(answer, "\"member_id\"", member_id, sizeof member_id) && strcmp(leader, member_id) == 0) {
            return i;
        }
    }
    return cluster->members;
}

int etcd_run(const struct etcd_cluster *cluster, const char *command)
{
    char line[2048] = "";
    const char *at = strstr(command, "%E");
    if (at == NULL) {
        return etcd_shell(command);
    }
    snprintf(line, sizeof line, "%.*s%s%s", (int)(at - command), command, cluster->endpoints, at + 2);
    return etcd_shell(line);
}

/* ---- Clusters -------------------------------------------------------------------------------------------------- */

static bool etcd_isolate(void)
{
    if (geteuid() != 0 || etcd_shell("command -v ip >/dev/null && command -v nsenter >/dev/null") != 0 ||
        unshare(CLONE_NEWNET) != 0) {
        return false;
    }
    return etcd_shell("ip link set lo up && ip link add tjbr type bridge && ip addr add 10.213.0.254/24 dev tjbr && "
                      "ip link set tjbr up") == 0;
}

/*
 * TJOB_ETCD_PARENT, else in memory where there is room: the servers sync as always, and a killed process loses what it
 * has not written.
 */
static void etcd_make_folder(struct etcd_cluster *cluster)
{
    const uint64_t needed = UINT64_C(4) << 30;
    const char *parent = getenv("TJOB_ETCD_PARENT");
    struct statvfs memory;
    if (parent == NULL) {
        const bool has_room = statvfs("/dev/shm", &memory) == 0 && access("/dev/shm", W_OK) == 0 &&
                              memory.f_bavail * memory.f_frsize >= needed;
        parent = has_room && cluster->quota_bytes < needed ? "/dev/shm" : "/tmp";
    }
    snprintf(cluster->folder, sizeof cluster->folder, "%s/tjob_etcd.XXXXXX", parent);
    if (mkdtemp(cluster->folder) == NULL) {
        abort();
    }
}

void etcd_cluster_start(struct etcd_cluster *cluster, unsigned members, bool isolated, uint64_t quota_bytes)
{
    *cluster = (struct etcd_cluster){.members = members, .quota_bytes = quota_bytes, .token = "tjob-test"};
    etcd_make_folder(cluster);
    cluster->isolated = isolated && etcd_isolate();
    for (unsigned i = 0; i < members; i++) {
        snprintf(cluster->hosts[i], sizeof cluster->hosts[i], cluster->isolated ? "10.213.0.%u" : "127.0.0.1", i + 1);
        cluster->client_ports[i] = cluster->isolated ? 2379 : etcd_free_port();
        cluster->peer_ports[i] = cluster->isolated ? 2380 : etcd_free_port();
        const size_t used = strlen(cluster->endpoints);
        snprintf(cluster->endpoints + used, sizeof cluster->endpoints - used, "%shttp://%s:%u", i == 0 ? "" : ",",
                 cluster->hosts[i], cluster->client_ports[i]);
    }
    for (unsigned i = 0; i < members; i++) {
        etcd_member_start(cluster, i);
    }
    for (unsigned i = 0; i < members; i++) {
        if (!etcd_member_wait(cluster, i)) {
            fprintf(stderr, "etcd does not start: see %s\n", cluster->folder);
            abort();
        }
    }
}

void etcd_cluster_end(struct etcd_cluster *cluster)
{
    char command[128];
    for (unsigned i = 0; i < cluster->members; i++) {
        etcd_member_signal(cluster, i, SIGKILL);
    }
    snprintf(command, sizeof command, "rm -r %s", cluster->folder);
    etcd_shell(command);
}
