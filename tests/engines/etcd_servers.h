/* Real servers of etcd for a test, in a temporary folder. They die with the test. */
#ifndef TJOB_TESTS_ETCD_SERVERS_H
#define TJOB_TESTS_ETCD_SERVERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ETCD_MEMBERS_MAX = 3, ETCD_ENDPOINTS_BYTES = 256 };

struct etcd_cluster {
    unsigned members;
    bool isolated;        /* each member in a network namespace of its own, so that it can be cut off */
    uint64_t quota_bytes; /* 0: the default */
    char folder[64];
    pid_t pids[ETCD_MEMBERS_MAX]; /* 0: not running */
    char hosts[ETCD_MEMBERS_MAX][16];
    uint16_t client_ports[ETCD_MEMBERS_MAX];
    uint16_t peer_ports[ETCD_MEMBERS_MAX];
    char endpoints[ETCD_ENDPOINTS_BYTES]; /* of all members */
    const char *token;                    /* of the cluster */
};

/* Returns whether there is an etcd to run; if not, says so and the test is to exit with 77. */
bool etcd_is_installed(void);

/* Starts a cluster and waits until it has a leader. `isolated`, where the machine does not allow it, becomes false. */
void etcd_cluster_start(struct etcd_cluster *cluster, unsigned members, bool isolated, uint64_t quota_bytes);

/* Kills all members, and removes the folder. */
void etcd_cluster_end(struct etcd_cluster *cluster);

/* Starts a member that was killed; sends one a signal (SIGKILL also waits for its end); waits until one answers a
 * linearizable read, for at most 30 seconds. */
void etcd_member_start(struct etcd_cluster *cluster, unsigned member);
void etcd_member_signal(struct etcd_cluster *cluster, unsigned member, int signal);
bool etcd_member_wait(const struct etcd_cluster *cluster, unsigned member);

/* Cuts an isolated member off from the others and from the test, or connects it again. */
void etcd_member_cut(struct etcd_cluster *cluster, unsigned member, bool cut);

/* Returns the member that leads, or `members` if none says so. */
unsigned etcd_cluster_leader(const struct etcd_cluster *cluster);

/* Runs a command of the shell, in which %E is the list of endpoints. Returns its exit code. */
int etcd_run(const struct etcd_cluster *cluster, const char *command);

/* Posts a body to a path of a member, by curl. Returns the status of HTTP, 0 for none; and the answer. */
unsigned etcd_post(const struct etcd_cluster *cluster, unsigned member, const char *path, const char *body,
                   char *answer, unsigned capacity);

#endif
