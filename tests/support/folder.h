/* A folder for the files of a test, of its own and gone when the test is done. */
#ifndef TJOB_TESTS_FOLDER_H
#define TJOB_TESTS_FOLDER_H

enum { FOLDER_PATH_BYTES_MAX = 512 };

struct folder {
    char path[FOLDER_PATH_BYTES_MAX];
};

/* Makes one under TMPDIR, or /tmp; and removes it with the files in it. Both abort if they cannot. */
void folder_make(struct folder *folder);
void folder_remove(const struct folder *folder);

/* The path of a file in it, in memory of its own until the next call. */
const char *folder_file(const struct folder *folder, const char *name);

#endif
