#define _XOPEN_SOURCE 700 /* NOLINT: for mkdtemp */

#include "support/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void folder_make(struct folder *folder)
{
    const char *parent = getenv("TMPDIR");
    snprintf(folder->path, sizeof folder->path, "%s/tjob-test-XXXXXX", parent != NULL ? parent : "/tmp");
    if (mkdtemp(folder->path) == NULL) {
        abort();
    }
}

const char *folder_file(const struct folder *folder, const char *name)
{
    static char path[FOLDER_PATH_BYTES_MAX + 256];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    return path;
}

void folder_remove(const struct folder *folder)
{
    DIR *files = opendir(folder->path);
    if (files == NULL) {
        abort();
    }
    for (struct dirent *file = readdir(files); file != NULL; file = readdir(files)) {
        if (strcmp(file->d_name, ".") != 0 && strcmp(file->d_name, "..") != 0 &&
            unlink(folder_file(folder, file->d_name)) != 0) {
            abort();
        }
    }
    closedir(files);
    if (rmdir(folder->path) != 0) {
        abort();
    }
}
