#define _POSIX_C_SOURCE 200809L /* NOLINT: for stat and opendir */

#include "cli/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "host/file_store/header.h"
#include "host/file_store/lock.h"

enum { HOLDERS_PATH_BYTES = 300, HOLDERS_LINE_BYTES = 256 };

struct holders {
    const tjob_file_store *store;
    struct stat file;
    bool json;
    bool any;      /* a process was printed */
    bool any_lock; /* a lock of the present process was printed */
};

/* ---- Locks ----------------------------------------------------------------------------------------------------- */

/* Prints which part of the store a lock covers. A process that waits for a bucket locks the bucket's turn. */
static void print_lock(struct holders *holders, uint64_t first, uint64_t last)
{
    FILE *out = holders->json ? stdout : stderr;
    const tjob_file_store *store = holders->store;
    const char *quote = holders->json ? "\"" : "";
    fprintf(out, "%s%s", holders->any_lock ? (holders->json ? "," : ", ") : "", quote);
    holders->any_lock = true;
    if (first == FILE_LOCK_TURNS_OFFSET + FILE_LOCK_HEADER) {
        fprintf(out, "waits for the header");
    } else if (first >= FILE_LOCK_TURNS_OFFSET) {
        fprintf(out, "waits for bucket %" PRIu64, first - FILE_LOCK_TURNS_OFFSET);
    } else if (last < (store != NULL ? store->begin : FILE_PAGE_BYTES)) {
        fprintf(out, "header");
    } else if (store == NULL) {
        fprintf(out, "buckets");
    } else {
        const uint32_t bytes = tjob__file_header_bucket_bytes(store->is_backup);
        const uint64_t bucket = first < store->begin ? 0 : (first - store->begin) / bytes;
        const uint64_t end = (last - store->begin) / bytes;
        const uint64_t last_bucket = end < store->buckets ? end : store->buckets - 1;
        fprintf(out, bucket == last_bucket ? "bucket %" PRIu64 : "buckets %" PRIu64 " to %" PRIu64, bucket,
                last_bucket);
    }
    fprintf(out, "%s", quote);
}

/* Reads a line "lock: N: OFDLCK ADVISORY WRITE -1 DEVICE:NUMBER FIRST LAST", where LAST may be EOF. */
static void read_lock(struct holders *holders, const char *line)
{
    char first[32];
    char last[32];
    if (sscanf(line, "lock: %*s OFDLCK %*s %*s %*s %*s %31s %31s", first, last) == 2) {
        print_lock(holders, strtoull(first, NULL, 10), strcmp(last, "EOF") == 0 ? INT64_MAX : strtoull(last, NULL, 10));
    }
}

static void read_locks(struct holders *holders, const char *process, const char *descriptor)
{
    char path[HOLDERS_PATH_BYTES];
    char line[HOLDERS_LINE_BYTES];
    (void)snprintf(path, sizeof path, "/proc/%s/fdinfo/%.20s", process, descriptor);
    FILE *info = fopen(path, "re");
    while (info != NULL && fgets(line, sizeof line, info) != NULL) {
        read_lock(holders, line);
    }
    if (info != NULL) {
        (void)fclose(info);
    }
}

/* ---- Processes ------------------------------------------------------------------------------------------------- */

static void begin_holder(struct holders *holders, const char *process)
{
    char path[HOLDERS_PATH_BYTES];
    char command[HOLDERS_LINE_BYTES] = "";
    (void)snprintf(path, sizeof path, "/proc/%s/comm", process);
    FILE *comm = fopen(path, "re");
    const bool is_known = comm != NULL && fgets(command, sizeof command, comm) != NULL;
    if (comm != NULL) {
        (void)fclose(comm);
    }
    const tjob_text text = {command, is_known ? strcspn(command, "\n") : 0};
    if (holders->json) {
        printf("%s{\"process\":%s,\"command\":", holders->any ? "," : "", process);
        output_quoted(stdout, text);
        printf(",\"locks\":[");
    } else {
        fprintf(stderr, "open in    process %s, ", process);
        output_plain(stderr, text);
        fprintf(stderr, "; its locks: ");
    }
    holders->any = true;
    holders->any_lock = false;
}

static void end_holder(const struct holders *holders)
{
    if (holders->json) {
        printf("]}");
    } else {
        fprintf(stderr, holders->any_lock ? "\n" : "none\n");
    }
}

/*
 * Returns whether a descriptor may be of the file, by its number, which the system tells without asking the file system
 * (since Linux 5.14; before, any may). The status of a file on a file system that does not answer would be waited for.
 */
static bool may_be_of_file(const struct holders *holders, const char *process, const char *descriptor)
{
    char path[HOLDERS_PATH_BYTES];
    char line[HOLDERS_LINE_BYTES];
    uint64_t number = holders->file.st_ino;
    (void)snprintf(path, sizeof path, "/proc/%s/fdinfo/%.20s", process, descriptor);
    FILE *info = fopen(path, "re");
    while (info != NULL && fgets(line, sizeof line, info) != NULL) {
        if (strncmp(line, "ino:", 4) == 0) {
            number = strtoull(line + 4, NULL, 10);
        }
    }
    if (info != NULL) {
        (void)fclose(info);
    }
    return number == holders->file.st_ino;
}

/* Prints a process if one of its descriptors is the file. */
static void print_holder(struct holders *holders, const char *process)
{
    char path[HOLDERS_PATH_BYTES];
    bool printed = false;
    (void)snprintf(path, sizeof path, "/proc/%s/fd", process);
    DIR *descriptors = opendir(path);
    for (struct dirent *entry = NULL; descriptors != NULL && (entry = readdir(descriptors)) != NULL;) {
        struct stat file;
        (void)snprintf(path, sizeof path, "/proc/%s/fd/%.20s", process, entry->d_name);
        if (!may_be_of_file(holders, process, entry->d_name) || stat(path, &file) != 0 ||
            file.st_dev != holders->file.st_dev || file.st_ino != holders->file.st_ino) {
            continue;
        }
        if (!printed) {
            begin_holder(holders, process);
        }
        printed = true;
        read_locks(holders, process, entry->d_name);
    }
    if (printed) {
        end_holder(holders);
    }
    if (descriptors != NULL) {
        (void)closedir(descriptors);
    }
}

void holders_print(const char *path, const tjob_file_store *store, bool json)
{
    struct holders holders = {.store = store, .json = json};
    DIR *processes = stat(path, &holders.file) == 0 ? opendir("/proc") : NULL;
    for (struct dirent *entry = NULL; processes != NULL && (entry = readdir(processes)) != NULL;) {
        const bool is_process = isdigit((unsigned char)entry->d_name[0]) != 0;
        if (is_process && strtol(entry->d_name, NULL, 10) != getpid()) {
            char name[HOLDERS_LINE_BYTES];
            (void)snprintf(name, sizeof name, "%.20s", entry->d_name);
            print_holder(&holders, name);
        }
    }
    if (processes != NULL) {
        (void)closedir(processes);
    }
}
