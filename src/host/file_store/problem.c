#include "tjob/file_store.h"

/* The name and the text of each problem. */
static const struct {
    const char *name;
    const char *text;
} problems[TJOB_FILE_PROBLEM_COUNT] = {
    [TJOB_FILE_OK] = {"OK", "no problem"},
    [TJOB_FILE_INVALID_ARGUMENT] = {"INVALID_ARGUMENT", "invalid argument"},
    [TJOB_FILE_NOT_LARGER] = {"NOT_LARGER", "the store is already that large"},
    [TJOB_FILE_LINKED] = {"LINKED", "the path is a symbolic link or a mount point, or the file has another hard link"},
    [TJOB_FILE_MISSING] = {"MISSING", "no such file or directory"},
    [TJOB_FILE_EXISTS] = {"EXISTS", "the file already exists"},
    [TJOB_FILE_NO_PERMISSION] = {"NO_PERMISSION", "permission denied"},
    [TJOB_FILE_NO_SPACE] = {"NO_SPACE", "the disk is full"},
    [TJOB_FILE_IO] = {"IO", "input/output error"},
    [TJOB_FILE_NOT_A_STORE] = {"NOT_A_STORE", "the file is not a store, or its creation did not finish"},
    [TJOB_FILE_OTHER_FORMAT] = {"OTHER_FORMAT", "unsupported file format; tjob store grow upgrades an older one"},
    [TJOB_FILE_TRUNCATED] = {"TRUNCATED", "the file is shorter than its header says"},
    [TJOB_FILE_DAMAGED] = {"DAMAGED", "the file is damaged"},
    [TJOB_FILE_BUSY] = {"BUSY", "timed out waiting for a lock"},
    [TJOB_FILE_SUPERSEDED] = {"SUPERSEDED", "the store was grown into another file, moved, removed or replaced"},
    [TJOB_FILE_FORKED] = {"FORKED", "the store was opened by another process"},
    [TJOB_FILE_FULL] = {"FULL", "the store is full"},
    [TJOB_FILE_NO_RESOURCES] = {"NO_RESOURCES", "out of file descriptors or memory"},
    [TJOB_FILE_NO_LOCKS] = {"NO_LOCKS", "the file system does not support locks, or has none left"},
    [TJOB_FILE_IN_USE] = {"IN_USE", "the file is in use as a mount point or a program"},
    [TJOB_FILE_READ_ONLY] = {"READ_ONLY", "the store is opened read-only, and this needs to write"},
    [TJOB_FILE_SAME_FILE] = {"SAME_FILE", "source and target are the same file"},
    [TJOB_FILE_BACKUP] = {"BACKUP", "the file is a backup, which can only be read: restore it"},
    [TJOB_FILE_NOT_A_BACKUP] = {"NOT_A_BACKUP", "the file is a store, not a backup of one"},
    [TJOB_FILE_NOT_DAMAGED] = {"NOT_DAMAGED", "the bucket is not damaged"},
    [TJOB_FILE_EXHAUSTED] = {"EXHAUSTED", "the store has no version left for a change"},
    [TJOB_FILE_INVALID_PATH] = {"INVALID_PATH",
                                "the path is empty or too long, names a folder, or is a loop of symbolic links"},
    [TJOB_FILE_UNSUPPORTED] = {"UNSUPPORTED", "the file system lacks a feature that a store needs"},
};

const char *tjob_file_problem_text(tjob_file_problem problem)
{
    return (unsigned)problem < TJOB_FILE_PROBLEM_COUNT ? problems[problem].text : "?";
}

const char *tjob_file_problem_name(tjob_file_problem problem)
{
    return (unsigned)problem < TJOB_FILE_PROBLEM_COUNT ? problems[problem].name : "?";
}
