/*
 * Runs a target without a fuzzer: on each file given, on each file of each folder given, and with --mutations N on N
 * variations of each. Fails if there was nothing to run.
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "support/random.h"
#include "target.h"

enum { INPUT_BYTES_MAX = 65536 };

struct input {
    uint8_t data[INPUT_BYTES_MAX];
    size_t size;
};

static unsigned long runs;

/* On the heap, without a byte to spare: a read beyond the end is seen. */
static void run(const struct input *input)
{
    uint8_t *exact = malloc(input->size != 0 ? input->size : 1);
    if (exact == NULL) {
        abort();
    }
    memcpy(exact, input->data, input->size);
    (void)LLVMFuzzerTestOneInput(exact, input->size);
    free(exact);
    runs++;
}

/* Changes, inserts, drops or doubles a few bytes. */
static void vary(struct input *input, uint64_t *random)
{
    for (uint64_t changes = 1 + next_random(random) % 4; changes != 0; changes--) {
        const size_t at = input->size != 0 ? next_random(random) % input->size : 0;
        const size_t left = input->size - at;
        switch (next_random(random) % 4) {
        case 0:
            input->data[at] = (uint8_t)next_random(random);
            break;
        case 1:
            if (input->size != 0 && input->size < INPUT_BYTES_MAX) {
                memmove(input->data + at + 1, input->data + at, left);
                input->data[at] = (uint8_t)next_random(random);
                input->size++;
            }
            break;
        case 2:
            if (left > 1) {
                memmove(input->data + at, input->data + at + 1, left - 1);
                input->size--;
            }
            break;
        default:
            if (input->size + left <= INPUT_BYTES_MAX) {
                memcpy(input->data + input->size, input->data + at, left);
                input->size += left;
            }
            break;
        }
    }
}

static bool run_file(const char *path, unsigned long mutations)
{
    static struct input seed;
    static struct input varied;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    seed.size = fread(seed.data, 1, sizeof seed.data, file);
    fclose(file);
    run(&seed);
    uint64_t random = 1;
    for (unsigned long i = 0; i < mutations; i++) {
        varied = seed;
        vary(&varied, &random);
        run(&varied);
    }
    return true;
}

static bool run_path(const char *path, unsigned long mutations)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return run_file(path, mutations);
    }
    bool done = true;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char file[1024];
        const int length = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length < (int)sizeof file) {
            done = run_file(file, mutations) && done;
        }
    }
    closedir(folder);
    return done;
}

int main(int argc, char **argv)
{
    unsigned long mutations = 0;
    bool done = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--mutations") == 0 && i + 1 < argc) {
            mutations = strtoul(argv[++i], NULL, 10);
        } else {
            done = run_path(argv[i], mutations) && done;
        }
    }
    printf("%lu inputs\n", runs);
    return done && runs != 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
