#include "tjob/file_store.h"

/* The name and the sentence of each problem. */
static const struct {
    const char *name;
    const char *text;
} problems[TJOB_FILE_PROBLEM_COUNT] = {
    [TJOB_FILE_OK] = {"OK", "no problem"},
    [TJOB_FILE_INVALID_ARGUMENT] = {"INVALID_ARGUMENT", "an argument is not valid"},
    [TJOB_FILE_NOT_LARGER] = {"NOT_LARGER", "the store is that large already"},
    [TJOB_FILE_LINKED] = {"LINKED", "the path is a link or a mount, or the file has another name"},
    [TJOB_FILE_MISSING] = {"MISSING", "there is no such file or folder"},
    [TJOB_FILE_EXISTS] = {"EXISTS", "the file exists"},
    [TJOB_FILE_NO_PERMISSION] = {"NO_PERMISSION", "the system refuses access to the file"},
    [TJOB_FILE_NO_SPACE] = {"NO_SPACE", "the disk is full"},
    [TJOB_FILE_IO] = {"IO", "the system reports an error of input or output"},
    [TJOB_FILE_NOT_A_STORE] = {"NOT_A_STORE", "the file is not a store, or its creation did not come to its end"},
    [TJOB_FILE_OTHER_FORMAT] = {"OTHER_FORMAT",
                                "the file is of another format; tjob store grow brings an older one to that of today"},
    [TJOB_FILE_TRUNCATED] = {"TRUNCATED", "the file is shorter than its header says"},
    [TJOB_FILE_DAMAGED] = {"DAMAGED", "the file is damaged"},
    [TJOB_FILE_BUSY] = {"BUSY", "others have held a lock for too long"},
    [TJOB_FILE_SUPERSEDED] = {"SUPERSEDED", "the store has grown into another file, or was moved, removed or replaced"},
    [TJOB_FILE_FORKED] = {"FORKED", "the store was opened by another process"},
    [TJOB_FILE_FULL] = {"FULL", "the store is full"},
    [TJOB_FILE_NO_RESOURCES] = {"NO_RESOURCES", "the system has no file descriptor or no memory left for it"},
    [TJOB_FILE_NO_LOCKS] = {"NO_LOCKS", "the file system has no locks, or none left"},
    [TJOB_FILE_IN_USE] = {"IN_USE", "the system uses the file, as a mount point or a program"},
    [TJOB_FILE_UNSUPPORTED] = {"UNSUPPORTED", "the file system cannot do what a store needs"},
};

const char *tjob_file_problem_text(tjob_file_problem problem)
{
    return (unsigned)problem < TJOB_FILE_PROBLEM_COUNT ? problems[problem].text : "?";
}

const char *tjob_file_problem_name(tjob_file_problem problem)
{
    return (unsigned)problem < TJOB_FILE_PROBLEM_COUNT ? problems[problem].name : "?";
}
