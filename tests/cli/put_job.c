/*
 * Puts a job into a store under any name, which the program would not: the host's grammar is not the store's affair.
 *
 *   put_job FILE NAME
 */
#include <string.h>

#include "tjob/file_store.h"

int main(int argc, char **argv)
{
    static const tjob_job job = {.submit_token = 1, .incarnation = 1, .submitted_ms = 1, .state = TJOB_SUBMITTED};
    tjob_file_store store;
    if (argc != 3 || tjob_file_store_open(&store, argv[1], 0) != TJOB_FILE_OK) {
        return 1;
    }
    const tjob_store callbacks = tjob_file_store_callbacks(&store);
    const tjob_text name = {argv[2], strlen(argv[2])};
    const tjob_swap_status status = callbacks.swap(callbacks.context, NULL, name, 0, &job);
    tjob_file_store_close(&store);
    return status == TJOB_SWAP_OK ? 0 : 1;
}
