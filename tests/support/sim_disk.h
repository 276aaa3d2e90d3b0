/*
 * A machine with a disk, in memory: files, names, locks, processes that die, functions that fail, and a power that goes
 * out.
 *
 * What is written is seen at once by everybody, and is durable when the file is synced; names are durable when their
 * folder is. When the power goes out, any subset of what is not durable survives, each write of it whole or torn.
 */
#ifndef TJOB_TESTS_SIM_DISK_H
#define TJOB_TESTS_SIM_DISK_H

#include "host/file_store/disk.h"

enum {
    SIM_FILES_MAX = 6,
    SIM_HANDLES_MAX = 16,
    SIM_WRITES_MAX = 512, /* that are not durable: then the oldest become so */
    SIM_LOCKS_MAX = 64,
    SIM_PATH_BYTES_MAX = 64,
    SIM_BLOCK_BYTES = 4096,
    SIM_SECTOR_BYTES = 512
};

/* What becomes of a write that the power interrupts. */
enum sim_tearing {
    SIM_TEARS_BYTES,  /* some first part of it is on the disk, or any of its sectors, to the byte */
    SIM_TEARS_BLOCKS, /* every block that it touches holds garbage */
};

/* The functions of the table. */
enum sim_function {
    SIM_OPEN,
    SIM_READ,
    SIM_WRITE,
    SIM_SYNC,
    SIM_SIZE,
    SIM_RESIZE,
    SIM_LOCK,
    SIM_NAMES,
    SIM_INHERIT,
    SIM_RENAME,
    SIM_REMOVE,
    SIM_SYNC_FOLDER,
    SIM_RANDOM,
    SIM_FUNCTION_COUNT,
    SIM_ANY_FUNCTION = SIM_FUNCTION_COUNT
};

struct sim_file {
    char path[SIM_PATH_BYTES_MAX];         /* "" if nothing names it */
    char durable_path[SIM_PATH_BYTES_MAX]; /* the name after a power cut */
    bool renamed;                          /* its name is not durable */
    bool linked;                           /* it has another name, or its path is a link */
    unsigned char *bytes;                  /* as everybody sees it */
    unsigned char *durable;                /* as the disk holds it */
    unsigned char *allocated;              /* a flag for each block */
    uint64_t size;
    unsigned owner; /* and permissions, as a number */
};

/* A write that is not durable. */
struct sim_write {
    unsigned file;
    uint64_t offset;
    size_t count;
    unsigned char *bytes;
};

struct sim_range {
    int handle;
    uint64_t begin;
    uint64_t end;
};

struct sim_process;

struct sim_disk {
    struct sim_file files[SIM_FILES_MAX];
    struct sim_write writes[SIM_WRITES_MAX];
    unsigned write_count;
    struct sim_range locks[SIM_LOCKS_MAX];
    unsigned lock_count;
    struct {
        struct sim_process *process; /* NULL: free */
        unsigned file;
        bool read_only;
    } handles[SIM_HANDLES_MAX];
    uint64_t file_bytes_max;
    uint64_t free_blocks; /* blocks that writes to holes can still take */
    uint64_t random;
    unsigned drawn; /* how often random bytes were asked for; all of an answer are its number */
    uint64_t shift; /* where on the disk byte 0 of every file stands, in its block: 0 where files are aligned */
};

/* A process on the machine, and what shall happen to it. */
struct sim_process {
    struct tjob_disk table; /* its functions */
    struct sim_disk *disk;
    int64_t number;
    unsigned calls[SIM_FUNCTION_COUNT + 1]; /* so far, of each function and of any */
    unsigned changes;                       /* so far, calls of functions that change something: see dies_at */
    enum sim_function fault_function;
    unsigned fault_from; /* from this call of fault_function on, counted from 1, 0 = never */
    unsigned fault_count;
    int64_t fault;    /* what it returns: below 0 an error; above, reads and writes do no more than that */
    bool fault_lies;  /* a failing write or sync has done something of what it was to do */
    unsigned dies_at; /* the call of a function that changes something, which it does not live to make; 0 = never */
    bool dead;
    uint64_t paused_us;
};

/* Sets up a machine whose files can have so many bytes; and takes it down. */
void sim_init(struct sim_disk *disk, uint64_t file_bytes_max, uint64_t seed);
void sim_destroy(struct sim_disk *disk);

/* Starts a process; and kills it: its files are closed, its locks gone, what it wrote is there. */
void sim_start(struct sim_process *process, struct sim_disk *disk);
void sim_kill(struct sim_process *process);

/* How many files a process has open. */
unsigned sim_files_open(const struct sim_process *process);

/* Makes a machine the copy of another that was set up with the same size. No process runs on it. */
void sim_copy(struct sim_disk *to, const struct sim_disk *from);

/* Cuts the power and turns it on again. All processes must have been killed. */
void sim_power_cut(struct sim_disk *disk, enum sim_tearing tearing);

/* The bytes of a file, to look at and to change; NULL if nothing has that name. */
unsigned char *sim_bytes(struct sim_disk *disk, const char *path, uint64_t *size);

#endif
